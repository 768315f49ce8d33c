"""Lines come out sorted, the last of each key, whatever was spilled, and in bounded memory."""

from __future__ import annotations

import os
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from agent.delivery.sorter import Sorter
from agent.model.codec import Line

COLUMN = st.binary(max_size=4).filter(lambda column: b"\t" not in column and b"\n" not in column)


@given(st.lists(st.builds(Line, COLUMN, COLUMN, COLUMN)), st.sampled_from([0, 500, 1 << 20]))
def test_the_last_line_of_each_key_that_says_something_comes_out_in_the_order_of_the_keys(lines, run_bytes):
    sorter = Sorter("/tmp", run_bytes)
    for line in lines:
        sorter.add(line)
    last = {line.key_json: line for line in sorted(lines, key=lambda line: bool(line.stable))}
    assert list(sorter.lines()) == [last[key] for key in sorted(last)]
    assert list(sorter.lines()) == [last[key] for key in sorted(last)]
    sorter.close()


def runs(folder: str) -> int:
    """Count the open files that have no name in a folder any more."""
    links = (
        os.readlink(f"/proc/self/fd/{number}")
        for number in os.listdir("/proc/self/fd")
        if os.path.lexists(f"/proc/self/fd/{number}")
    )
    return sum(link.startswith(folder) for link in links)


def test_a_stream_that_is_in_order_but_for_a_few_lines_is_one_run(tmp_path):
    sorter = Sorter(str(tmp_path), 10_000)
    lines = [Line(b'"/%05d"' % number, b"{}", b"{}") for number in range(2000)]
    gaps = [Line(b'"gap:%05d"' % number, b"{}", b"{}") for number in range(0, 2000, 200)]
    for number, line in enumerate(lines):
        sorter.add(line)
        if number % 200 == 0:
            sorter.add(gaps[number // 200])
    assert runs(str(tmp_path)) == 1
    assert list(sorter.lines()) == [*lines, *gaps]
    sorter.close()
    assert runs(str(tmp_path)) == 0


def test_what_is_spilled_leaves_nothing_behind(tmp_path):
    sorter = Sorter(str(tmp_path), 0)
    sorter.add(Line(b"a", b"", b""))
    assert os.listdir(tmp_path) == []
    sorter.close()


SCRIPT = """
import sys
from agent.delivery.store import write_snapshot
from agent.model.records import Address

def peak():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))

count = int(sys.argv[2])
records = (Address("eth0", f"{number * 7919 % count:>200}", 24, "private") for number in range(count))
write_snapshot(sys.argv[1], "host", 1, records, 1 << 20)
print(peak())
"""


def test_memory_stays_bounded_however_many_records_there_are(tmp_path):
    peaks = []
    for count in (20_000, 80_000):
        command = [sys.executable, "-c", SCRIPT, str(tmp_path / "host"), str(count)]
        peaks.append(int(subprocess.run(command, capture_output=True, check=True).stdout))
    assert os.path.getsize(tmp_path / "host/current.snap") > 40 << 20
    assert peaks[1] - peaks[0] < 2 * 1024, peaks
