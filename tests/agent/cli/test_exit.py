"""agent/cli/exit.py: every exit code, by what leads to it. They are an interface; runbooks branch on them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest

from agent.cli import exit as codes
from agent.delivery.reading import CURRENT
from tests.hosts.trees import STATUS, plant, stanza

HOLD = "import sys; from agent.worker.state import lock; lock(sys.argv[1]); print('held', flush=True); sys.stdin.read()"


def test_the_codes_are_those_of_the_documentation() -> None:
    documented = {"OK": 0, "INTERNAL": 1, "USAGE": 2, "PARTIAL": 3, "FINDINGS": 4}
    documented.update({"NOT_DELIVERED": 5, "LOCKED": 6, "TIMEOUT": 124})
    assert {name: value for name, value in vars(codes).items() if name.isupper()} == documented


def test_0_when_all_is_well(stocktake, root) -> None:
    done = stocktake("scan", "packages", "--root", root)
    assert (done.returncode, done.stderr) == (0, "")


def test_0_when_a_section_that_was_not_asked_for_is_unsupported(stocktake, root) -> None:
    done = stocktake("scan", "--root", root)
    assert done.returncode == 0
    assert "PORTS: unsupported" in done.stdout


def test_1_when_the_output_cannot_be_written_in_one_line_and_no_traceback(stocktake, root) -> None:
    with open("/dev/full", "wb") as full:
        done = stocktake("scan", "packages", "--root", root, stdout=full)
    assert done.returncode == 1
    assert done.stderr.startswith("stocktake: No space left on device at agent/cli/")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("nonsense",),
        ("scan", "--nonsense"),
        ("scan", "--format", "xml"),
        ("scan", "--timeout", "soon"),
        ("scan", "--timeout", "0"),
        ("scan", "--timeout", "nan"),
        ("scan", "--timeout", "86401"),
        ("scan", "integrity", "--only", "contradicts,wrong"),
        ("scan", "integrity", "--only", ""),
        ("scan", "integrity", "--fail-on", "Contradicts"),
        ("config",),
        ("config", "nonsense"),
    ],
    ids=" ".join,
)
def test_2_with_a_usage_line_for_words_that_the_command_does_not_know(stocktake, arguments: tuple[str, ...]) -> None:
    done = stocktake(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: stocktake")
    assert "Traceback" not in done.stderr


def test_2_for_a_section_that_there_is_not(stocktake, root) -> None:
    done = stocktake("scan", "packages", "nonsense", "--root", root)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "stocktake: nonsense: no such section; there are compliance, containers, host, integrity, packages, ports, usage\n"
    )


@pytest.mark.parametrize("option", ["--only", "--fail-on"])
def test_2_for_verdicts_of_a_scan_that_does_not_read_files(stocktake, root, option: str) -> None:
    for words in ((), ("packages",)):
        done = stocktake("scan", *words, "--root", root, option, "contradicts")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(
            "stocktake: --only and --fail-on contradicts: expected the section integrity, as in "
        )


@pytest.mark.parametrize("place", ["nowhere", "file", ""])
def test_2_for_a_root_that_is_no_directory(stocktake, tmp_path, place: str) -> None:
    (tmp_path / "file").write_text("")
    done = stocktake("scan", "packages", "--root", place and tmp_path / place)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("stocktake: --root ")
    assert done.stderr.endswith(": expected a directory that can be read\n")


def test_2_for_a_wrong_configuration(stocktake, tmp_path) -> None:
    (tmp_path / "agent.yaml").write_text("log_level: loud\nnonsense: 1\n")
    for command in (("scan",), ("run", "--once"), ("status",), ("config", "check"), ("config", "show")):
        done = stocktake(*command, "--config", tmp_path / "agent.yaml")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.splitlines() == [
            f"stocktake: {tmp_path}/agent.yaml:2: nonsense: expected a known setting",
            f"stocktake: {tmp_path}/agent.yaml:1: log_level: expected one of error, warning, info, debug, found 'loud'",
        ]


def test_2_for_a_state_folder_that_cannot_be_used(stocktake, tmp_path) -> None:
    (tmp_path / "state").write_text("")
    done = stocktake("run", "--once", variables={"STOCKTAKE_BACKEND_URL": "http://127.0.0.1:1"})
    assert done.returncode == 2
    assert "STOCKTAKE_STATE_DIR" in done.stderr


def test_2_to_run_without_a_destination(stocktake) -> None:
    done = stocktake("run", "--once")
    assert done.returncode == 2
    assert done.stderr == (
        "stocktake: backend.url: expected an address to send to; or set delivery.sink to file or stdout\n"
    )


def test_2_for_an_output_that_cannot_be_opened(stocktake, root, tmp_path) -> None:
    done = stocktake("scan", "packages", "--root", root, "--output", tmp_path / "no" / "file")
    assert done.returncode == 2
    assert done.stderr == f"stocktake: --output {tmp_path}/no/file: No such file or directory\n"


def test_3_when_a_section_has_a_gap(stocktake, root) -> None:
    plant(root, {STATUS: stanza("a") + b"Package: b\nStatus: install ok installed\nArchitecture: amd64\n\n"})
    done = stocktake("scan", "packages", "--root", root)
    assert done.returncode == 3
    assert done.stdout.startswith("PACKAGES: partial, 3 records, 1 gaps\n")


def test_3_when_a_section_that_was_asked_for_is_unsupported(stocktake, root) -> None:
    assert stocktake("scan", "packages", "ports", "--root", root).returncode == 3


def test_3_when_a_section_fails(stocktake, root, collectors) -> None:
    collectors.add("broken", "    1 / 0\n    yield\n")
    assert stocktake("scan", "broken", "packages", "--root", root).returncode == 3


def test_5_when_the_backend_does_not_answer_and_all_is_kept(stocktake, root) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        variables = {
            "STOCKTAKE_BACKEND_URL": url,
            "STOCKTAKE_BACKEND_JOIN_TOKEN": "hunter2",
            "STOCKTAKE_ROOT": str(root),
        }
        done = stocktake("run", "--once", variables=variables)
        status = stocktake("status", variables=variables)
    assert done.returncode == 5
    assert "packages: complete, 3 records, 0 gaps\n" in done.stderr
    assert "what could not be sent is kept\n" in done.stderr
    assert (stocktake.state / "sections" / "packages" / CURRENT).exists()
    assert status.returncode == 5
    assert "waiting to be sent: host, packages, integrity, compliance\n" in status.stdout
    assert "hunter2" not in done.stdout + done.stderr + status.stdout + status.stderr


def test_6_when_another_agent_holds_the_state_folder(stocktake, root) -> None:
    stocktake.state.mkdir(mode=0o700)
    holder = [sys.executable, "-I", "-c", HOLD, stocktake.state]
    with subprocess.Popen(holder, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"held\n"
        done = stocktake("run", "--once", variables={"STOCKTAKE_DELIVERY_SINK": "stdout", "STOCKTAKE_ROOT": str(root)})
        other.kill()
    assert (done.returncode, done.stdout) == (6, "")
    assert done.stderr == f"stocktake: {stocktake.state}: another agent is at work with this folder\n"
    assert os.listdir(stocktake.state) == ["lock"]


def test_124_when_the_time_is_over(stocktake, root) -> None:
    done = stocktake("scan", "--root", root, "--timeout", "0.001")
    assert done.returncode == 124
    assert "HOST: timed_out, 0 records: the time of --timeout was over\n" in done.stdout
