"""agent/worker/scan.py: whole lines on a pipe, and how it ended at the end."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys

import pytest

from tests.agent.worker.processes import FILL_MEMORY, FILL_MEMORY_FOR_GOOD, TEN_RECORDS, WAIT

F_SETPIPE_SZ = 1031
MANY_RECORDS = """\
    for number in range(40000):
        yield Address("eth0", f"10.0.{number // 256}.{number % 256}", 24, "private")
"""
START = """\
import agent.collectors, sys
from agent.model.settings import Settings
from agent.worker.scan import scan_child

folder, root, section = sys.argv[1:]
agent.collectors.__path__.append(folder)
scan_child(Settings(root=root, packages_parts=("dpkg",)), section, 1)
"""


@pytest.fixture
def start(collectors, root):
    """Starts the scan of a section in a process of its own."""

    def start(section: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-I", "-c", START, str(collectors.folder), str(root), section]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    return start


@pytest.fixture
def scan(start):
    """Scans a section and gives its records and how it ended."""

    def scan(section: str):
        with start(section) as process:
            lines = process.communicate(timeout=60)[0].splitlines()
        *records, ending = map(json.loads, lines)
        return records, ending

    return scan


def test_the_records_come_first_and_then_how_it_ended(scan) -> None:
    records, ending = scan("packages")
    assert [(record["section"], record["kind"], record["key"]) for record in records] == [
        ("packages", "package", "dpkg/a:amd64"),
        ("packages", "package", "dpkg/b:amd64"),
        ("packages", "package_database", "database/dpkg"),
    ]
    assert ending == {"section": "packages", "kind": "section", "status": "complete", "error": None}


def test_a_gap_makes_it_partial(scan, collectors) -> None:
    collectors.add("gappy", TEN_RECORDS + "    yield Gap('a', 'denied', 'b', None)\n")
    records, ending = scan("gappy")
    assert (len(records), ending["status"]) == (11, "partial")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("    1 / 0\n", "failed"),
        ("    yield object()\n", "failed"),
        (FILL_MEMORY, "out_of_memory"),
        (FILL_MEMORY_FOR_GOOD, "out_of_memory"),
        ("    while True: pass\n", "timed_out"),
    ],
    ids=["raises", "no record", "memory", "memory for good", "time"],
)
def test_what_was_found_before_a_failure_is_kept(scan, collectors, body: str, status: str) -> None:
    collectors.add("bad", TEN_RECORDS + body, seconds=1)
    records, ending = scan("bad")
    assert (len(records), ending["status"]) == (10, status)
    assert ending["error"]


def test_a_section_that_the_root_cannot_have_is_unsupported(scan) -> None:
    assert scan("ports")[1]["status"] == "unsupported"


def test_a_limit_that_is_reached_while_the_reader_is_slow_leaves_no_half_line(start, collectors) -> None:
    collectors.add("many", MANY_RECORDS)
    with start("many") as process:
        fcntl.fcntl(process.stdout, F_SETPIPE_SZ, 4096)
        first = os.read(process.stdout.fileno(), 1)
        process.send_signal(signal.SIGALRM)
        lines = (first + process.communicate(timeout=20)[0]).splitlines()
    *records, ending = map(json.loads, lines)
    assert ending["status"] == "timed_out"
    assert 0 < len({record["key"] for record in records}) == len(records) < 40_000


def test_a_limit_that_is_reached_outside_of_the_collector_is_reported_too(start, collectors) -> None:
    """The time may be over while a line is being written, for which the collector is not to blame."""
    text = "    record = Address('eth0', '10.0.0.1', 24, 'private')\n    while True:\n        yield record\n"
    collectors.add("endless", text, seconds=1)
    with start("endless") as process:
        lines = process.communicate(timeout=60)[0].splitlines()
    assert json.loads(lines[-1])["status"] == "timed_out"
    assert len(set(lines[:-1])) == 1


def test_a_scan_writes_nothing_anywhere(scan, collectors, tmp_path) -> None:
    collectors.add("writer", f"    open({str(tmp_path / 'x')!r}, 'w')\n    yield\n")
    assert scan("writer")[1]["error"].startswith("Permission denied at agent/")
    assert not (tmp_path / "x").exists()


def test_a_scan_whose_reader_is_gone_ends(start, collectors) -> None:
    collectors.add("slow", WAIT + MANY_RECORDS)
    with start("slow") as process:
        assert process.stdout.readline() == b"waiting\n"
        process.stdout.close()
        process.stdin.close()
        assert process.wait(timeout=20) != 0


def test_of_a_section_that_turns_out_to_be_changing_nothing_is_said(scan, collectors) -> None:
    late = "    from agent.host.errors import Unsettled\n    raise Unsettled('dpkg is at work')\n"
    collectors.add("changing", TEN_RECORDS + late)
    records, ending = scan("changing")
    assert records == []
    assert (ending["status"], ending["error"]) == ("failed", "dpkg is at work")
