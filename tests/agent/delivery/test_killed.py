"""A process that is killed at any line of delivery's code leaves a state from which the next one goes on.

A third of the lines is tried, by a seed that is printed; STOCKTAKE_TEST_SEED sets it, and `tests/run matrix` tries all.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from functools import partial
from urllib.request import urlopen

import pytest

import agent.delivery
from agent.delivery.deliver import Delivery, deliver, undelivered
from agent.delivery.files import sweep
from agent.delivery.reading import CURRENT, read_snapshot
from agent.delivery.replica import acknowledged
from agent.delivery.store import folder_of, write_snapshot
from agent.model.records import Address, Gap
from agent.model.spec import Gone, Unchanged

PURE = {
    *("answers.py", "carry.py", "deadline.py", "delta.py", "gather.py", "last.py", "message.py", "pulse.py"),
    *("reading.py", "sinks.py", "stored.py", "totals.py"),
}
CODE = {
    entry.path
    for entry in os.scandir(os.path.dirname(agent.delivery.__file__))
    if entry.name.endswith(".py") and entry.name not in PURE
}
"""The modules that change files or talk to the backend; between two lines of the others nothing happens."""


def address(number: int) -> Address:
    return Address("eth0", f"10.0.0.{number}", 24, "private")


OLD = [address(1), address(2)]
NEW = [address(2), address(3), address(4)]


def trace(act, lines) -> None:
    """Run act and call lines with a name before each line of delivery's code and at the end of each call."""

    def within(frame, event, _):
        if event in ("line", "return"):
            lines(f"{os.path.basename(frame.f_code.co_filename)}:{frame.f_lineno}:{event}")
        return within

    def enter(frame, _event, _):
        return within if frame.f_code.co_filename in CODE else None

    sys.settrace(enter)
    try:
        act()
    finally:
        sys.settrace(None)


def steps(act) -> list[int]:
    """Count the lines that act runs, and give the first and the last time of each; of these a sample."""
    seen: list[str] = []
    trace(act, seen.append)
    first = {name: number for number, name in reversed(list(enumerate(seen)))}
    last = {name: number for number, name in enumerate(seen)}
    found = sorted({*first.values(), *last.values()})
    assert len(found) > 100
    if os.environ.get("STOCKTAKE_TEST_MATRIX") == "whole":
        return found
    seed = int(os.environ.get("STOCKTAKE_TEST_SEED") or time.time())
    print(f"STOCKTAKE_TEST_SEED={seed}")
    return sorted({found[0], found[-1], *random.Random(seed).sample(found, len(found) // 3)})


NOT_REACHED = 77


def killed_at(step: int, act) -> bool:
    """Run act in a child that kills itself with SIGKILL before the line of that number; tell whether it came to it."""
    pid = os.fork()
    if pid == 0:
        left = iter(range(step, -1, -1))
        trace(act, lambda _: os.kill(os.getpid(), signal.SIGKILL) if next(left) == 0 else None)
        os._exit(NOT_REACHED)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert code in (-signal.SIGKILL, NOT_REACHED)
    return code == -signal.SIGKILL


@pytest.mark.parametrize("run_bytes", [1, 1 << 20])
@pytest.mark.parametrize("partial_gap", [[], [Gap("/proc", "denied", "Permission denied", "address:")]])
def test_a_snapshot_is_the_old_or_the_new_one_wherever_its_writer_is_killed(tmp_path, run_bytes, partial_gap):
    def write(state: str, records) -> None:
        write_snapshot(folder_of(state, "host"), "host", 1, records, run_bytes)

    expected = []
    for records in (OLD, NEW + partial_gap):
        write(str(tmp_path / "whole"), records)
        expected.append(list(read_snapshot(str(tmp_path / "whole/sections/host" / CURRENT))))
    write(str(tmp_path / "counted"), OLD)
    for step in steps(partial(write, str(tmp_path / "counted"), NEW + partial_gap)):
        state = str(tmp_path / str(step))
        write(state, OLD)
        assert killed_at(step, partial(write, state, NEW + partial_gap))
        sweep(state)
        assert os.listdir(folder_of(state, "host")) == [CURRENT]
        assert list(read_snapshot(os.path.join(folder_of(state, "host"), CURRENT))) in expected


@pytest.mark.parametrize("run_bytes", [1, 1 << 20])
def test_a_snapshot_is_the_old_or_the_amended_one_wherever_its_writer_is_killed(tmp_path, run_bytes):
    changes = [Unchanged(""), Gone(address(1).key), address(3), Gap("/proc", "denied", "Permission denied", None)]

    def write(state: str, records) -> None:
        write_snapshot(folder_of(state, "host"), "host", 1, records, run_bytes)

    expected = []
    for records in (OLD, changes):
        write(str(tmp_path / "whole"), records)
        expected.append((tmp_path / "whole/sections/host" / CURRENT).read_bytes())
    assert expected[0] != expected[1]
    write(str(tmp_path / "counted"), OLD)
    found = set()
    for step in steps(partial(write, str(tmp_path / "counted"), changes)):
        state = str(tmp_path / str(step))
        write(state, OLD)
        assert killed_at(step, partial(write, state, changes))
        sweep(state)
        assert os.listdir(folder_of(state, "host")) == [CURRENT]
        found.add((tmp_path / str(step) / "sections/host" / CURRENT).read_bytes())
        write(state, changes)
        assert (tmp_path / str(step) / "sections/host" / CURRENT).read_bytes() == expected[1]
    assert found == set(expected)


def test_nothing_is_lost_or_applied_twice_wherever_the_sender_is_killed(tmp_path, backend_process, sink_for):
    def prepared(name: str) -> Delivery:
        state = str(tmp_path / name)
        sink = partial(sink_for, backend_process, state_dir=state)
        delivery = Delivery(state, name, ("host",), sink, clock=lambda: 5, chance=lambda: 0.0)
        collect(state, OLD)
        deliver(delivery)
        collect(state, NEW)
        return delivery

    def collect(state: str, records) -> None:
        write_snapshot(folder_of(state, "host"), "host", 1, records)

    counted = steps(partial(deliver, prepared("counted")))
    killed = 0
    for step in counted:
        delivery = prepared(f"agent-{step}")
        killed += killed_at(step, partial(deliver, delivery))  # an answer in fewer pieces takes fewer lines
        assert acknowledged(folder_of(delivery.state_dir, "host"))
        assert deliver(delivery).error is None
        assert undelivered(delivery.state_dir, delivery.sections) == ()
    assert killed > 0.9 * len(counted)
    check(backend_process, [f"agent-{step}" for step in counted], tmp_path)


def check(url: str, agents: list[str], tmp_path) -> None:
    with urlopen(url) as answer:
        sections, applied = json.load(answer)
    assert len(applied) == len({tuple(message) for message in applied})
    for agent_id in agents:
        kept, confirmed = sections[f"{agent_id}/host"], acknowledged(folder_of(str(tmp_path / agent_id), "host"))
        assert sorted(kept["records"]) == [record.key for record in NEW]
        assert (kept["epoch"], kept["seq"]) == (confirmed.epoch, confirmed.seq)
