"""Real opens on a real overlay: told once, then ignored."""

import os
import subprocess
from pathlib import Path

import pytest

from agent.formats.fanotify_event import OPEN, OPEN_EXEC, opens
from agent.host.fanotify_opens import OpenGroup

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="marking file systems takes root")


@pytest.fixture
def overlay(tmp_path):
    """An overlay with a file and a program in it."""
    subprocess.run(("mount", "-t", "tmpfs", "tmpfs", tmp_path), check=True)
    for name in ("lower", "upper", "work", "root"):
        (tmp_path / name).mkdir()
    (tmp_path / "lower/file").write_text("x")
    (tmp_path / "lower/program").write_bytes(Path("/bin/true").read_bytes())
    (tmp_path / "lower/program").chmod(0o755)
    layers = f"lowerdir={tmp_path}/lower,upperdir={tmp_path}/upper,workdir={tmp_path}/work"
    subprocess.run(("mount", "-t", "overlay", "overlay", "-o", layers, tmp_path / "root"), check=True)
    yield tmp_path / "root"
    subprocess.run(("umount", "-l", tmp_path / "root"), check=True)
    subprocess.run(("umount", "-l", tmp_path), check=True)


@pytest.fixture
def group(overlay):
    made = OpenGroup()
    fd = os.open(overlay, os.O_RDONLY)
    made.mark_file_system(fd)
    yield made
    os.close(fd)
    made.close()


def told(group, ignoring=0):
    found = []
    for event in opens(group.read()):
        found.append((event.mask, group.path_of(event.fd), event.pid))
        if ignoring:
            group.ignore(event.fd, ignoring)
        os.close(event.fd)
    return found


def test_an_opened_file_is_told_with_its_path_and_who_opened_it(overlay, group):
    (overlay / "file").read_text()
    assert told(group) == [(OPEN, f"{overlay}/file", os.getpid())]


def test_a_file_that_is_ignored_is_told_no_more_and_others_are(overlay, group):
    (overlay / "file").read_text()
    told(group, OPEN)
    (overlay / "file").read_text()
    assert told(group) == []
    (overlay / "other").write_text("x")
    assert [path for _, path, _ in told(group)] == [f"{overlay}/other"]


def test_a_program_that_was_read_is_told_when_it_is_executed(overlay, group):
    (overlay / "program").read_bytes()
    told(group, OPEN)
    subprocess.run([overlay / "program"], check=True)
    assert [(mask, path) for mask, path, _ in told(group)] == [(OPEN_EXEC, f"{overlay}/program")]


def test_what_was_ignored_is_told_again_after_it_was_forgotten(overlay, group):
    (overlay / "file").read_text()
    told(group, OPEN)
    group.forget_ignored()
    (overlay / "file").read_text()
    assert len(told(group)) == 1


def test_a_file_knows_the_mount_that_it_was_opened_through(overlay, group):
    (overlay / "file").read_text()
    (event,) = opens(group.read())
    mounts = [line.split() for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    (number,) = (int(fields[0]) for fields in mounts if fields[4] == str(overlay))
    assert group.mount_of(event.fd) == number
    os.close(event.fd)
