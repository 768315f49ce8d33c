import os
import subprocess
from contextlib import contextmanager

import pytest

from agent.formats.fanotify_event import CREATE, MODIFY, events
from agent.host.fanotify import Group
from agent.host.file_handle import FileHandles, file_system_number
from agent.host.local_mounts import LocalMounts, open_mount

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="marking file systems takes root")


@contextmanager
def tmpfs(folder):
    subprocess.run(("mount", "-t", "tmpfs", "tmpfs", folder), check=True)
    fd = os.open(folder, os.O_RDONLY)
    try:
        yield fd
    finally:
        os.close(fd)
        subprocess.run(("umount", folder), check=True)


def told(group):
    return list(events(group.read()))


def test_a_marked_file_system_tells_of_every_directory_who_did_what(tmp_path):
    with tmpfs(tmp_path) as top:
        (tmp_path / "below").mkdir()
        group = Group()
        group.mark_file_system(top)
        (tmp_path / "below/file").touch()
        (event,) = told(group)
        assert event.mask & CREATE
        assert (event.pid, event.name) == (os.getpid(), b"file")
        assert event.directory[:8] == file_system_number(str(tmp_path))
        assert FileHandles().locate(top, event.directory[8:])[0] == f"{tmp_path}/below"
        group.close()


def test_without_events_there_is_nothing_to_read():
    assert Group().read() == b""


def test_a_marked_directory_is_known_by_its_own_handle(tmp_path):
    group, handles = Group(), FileHandles()
    fd = os.open(tmp_path, os.O_RDONLY)
    group.mark_directory(fd)
    (tmp_path / "file").touch()
    assert {event.directory for event in told(group)} == {file_system_number(fd) + handles.handle_of(fd)}
    os.close(fd)


def test_files_of_an_ignored_directory_are_not_told_but_its_directories_are(tmp_path):
    with tmpfs(tmp_path) as top:
        (tmp_path / "noise").mkdir()
        group = Group()
        group.mark_file_system(top)
        noise = os.open(tmp_path / "noise", os.O_RDONLY)
        try:
            group.ignore_files(noise)
        except OSError:
            pytest.skip("this kernel cannot ignore so")
        finally:
            os.close(noise)
        (tmp_path / "noise/file").write_text("1")
        (tmp_path / "noise/folder").mkdir()
        (tmp_path / "file").write_text("1")
        assert [event.name for event in told(group)] == [b"folder", b"file"]
        group.forget_directories()
        (tmp_path / "noise/file").write_text("2")
        assert any(event.mask & MODIFY for event in told(group))
        group.close()


def test_a_removed_directory_has_no_path(tmp_path):
    handles = FileHandles()
    (tmp_path / "gone").mkdir()
    gone, here = os.open(tmp_path / "gone", os.O_RDONLY), os.open(tmp_path, os.O_RDONLY)
    handle = handles.handle_of(gone)
    assert handles.locate(here, handle)[0] == f"{tmp_path}/gone"
    (tmp_path / "gone").rmdir()
    assert handles.locate(here, handle) is None
    os.close(gone)
    with pytest.raises(OSError, match="Stale"):
        handles.locate(here, handle)
    os.close(here)


def test_a_path_is_on_the_mount_nearest_above_it(tmp_path):
    with tmpfs(tmp_path):
        mounts = LocalMounts()
        found = mounts.of(f"{tmp_path}/some/path")
        assert (found.point, found.file_system) == (str(tmp_path), "tmpfs")
        assert mounts.of("/").point == "/"
        fd = open_mount(found)
        assert os.fstat(fd).st_dev == os.stat(tmp_path).st_dev
        os.close(fd)
    with pytest.raises(FileNotFoundError):
        open_mount(found)
    mounts.close()
