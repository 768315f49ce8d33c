"""agent/cli/status.py: what the state folder tells."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import pytest

from tests.hosts.trees import STATUS


@pytest.fixture
def delivered(stocktake, root):
    """A state folder after a run whose reports went to standard output."""
    stocktake.variables.update({"STOCKTAKE_DELIVERY_SINK": "stdout", "STOCKTAKE_ROOT": str(root)})
    assert stocktake("run", "--once").returncode == 0
    return stocktake


def test_after_a_delivery_all_is_well(delivered) -> None:
    done = delivered("status")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "daemon: not running"
    rows = {line.split()[0]: line.split()[1] for line in lines[2:9]}
    assert rows == {
        "host": "complete",
        "packages": "complete",
        "ports": "unsupported",
        "integrity": "complete",
        "containers": "unsupported",
        "usage": "unsupported",
        "compliance": "complete",
    }
    assert lines[9].startswith("watcher of files: unavailable: ")
    assert lines[10].startswith("watcher of opens: unavailable: the watcher is not running; ")
    assert lines[11].startswith("delivery: to stdout, last accepted ")
    assert lines[12] == "waiting to be sent: nothing"


def test_machines_get_one_object(delivered) -> None:
    state = json.loads(delivered("status", "--json").stdout)
    assert sorted(state) == ["daemon", "delivery", "opens", "sections", "state_dir", "watcher"]
    packages = state["sections"]["packages"]
    assert (packages["status"], packages["count"], packages["every"], packages["error"]) == ("complete", 3, 3600, None)
    assert abs(packages["last_success_at"] - time.time()) < 600
    assert state["daemon"] == {"running": False}
    assert (state["delivery"]["sink"], state["delivery"]["undelivered"]) == ("stdout", [])


def test_a_degraded_section_shows_in_the_exit_code_and_when_it_last_succeeded(delivered, root) -> None:
    os.unlink(root / STATUS)
    os.mkfifo(root / STATUS)
    delivered("run", "--once")
    done = delivered("status", "--json")
    assert done.returncode == 3
    assert json.loads(done.stdout)["sections"]["packages"]["status"] == "partial"


def test_before_the_first_run_there_is_no_state_to_tell_of(stocktake) -> None:
    done = stocktake("status")
    assert (done.returncode, done.stdout) == (2, "")
    assert "has `stocktake run` been started?" in done.stderr


def test_sections_that_were_never_attempted_are_named(stocktake) -> None:
    stocktake.state.mkdir(mode=0o700)
    done = stocktake("status")
    assert done.returncode == 3
    assert done.stdout.count("never attempted") == 7


@pytest.mark.parametrize(
    "name", ["delivery.json", "daemon.json", "sections/packages/attempt.json", "sections/integrity/watch.json"]
)
@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"\xff", b"0", b'{"pid": "x"}', b'{"pid": 1e400}', b"{}" * 99999],
    ids=lambda content: repr(content[:9]),
)
def test_a_file_of_the_state_that_is_broken_is_no_traceback(delivered, name: str, content: bytes) -> None:
    (delivered.state / name).write_bytes(content)
    done = delivered("status")
    assert done.returncode in (0, 3, 5)
    assert done.stderr == ""


WATCHING = {"state": "watching", "form": "file_systems", "reason": None, "since": 1, "missed": 2, "unwatched": []}


@pytest.fixture
def watched(delivered):
    """Give a way to have the watcher say something, as a process that looks like it; it ends with the test."""
    words = [
        sys.executable,
        "-c",
        "import sys; print(flush=True); sys.stdin.read()",
        "agent.watch",
        str(delivered.state),
    ]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()

        def say(**fields) -> str:
            told = {**WATCHING, "pid": process.pid, **fields}
            (delivered.state / "sections/integrity/watch.json").write_text(json.dumps(told))
            lines = delivered("status").stdout.splitlines()
            return next(line for line in lines if line.startswith("watcher of files: "))

        yield say
        process.stdin.close()


def test_a_watcher_that_watches_says_what_since_when_and_what_it_lost(watched) -> None:
    line = watched()
    assert line.startswith("watcher of files: watching file systems since ")
    assert line.endswith(" ago, 2 events lost")


def test_where_nothing_can_be_watched_the_status_says_that_scans_are_all_there_is(watched) -> None:
    line = watched(state="unavailable", form=None, reason="this kernel has no fanotify", since=None, missed=0)
    assert line == "watcher of files: unavailable: this kernel has no fanotify; scans alone tell what changed"


def test_a_watcher_that_died_is_not_said_to_watch(watched, delivered) -> None:
    watched(pid=os.getpid())
    state = json.loads(delivered("status", "--json").stdout)["watcher"]
    assert state == {"state": "ended", "form": None, "reason": "the watcher died", "since": None, "missed": 2}


@pytest.mark.parametrize("pid", [0, -1, 10**30, 4194305, True])
def test_a_daemon_that_cannot_be_is_not_running(delivered, pid: int) -> None:
    (delivered.state / "daemon.json").write_text(json.dumps({"pid": pid}))
    done = delivered("status")
    assert (done.stdout.splitlines()[0], done.stderr) == ("daemon: not running", "")


def test_another_process_that_has_the_daemons_number_now_is_not_taken_for_it(delivered) -> None:
    told = {
        "pid": os.getpid(),
        "started_at": 1,
        "told_at": 1,
        "jobs_done": 1,
        "cpu_seconds": 1,
        "resident_kib": 1,
        "next": {},
    }
    (delivered.state / "daemon.json").write_text(json.dumps(told))
    assert delivered("status").stdout.splitlines()[0] == "daemon: not running"
