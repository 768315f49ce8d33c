"""agent/cli/once.py: stocktake run --once collects every section, delivers and ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from agent.daemon import plan as plans
from agent.daemon.plan import Period, Plan
from tests.hosts.trees import STATUS, plant, stanza

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def to_file(tmp_path, root) -> dict[str, str]:
    """Settings that take the small root and send to a file."""
    return {
        "STOCKTAKE_ROOT": str(root),
        "STOCKTAKE_DELIVERY_SINK": "file",
        "STOCKTAKE_DELIVERY_PATH": str(tmp_path / "reports.ndjson"),
    }


def test_every_section_is_collected_and_delivered(stocktake, to_file, tmp_path) -> None:
    done = stocktake("run", "--once", variables=to_file)
    assert (done.returncode, done.stdout) == (0, "")
    said = done.stderr.splitlines()
    assert [line.split(":")[0] for line in said] == [
        *("host", "packages", "ports", "integrity", "containers", "usage", "compliance", "deliver")
    ]
    assert said[1] == "packages: complete, 3 records, 0 gaps"
    assert said[2] == "ports: unsupported: needs a running system (proc), and this root is none"
    assert said[7].startswith("deliver: 4 sections sent, ")
    assert "dpkg/a:amd64" in (tmp_path / "reports.ndjson").read_text()


def test_a_second_run_sends_only_what_changed(stocktake, to_file, root) -> None:
    stocktake("run", "--once", variables=to_file)
    assert "deliver: 0 sections sent" in stocktake("run", "--once", variables=to_file).stderr
    plant(root, {STATUS: stanza("a", version="2")})
    assert "deliver: 1 sections sent" in stocktake("run", "--once", variables=to_file).stderr


def test_to_standard_output_only_reports_are_written(stocktake, root) -> None:
    done = stocktake("run", "--once", variables={"STOCKTAKE_DELIVERY_SINK": "stdout", "STOCKTAKE_ROOT": str(root)})
    assert done.returncode == 0
    assert all(json.loads(line) for line in done.stdout.splitlines())


def test_a_degraded_section_is_delivered_and_told(stocktake, to_file, root) -> None:
    os.unlink(root / STATUS)
    os.mkfifo(root / STATUS)
    done = stocktake("run", "--once", variables=to_file)
    assert done.returncode == 3
    assert "packages: partial, 2 records, 1 gaps\n" in done.stderr


def test_a_disabled_section_is_left_out(stocktake, to_file) -> None:
    done = stocktake("run", "--once", "--set", "host.enabled=false", variables=to_file)
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == [
        "packages",
        "ports",
        "integrity",
        "containers",
        "usage",
        "compliance",
        "deliver",
    ]


def test_what_a_killed_run_left_behind_is_swept(stocktake, to_file) -> None:
    stocktake("run", "--once", variables=to_file)
    rest = stocktake.state / "sections" / "packages" / "current.tmp"
    rest.write_text("half")
    stocktake("run", "--once", variables=to_file)
    assert not rest.exists()


def test_the_state_is_its_owners_alone(stocktake, to_file) -> None:
    os.umask(0)
    try:
        stocktake("run", "--once", variables=to_file)
    finally:
        os.umask(0o022)
    modes = {
        os.path.relpath(os.path.join(folder, name), stocktake.state): os.lstat(os.path.join(folder, name)).st_mode
        for folder, folders, names in os.walk(stocktake.state)
        for name in (*folders, *names)
    }
    assert len(modes) > 5
    assert [name for name, mode in modes.items() if mode & 0o077] == []


def test_a_run_that_is_told_to_stop_ends_and_lets_go_of_the_folder(stocktake, to_file, tmp_path) -> None:
    os.mkfifo(tmp_path / "fifo")
    blocked = {**to_file, "STOCKTAKE_DELIVERY_PATH": str(tmp_path / "fifo")}
    with stocktake.start("run", "--once", variables=blocked) as process:
        while not process.stderr.readline().startswith(b"ports: "):
            pass
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    assert process.returncode == 130
    assert stocktake("run", "--once", variables=to_file).returncode == 0


def with_workers(folder: Path, script: str, *sections: str) -> subprocess.CompletedProcess[str]:
    """Do one round, in a process of its own, with a shell script as worker: $1 is the job, $2 its first word."""
    plan = Plan(
        state_dir=str(folder),
        worker=["/bin/sh", "-c", script, "worker"],
        reload=[],
        sections=dict.fromkeys(sections, Period(60, 60)),
        heartbeat=60,
        splay=0,
        seed="",
        log_level="info",
    )
    plans_file = plans.path_in(str(folder))
    with open(plans_file, "wb") as file:
        file.write(plans.write(plan))
    asking = "import sys; from agent.cli.once import once; from agent.daemon.plan import read; sys.exit(once(read(sys.argv[1])))"
    return subprocess.run([sys.executable, "-I", "-c", asking, folder], capture_output=True, text=True, check=False)


def test_a_worker_that_dies_without_a_word_is_put_on_record_and_the_rest_goes_on(tmp_path) -> None:
    script = f"""
    echo "$@" >> {tmp_path}/calls
    case "$1 $2" in
    "collect packages") kill -9 $$ ;;
    "collect"*) echo '{{"status": "complete", "count": 1, "gaps": 0}}' >&3 ;;
    "deliver"*) echo '{{"error": null, "sent": ["ports"], "bytes": 9}}' >&3 ;;
    esac"""
    done = with_workers(tmp_path, script, "packages", "ports")
    assert done.returncode == 3
    text = "the worker was killed by signal 9, perhaps for lack of memory"
    assert (tmp_path / "calls").read_text().splitlines() == [
        "collect packages",
        f"record packages failed {text}",
        "collect ports",
        "deliver 0",
    ]
    assert done.stderr.splitlines()[0] == f"packages: failed: {text}"


@pytest.mark.parametrize(
    ("line", "code"), [("", 5), ('{"error": "refused"}', 5), ('{"undelivered": ["a"]}', 5), ('{"sent": []}', 0)]
)
def test_only_what_was_accepted_counts_as_delivered(tmp_path, line: str, code: int) -> None:
    assert with_workers(tmp_path, f"echo '{line}' >&3").returncode == code
