"""agent/host/watch_state.py: what the watcher says counts only while it lives."""

import json
import os
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.host.watch_state import watch_state
from agent.model.records import FileWatch

TOLD = {"state": "watching", "form": "file_systems", "reason": None, "since": 7, "missed": 3, "unwatched": []}


def told(folder, **changes):
    (folder / "watch.json").write_text(json.dumps({**TOLD, "pid": os.getpid(), **changes}))
    return watch_state(str(folder), wanted=True)


@pytest.fixture
def watcher():
    """A process whose command line is the watcher's."""
    words = [sys.executable, "-c", "import sys; print(flush=True); sys.stdin.read()", "agent.watch", "/state"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        yield process.pid
        process.stdin.close()


def test_a_watcher_that_lives_watches(tmp_path, watcher):
    assert told(tmp_path, pid=watcher) == (FileWatch("watching", "file_systems", None, 7, 3), 7)


def test_places_that_it_cannot_watch_are_named(tmp_path, watcher):
    places = [[f"/srv/{number}", "no such device"] for number in range(5)]
    reason = told(tmp_path, pid=watcher, unwatched=places).watch.reason
    assert reason.startswith("not watched: /srv/0: no such device, ")
    assert reason.endswith("; and 2 more")


@pytest.mark.parametrize("pid", [1, 0, -1, 4194305, 10**30, True, "1", None, 1.5])
def test_another_process_is_not_taken_for_it(tmp_path, pid):
    assert told(tmp_path, pid=pid) == (FileWatch("ended", None, "the watcher died", None, 3), 7)


def test_a_watcher_that_cannot_work_here_says_why(tmp_path):
    state = told(tmp_path, state="unavailable", form=None, reason="this kernel has no fanotify", since=None, missed=0)
    assert state.watch == FileWatch("unavailable", None, "this kernel has no fanotify", None, 0)


def test_without_a_word_it_does_not_run(tmp_path):
    watch = watch_state(str(tmp_path), wanted=True).watch
    assert (watch.state, watch.reason) == ("unavailable", "the watcher is not running")


def test_one_that_is_not_wanted_is_off_whatever_was_said_before(tmp_path, watcher):
    told(tmp_path, pid=watcher)
    assert watch_state(str(tmp_path), wanted=False).watch.state == "off"


def test_where_nothing_runs_nothing_is_watched(tmp_path):
    assert watch_state(str(tmp_path), wanted=True, running=False).watch.state == "unavailable"


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.one_of(
        st.binary(max_size=60),
        st.fixed_dictionaries(
            {},
            optional={
                name: st.one_of(st.none(), st.integers(), st.text(max_size=9), st.lists(st.lists(st.text(max_size=3))))
                for name in (*TOLD, "pid")
            },
        ).map(lambda fields: json.dumps({"state": "watching", **fields}).encode()),
    )
)
def test_whatever_the_file_holds_there_is_a_state(tmp_path, content):
    (tmp_path / "watch.json").write_bytes(content)
    assert watch_state(str(tmp_path), wanted=True).watch.state in ("watching", "ended", "unavailable", "off")
