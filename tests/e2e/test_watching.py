"""The real daemon with the real watcher beside it: who changed a file is known to the backend with the change itself."""

import hashlib
import json
import os
import signal
import subprocess
from contextlib import contextmanager

import pytest

from tests.e2e.conftest import Agent, eventually

CONTENT = b"changed\n"


@pytest.fixture
def tree(tmp_path):
    """The only tree that is watched."""
    folder = tmp_path / "tree"
    folder.mkdir()
    (folder / "file").write_bytes(b"as it was\n")
    return folder


@pytest.fixture
def watching(tmp_path, tree, backend):
    """A daemon that looks at the integrity of this system's own tree, once its first scan is known to the backend."""
    if os.geteuid() != 0:
        pytest.skip("marking file systems takes root")
    off = {f"STOCKTAKE_{section}_ENABLED": "false" for section in ("HOST", "PACKAGES", "PORTS")}
    agent = Agent(
        tmp_path, "/", backend.url, STOCKTAKE_INTEGRITY_EVERY="10s", STOCKTAKE_INTEGRITY_TREES=str(tree), **off
    )
    eventually(lambda: watcher(agent) is not None)
    eventually(lambda: str(tree / "file") in backend.records("integrity"))
    yield agent
    if agent.process.poll() is None:
        agent.stop()


def watcher(agent):
    """Give the process that watches; None while there is none."""
    try:
        told = json.loads((agent.state / "sections/integrity/watch.json").read_bytes())
    except FileNotFoundError:
        return None
    return told["pid"] if told["state"] == "watching" and os.path.exists(f"/proc/{told['pid']}") else None


@contextmanager
def changed_by(path):
    """Have a process change a file, give its number once it has, and let it live on so that it can be looked at."""
    words = ["/bin/sh", "-c", 'printf "changed\\n" > "$1"; echo; read end', "sh", str(path)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        yield process.pid
        process.stdin.close()


def events(backend, path):
    """Give the events of a path."""
    return [
        fields
        for key, fields in backend.records("integrity").items()
        if key.startswith("event/") and fields["path"] == str(path)
    ]


def changes(backend, path):
    """Give the changes that have a path among their members."""
    found = backend.records("integrity").items()
    changed = [fields for key, fields in found if key.startswith("change/")]
    return [fields for fields in changed if str(path) in [member.partition(" ")[2] for member in fields["members"]]]


def test_who_changed_a_file_is_known_with_the_change(watching, backend, tree):
    with changed_by(tree / "file") as pid:
        eventually(lambda: events(backend, tree / "file"))
    [event] = events(backend, tree / "file")
    assert (event["pid"], event["uid"], "modify" in event["actions"]) == (pid, 0, True)
    assert event["executable"] == os.path.realpath("/bin/sh")
    assert not event["executable"].endswith("/dash") or event["package"].startswith("dpkg/dash:")
    eventually(lambda: changes(backend, tree / "file"))
    assert changes(backend, tree / "file")[0]["modified"] == 1
    assert backend.records("integrity")[str(tree / "file")]["sha256"] == hashlib.sha256(CONTENT).hexdigest()


def test_a_killed_watcher_comes_back_and_goes_on(watching, backend, tree):
    first = watcher(watching)
    os.kill(first, signal.SIGKILL)
    eventually(lambda: watcher(watching) not in (None, first))
    with changed_by(tree / "file") as pid:
        eventually(lambda: events(backend, tree / "file"))
    assert events(backend, tree / "file")[0]["pid"] == pid


def test_the_watcher_ends_with_the_daemon(watching):
    pid = watcher(watching)
    assert json.loads(watching.command("status", "--json").stdout)["watcher"]["state"] == "watching"
    assert watching.stop() == 0
    eventually(lambda: not os.path.exists(f"/proc/{pid}"))
    assert json.loads(watching.command("status", "--json").stdout)["watcher"]["state"] == "ended"


def test_a_watcher_does_not_outlive_a_daemon_that_was_killed(watching):
    pid = watcher(watching)
    watching.stop(signal.SIGKILL)
    eventually(lambda: not os.path.exists(f"/proc/{pid}"))


def test_no_event_is_lost_when_the_daemon_and_its_workers_are_killed(watching, backend, tree):
    """The watcher sees the daemon go and writes what it has; the next one's scans take it in."""
    pids = set()
    for _ in range(4):
        with changed_by(tree / "file") as pid:
            pids.add(pid)
        before = watcher(watching)
        watching.stop(signal.SIGKILL)
        watching.start()
        eventually(lambda before=before: watcher(watching) not in (None, before))
    eventually(lambda: pids == {event["pid"] for event in events(backend, tree / "file")})
