"""agent/cli/child.py: a section's child may die at any moment; the section is closed and every line is whole."""

from __future__ import annotations

import json
import os
import signal

import pytest

from tests.agent.worker.processes import TEN_RECORDS, WAIT

TELL_PID = """\
    yield Gap("pid", "limit", str(os.getpid()), None)
    for number in range(30_000):
        yield Address("eth0", f"10.0.{number // 256}.{number % 256}", 24, "private")
    os.read(0, 1)
"""
"""More than a block of records, so that they are out before it waits."""


@pytest.mark.parametrize(
    ("number", "status", "error"),
    [
        (signal.SIGKILL, "out_of_memory", "the process was killed, most likely for lack of memory"),
        (signal.SIGTERM, "failed", "the process ended with code -15 before it was done"),
    ],
)
def test_a_child_that_is_killed_in_the_middle_leaves_whole_lines_and_a_closing_one(
    stocktake, root, collectors, number: signal.Signals, status: str, error: str
) -> None:
    collectors.add("slow", TELL_PID)
    with stocktake.start("scan", "slow", "packages", "--root", root, "--format", "ndjson") as process:
        first = process.stdout.readline()
        os.kill(int(json.loads(first)["detail"]), number)
        said, complained = process.communicate(timeout=20)
    lines = [json.loads(line) for line in (first + said).splitlines()]
    [closing, _] = [line for line in lines if line["kind"] == "section"]
    assert (closing["section"], closing["status"], closing["error"]) == ("slow", status, error)
    records = lines[: lines.index(closing)]
    assert (closing["count"], closing["gaps"]) == (len(records) - 1, 1)
    assert 0 < closing["count"] < 30_000
    assert [line["key"] for line in lines[-4:-1]] == ["dpkg/a:amd64", "dpkg/b:amd64", "database/dpkg"]
    assert (process.returncode, complained) == (3, b"")


def test_a_child_that_ends_without_a_word_is_a_failure(stocktake, root, collectors) -> None:
    collectors.add("mute", TEN_RECORDS + "    os._exit(7)\n")
    done = stocktake("scan", "mute", "--root", root, "--format", "ndjson")
    [closing] = [json.loads(line) for line in done.stdout.splitlines()]
    assert (closing["status"], closing["count"]) == ("failed", 0)
    assert closing["error"] == "the process ended with code 7 before it was done"


def test_what_was_read_before_the_time_was_over_is_kept_and_every_section_is_closed(
    stocktake, root, collectors
) -> None:
    collectors.add("slow", TELL_PID)
    words = ("scan", "slow", "packages", "--root", root, "--format", "ndjson", "--timeout", "0.5")
    reading, writing = os.pipe()
    done = stocktake(*words, stdin=reading)
    os.close(reading)
    os.close(writing)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    closings = [line for line in lines if line["kind"] == "section"]
    assert [(line["section"], line["status"]) for line in closings] == [
        ("slow", "timed_out"),
        ("packages", "timed_out"),
    ]
    assert (done.returncode, done.stderr) == (124, "")


def test_a_section_that_is_done_in_time_is_not_cut_off(stocktake, root) -> None:
    assert stocktake("scan", "packages", "--root", root, "--timeout", "60").returncode == 0


def test_a_scan_that_is_interrupted_takes_its_child_along(stocktake, root, collectors) -> None:
    collectors.add("slow", TELL_PID)
    with stocktake.start("scan", "slow", "--root", root, "--format", "ndjson") as process:
        child = int(json.loads(process.stdout.readline())["detail"])
        process.send_signal(signal.SIGINT)
        _, complained = process.communicate(timeout=20)
    assert (process.returncode, complained) == (130, b"")
    assert not os.path.exists(f"/proc/{child}")


def test_nothing_that_a_child_says_beside_its_lines_is_taken_for_a_record(stocktake, root, collectors) -> None:
    collectors.add("loud", WAIT.replace("os.read(0, 1)", "yield from ()"))
    done = stocktake("scan", "loud", "--root", root, "--format", "table")
    assert "LOUD: complete, 0 records\n" in done.stdout
