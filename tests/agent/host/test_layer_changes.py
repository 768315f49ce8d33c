import os

import pytest

from agent.host.errors import LimitReached
from agent.host.layer_changes import Change, changes
from agent.host.root import HostRoot
from tests.hosts.trees import plant


def look(folder, limit=1000):
    return list(changes(HostRoot(str(folder)), limit))


def test_files_are_told_with_what_tells_them_from_others(tmp_path):
    plant(tmp_path, {"b/file": b"abc", "a": b""})
    os.chmod(tmp_path / "b/file", 0o755)
    os.utime(tmp_path / "b/file", ns=(1, 2_000_000_007))
    first, second = look(tmp_path)
    assert first.path == "/a"
    assert second == Change("/b/file", "file", True, 3, 2_000_000_007)


def test_what_was_removed_is_a_device_without_a_number(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("needs root to make devices")
    os.mknod(tmp_path / "gone", 0o020000, os.makedev(0, 0))
    os.mknod(tmp_path / "null", 0o020000, os.makedev(1, 3))
    assert look(tmp_path) == [Change("/gone", "removed")]


def test_a_directory_that_hides_the_one_below_says_so(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("needs root for such attributes")
    (tmp_path / "made").mkdir()
    try:
        os.setxattr(tmp_path / "made", "trusted.overlay.opaque", b"y")
    except OSError as error:
        pytest.skip(f"this file system has no such attributes: {error.strerror}")
    assert look(tmp_path) == [Change("/made", "opaque")]


def test_links_fifos_and_sockets_are_no_changes_and_nothing_is_opened(tmp_path):
    os.symlink("/etc", tmp_path / "link")
    os.mkfifo(tmp_path / "fifo")
    assert look(tmp_path) == []


def test_a_limit_ends_it(tmp_path):
    plant(tmp_path, {f"{number}/x": b"" for number in range(10)})
    assert len(look(tmp_path, 20)) == 10
    with pytest.raises(LimitReached):
        look(tmp_path, 19)


def test_a_very_deep_tree_is_left_at_a_depth(tmp_path):
    folder = tmp_path
    for _ in range(210):
        folder = folder / "d"
        folder.mkdir()
    (folder / "x").touch()
    assert look(tmp_path) == []


def test_names_of_any_bytes_are_taken(tmp_path):
    name = b"a\xff\n\x1b[2J"
    with open(os.fsencode(tmp_path) + b"/" + name, "wb"):
        pass
    assert [os.fsencode(change.path) for change in look(tmp_path)] == [b"/" + name]
