"""Processes that read one tree each: what they can reach, and what becomes of those that misbehave."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import pytest

from agent.collectors.containers import inside
from agent.collectors.containers.inside import Request
from agent.worker.readers import Limits, Readers
from tests.hosts.trees import STATUS, plant, stanza

LANDLOCK_IS_MISSING = "this kernel has no Landlock"


class Acting:
    """A module whose reading is what a test says."""

    def __init__(self, act):
        self._act = act

    def load(self):
        pass

    def read(self, trees, words):
        yield json.dumps(self._act(trees, words)).encode() + b"\n"


@pytest.fixture
def reading():
    """Starts readers, each of which does what it is told, and gives what they say."""
    started = []

    def read(root, module, words=b"{}", limits=Limits()):  # noqa: B008 - it is immutable
        readers = Readers(lambda: module, limits)
        started.append(readers)
        return ask(readers, root, words)

    yield read
    for readers in started:
        readers.close()


def ask(readers, root, words=b"{}"):
    tree = os.open(root, os.O_PATH | os.O_DIRECTORY)
    try:
        fd = readers.read([tree], words)
    finally:
        os.close(tree)
    with open(fd, "rb") as answer:
        return [json.loads(line) for line in answer.read().split(b"\n") if line]


def attempt(act):
    try:
        act()
    except OSError as error:
        return os.strerror(error.errno)
    return "allowed"


def test_it_reads_its_tree_and_nothing_else(reading, tmp_path):
    plant(tmp_path, {"tree/x": b"content", "outside": b"secret"})

    def act(trees, _words):
        return [
            attempt(
                lambda: os.close(os.open("x", os.O_RDONLY, dir_fd=os.open(f"/proc/self/fd/{trees[0]}", os.O_PATH)))
            ),
            attempt(lambda: open(tmp_path / "outside").close()),
            attempt(lambda: open("/etc/passwd").close()),
            attempt(lambda: os.listdir("/")),
            attempt(lambda: open("/proc/self/status").close()),
        ]

    (told,) = reading(tmp_path / "tree", Acting(act))
    if told[1] == "allowed":
        pytest.skip(LANDLOCK_IS_MISSING)
    assert told == ["allowed", *["Permission denied"] * 4]


def test_it_can_neither_write_nor_start_nor_talk_nor_signal(reading, tmp_path):
    def act(_trees, _words):
        import socket

        return [
            attempt(lambda: open(tmp_path / "new", "w").close()),
            attempt(os.fork),
            attempt(lambda: os.execv("/bin/true", ["true"])),
            attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM)),
            attempt(lambda: os.kill(os.getppid(), 0)),
        ]

    (told,) = reading(tmp_path, Acting(act))
    assert told == ["Permission denied", *["Operation not permitted"] * 4] or told[0] == "allowed"
    assert "allowed" not in told[1:]


def test_it_has_nothing_open_but_its_tree_and_the_way_to_its_parent(reading, tmp_path):
    with open(tmp_path / "secret", "w") as held:
        os.set_inheritable(held.fileno(), True)

        def act(trees, _words):
            found = []
            for fd in range(3, 200):
                try:
                    os.fstat(fd)
                    found.append(fd)
                except OSError:
                    pass
            return len(found) - len(trees)

        assert reading(tmp_path, Acting(act)) == [1]


def test_a_real_tree_is_read_with_the_real_module(reading, tmp_path):
    plant(
        tmp_path, {STATUS: stanza("a"), "var/lib/dpkg/info/a.list": b"/.\n", "lib/apk/db/installed": b"P:b\nV:1-r0\n\n"}
    )
    told = reading(tmp_path, inside, json.dumps(Request()).encode())
    assert [package[2] for line in told if line[0] == "packages" for package in line[1:]] == ["a", "b"]
    assert told[-1] == ["end"]


def test_readers_of_one_starter_know_nothing_of_each_other(tmp_path):
    seen = []

    def act(_trees, words):
        seen.append(words.decode())
        return seen

    readers = Readers(lambda: Acting(act))
    assert [ask(readers, tmp_path, b"1"), ask(readers, tmp_path, b"2")] == [[["1"]], [["2"]]]
    readers.close()


def test_one_that_dies_harms_none_of_the_others(tmp_path):
    def act(_trees, words):
        if words == b"die":
            os.abort()
        return "alive"

    readers = Readers(lambda: Acting(act))
    assert [ask(readers, tmp_path, words) for words in (b"die", b"x", b"die", b"y")] == [[], ["alive"], [], ["alive"]]
    readers.close()


def test_one_that_hangs_is_killed(reading, tmp_path):
    def act(_trees, _words):
        import signal

        signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))
        time.sleep(600)

    started = time.monotonic()
    assert reading(tmp_path, Acting(act), limits=Limits(wall=0.2)) == []
    assert time.monotonic() - started < 60


def test_one_that_takes_too_much_memory_says_so(reading, tmp_path):
    (told,) = reading(tmp_path, Acting(lambda *_: len(bytes(200 * 1024 * 1024))))
    assert told[:2] == ["failed", "limit"]
    assert "memory" in told[2]


def test_one_that_takes_too_much_time_says_so(reading, tmp_path):
    def act(_trees, _words):
        while True:
            pass

    (told,) = reading(tmp_path, Acting(act), limits=Limits(seconds=1))
    assert told == ["failed", "limit", "it took more time than one container may"]


def test_what_goes_wrong_is_said_without_what_was_read(reading, tmp_path):
    def act(_trees, _words):
        raise ValueError("secret")

    assert reading(tmp_path, Acting(act)) == [["failed", "io_error", "its reader failed with ValueError"]]


def test_they_end_with_the_process_that_started_them(tmp_path):
    script = (
        "import os, sys\n"
        "from agent.worker.readers import Readers\n"
        "print(Readers(lambda: None)._pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path[:] = {sys.path!r}\n{script}"], capture_output=True
    )
    pid = int(done.stdout)
    deadline = time.monotonic() + 10
    while not has_ended(pid):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def has_ended(pid):
    """Tell whether a process is gone, or waits for whoever asks how it ended."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True
