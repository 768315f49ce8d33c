"""Who opened a file: real processes, some of which end before they are looked at."""

import os
import subprocess
import sys
from contextlib import contextmanager

import pytest

from agent.host.procfs import ProcFS
from agent.inventory.code import NATIVE, PYTHON
from agent.watch.opens.openers import Openers
from tests.hosts.trees import plant

WAIT = "import sys; sys.stdin.read()"


@contextmanager
def process(*words):
    with subprocess.Popen(words, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as running:
        yield running
        running.kill()


def described(folder, executable, command=()):
    """Give the openers of a proc that has process 7 alone."""
    plant(
        folder / "7",
        {"cmdline": b"\0".join([*command, b""]), "cgroup": b"0::/\n", "status": b"Name:\tx\nUid:\t0\t0\t0\t0\n"},
    )
    (folder / "7" / "exe").symlink_to(executable)
    return Openers(ProcFS(str(folder)))


def test_what_a_program_runs_is_told_by_its_name():
    with process(sys.executable, "-c", WAIT) as running:
        opener = Openers(ProcFS()).of(running.pid, 1.0)
    assert opener.executable == os.path.realpath(sys.executable)
    assert (PYTHON in opener.languages, opener.reads, opener.scope) == (True, False, None)
    assert opener.root == (os.geteuid() == 0)


@pytest.mark.parametrize(
    ("command", "reads"),
    [
        ([b"python3", b"-m", b"pip", b"install"], True),
        ([b"python3", b"/usr/bin/pip3.11", b"install"], True),
        ([b"python3", b"-E", b"-S", b"-m", b"py_compile"], True),
        ([b"node", b"/usr/lib/node_modules/npm/bin/npm-cli.js", b"ci"], True),
        ([b"ruby", b"/usr/bin/bundle", b"install"], True),
        ([b"ruby", b"/usr/bin/bundle", b"exec", b"puma"], False),
        ([b"python3", b"-m", b"gunicorn", b"pip:app"], False),
        ([b"python3", b"/app/main.py", b"a", b"b", b"c", b"pip"], False),
        ([b"php", b"/usr/bin/composer", b"install"], True),
        ([b""], False),
    ],
)
def test_the_first_words_of_a_command_tell_a_package_manager(tmp_path, command, reads):
    openers = described(tmp_path, f"/usr/bin/{(command[0] or b'python3').decode()}", command)
    assert openers.of(7, 1.0).reads is reads


@pytest.mark.parametrize("name", ["tar", "grep", "dpkg", "sha256sum", "javac"])
def test_programs_that_only_read_are_known_by_their_names(tmp_path, name):
    assert described(tmp_path, f"/usr/bin/{name}").of(7, 1.0).reads


def test_a_process_that_ended_is_known_for_a_moment_and_then_no_more():
    openers = Openers(ProcFS())
    with process("/bin/sleep", "1000") as running:
        alive = openers.of(running.pid, 1.0)
        running.kill()
        running.wait()
    assert openers.of(running.pid, 1.5) == alive
    assert openers.of(running.pid, 3.0) is None


def test_a_process_that_nobody_saw_before_it_ended_is_nobody():
    with process("/bin/true") as running:
        running.wait()
    assert Openers(ProcFS()).of(running.pid, 1.0) is None


def test_another_program_in_the_place_of_one_is_seen_after_a_moment():
    openers = Openers(ProcFS())
    with process("/bin/sh", "-c", "read go; exec sleep 1000") as running:
        first = openers.of(running.pid, 1.0)
        running.stdin.write(b"\n")
        running.stdin.flush()
        while os.path.realpath(f"/proc/{running.pid}/exe") == first.executable:
            pass
        assert openers.of(running.pid, 1.01) == first
        assert openers.of(running.pid, 1.05).executable.endswith("/sleep")
        running.kill()


def test_what_is_in_memory_tells_a_server_with_an_interpreter_in_it(tmp_path):
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "maps").write_bytes(
        b"7f00-7f01 r-xp 0 fd:00 9 /usr/lib/libpython3.11.so.1.0\n7f02-7f03 r-xp 0 fd:00 8 /a/b.so\n"
    )
    openers = Openers(ProcFS(str(tmp_path)))
    assert openers.embeds(7, PYTHON)
    assert not openers.embeds(7, NATIVE)
    assert openers.has_mapped(7, "/a/b.so")
    assert not openers.has_mapped(7, "/b.so")
    assert not openers.embeds(8, PYTHON)
