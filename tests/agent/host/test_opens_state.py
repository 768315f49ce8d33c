"""What the watcher of opens has told of itself."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent.host.opens_state import WatchedScope, opens_state

TOLD = {
    "state": "watching",
    "reason": None,
    "since": 5,
    "missed": 2,
    "overflowed_at": 7,
    "scopes": {"box": [6, True, 3, "x"]},
}


@pytest.fixture
def watcher():
    """A process that looks like the watcher."""
    command = [sys.executable, "-c", "import sys; sys.stdin.read()", "agent.watch.opens", "state"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        while b"agent.watch.opens" not in Path(f"/proc/{process.pid}/cmdline").read_bytes():
            pass
        yield process.pid
        process.stdin.close()


def told(folder, **fields):
    (folder / "watch.json").write_text(json.dumps({**TOLD, **fields}))
    return opens_state(str(folder), wanted=True)


def test_one_that_watches_says_what_since_when_and_what_it_lost(tmp_path, watcher):
    state = told(tmp_path, pid=watcher)
    assert (state.state, state.since, state.missed, state.overflowed_at) == ("watching", 5, 2, 7)
    assert state.scopes == {"box": WatchedScope(6, True, 3, "x")}


def test_one_that_is_there_no_more_watches_nothing(tmp_path):
    state = told(tmp_path, pid=os.getpid())
    assert (state.state, state.reason) == ("ended", "the watcher died")


def test_without_a_watcher_that_is_said(tmp_path):
    assert opens_state(str(tmp_path), wanted=True).reason == "the watcher is not running"
    assert opens_state(None, wanted=True).state == "unavailable"
    assert opens_state(str(tmp_path), wanted=False).state == "off"


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"state": "dancing"}', b"[" * 100_000, b"\xff"])
def test_what_makes_no_sense_is_nothing(tmp_path, content):
    (tmp_path / "watch.json").write_bytes(content)
    assert opens_state(str(tmp_path), wanted=True).state == "unavailable"


@pytest.mark.parametrize("scopes", [{"box": [1]}, {"box": 5}, [1, 2], {"box": [1, 2, 3, 4, 5]}])
def test_scopes_of_another_shape_are_left_out(tmp_path, watcher, scopes):
    assert told(tmp_path, pid=watcher, scopes=scopes).scopes == {}
