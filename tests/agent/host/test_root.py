"""A root is read within limits, and only regular files of it are opened."""

import os
import socket
import stat

import pytest

from agent.host.directory import NAMES_LIMIT
from agent.host.errors import LimitReached, NotAFile
from agent.host.root import HostRoot


@pytest.fixture
def root(tree, in_kernel):
    return HostRoot(str(tree), in_kernel=in_kernel)


def test_a_file_is_read_whole(root):
    assert root.read("/etc/passwd") == b"root:x:0:0\n"


def test_a_file_of_exactly_the_limit_is_read(root, tree):
    (tree / "file").write_bytes(b"x" * 100)
    assert len(root.read("/file", 100)) == 100


def test_a_file_longer_than_the_limit_is_an_error(root, tree):
    (tree / "file").write_bytes(b"x" * 101)
    with pytest.raises(LimitReached):
        root.read("/file", 100)
    with root.open("/file", 100) as reader, pytest.raises(LimitReached):
        reader.read()


def test_a_file_that_claims_a_terabyte_is_cut_off_at_the_limit(root, tree):
    with (tree / "sparse").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(LimitReached):
        root.read("/sparse", 1 << 20)


def test_a_file_that_claims_to_be_empty_is_read_to_its_end():
    assert HostRoot("/proc").read("/self/status") != b""


@pytest.mark.parametrize("method", ["read", "open"])
@pytest.mark.parametrize("kind", ["directory", "fifo", "socket", "device", "link_to_fifo"])
def test_only_regular_files_are_opened(root, tree, kind, method):
    with Planted(tree, kind) as opened, pytest.raises(NotAFile):
        getattr(root, method)("/planted")
    assert not opened()


def test_a_fifo_is_not_opened_by_lines_either(root, tree):
    os.mkfifo(tree / "planted")
    with pytest.raises(NotAFile):
        next(root.lines("/planted"))


class Planted:
    """A thing that is no regular file; calling what it gives tells whether anybody opened a FIFO of it."""

    def __init__(self, tree, kind):
        self._path, self._kind, self._fifo = tree / "planted", kind, tree / "fifo"

    def __enter__(self):
        if self._kind == "directory":
            self._path.mkdir()
        elif self._kind == "fifo":
            os.mkfifo(self._path)
            self._fifo = self._path
        elif self._kind == "socket":
            here = os.getcwd()
            os.chdir(self._path.parent)
            socket.socket(socket.AF_UNIX).bind("planted")
            os.chdir(here)
        elif self._kind == "device":
            os.mknod(self._path, 0o600 | stat.S_IFCHR, os.makedev(1, 5))
        else:
            os.mkfifo(self._fifo)
            self._path.symlink_to("fifo")
        return self._opened

    def __exit__(self, *_):
        pass

    def _opened(self):
        """A reader of a FIFO lets a writer open it without blocking; without one that is ENXIO."""
        if "fifo" not in self._kind:
            return False
        try:
            os.close(os.open(self._fifo, os.O_WRONLY | os.O_NONBLOCK))
        except OSError:
            return False
        return True


def test_lines_come_without_their_ends(root, tree):
    (tree / "file").write_bytes(b"one\ntwo\r\n\nlast")
    assert list(root.lines("/file")) == [b"one", b"two", b"", b"last"]


def test_a_line_without_end_is_an_error_after_those_before_it(root, tree):
    (tree / "file").write_bytes(b"one\n" + b"x" * (2 << 20))
    lines = root.lines("/file")
    assert next(lines) == b"one"
    with pytest.raises(LimitReached):
        next(lines)


def test_a_line_of_the_greatest_length_is_given(root, tree):
    (tree / "file").write_bytes(b"x" * ((1 << 20) - 1) + b"\ntwo\n")
    assert [len(line) for line in root.lines("/file")] == [(1 << 20) - 1, 3]


def test_the_status_of_a_link_is_its_own_where_it_is_not_followed(root, tree):
    (tree / "link").symlink_to("etc/passwd")
    assert stat.S_ISREG(root.stat("/link").st_mode)
    assert stat.S_ISLNK(root.stat("/link", follow=False).st_mode)
    assert root.link("/link") == "etc/passwd"


def test_what_is_absent_does_not_exist_and_what_cannot_be_told_is_an_error(root, tree):
    (tree / "loop").symlink_to("loop")
    assert root.exists("/etc/passwd")
    assert not root.exists("/etc/none")
    assert not root.exists("/etc/passwd/none")
    with pytest.raises(OSError):
        root.exists("/loop")


def test_a_link_that_dangles_outside_does_not_exist(root, tree):
    (tree / "link").symlink_to(tree.parent / "secret")
    assert not root.exists("/link")


def test_names_are_sorted_and_keep_bytes_that_are_not_utf_8(root, tree):
    for name in (b"b", b"a", b"\xff"):
        (tree / "etc" / os.fsdecode(name)).touch()
    assert root.names("/etc") == ["a", "b", "passwd", "\udcff"]
    assert root.exists("/etc/\udcff")


def test_a_directory_of_too_many_names_is_an_error():
    """Names are cheap on a tmpfs; the limit is what is looked at."""
    folder = f"/dev/shm/stocktake-names-{os.getpid()}"
    os.mkdir(folder)
    try:
        fd = os.open(folder, os.O_RDONLY)
        for number in range(NAMES_LIMIT + 1):
            os.symlink("x", str(number), dir_fd=fd)
        with pytest.raises(LimitReached):
            HostRoot(folder).names("/")
        os.unlink("0", dir_fd=fd)
        assert len(HostRoot(folder).names("/")) == NAMES_LIMIT
        os.close(fd)
    finally:
        for entry in os.scandir(folder):
            os.unlink(entry.path)
        os.rmdir(folder)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("/etc/*", ["/etc/a.conf", "/etc/b.conf", "/etc/d", "/etc/passwd"]),
        ("/etc/*.conf", ["/etc/a.conf", "/etc/b.conf"]),
        ("/etc/.*", ["/etc/.hidden"]),
        ("/etc/?.conf", ["/etc/a.conf", "/etc/b.conf"]),
        ("/etc/[b-z].conf", ["/etc/b.conf"]),
        ("/*/d/c.conf", ["/etc/d/c.conf"]),
        ("/etc/*/c.conf", ["/etc/d/c.conf"]),
        ("/etc/passwd", ["/etc/passwd"]),
        ("/etc/none", []),
        ("/none/*", []),
        ("/etc/passwd/*", []),
        ("/../*", ["/etc"]),
    ],
)
def test_a_pattern_gives_what_matches(root, tree, pattern, expected):
    (tree / "etc/d").mkdir()
    for name in ("a.conf", "b.conf", ".hidden", "d/c.conf"):
        (tree / "etc" / name).touch()
    found = list(root.glob(pattern))
    assert found == [path if pattern != "/../*" else "/.." + path for path in expected]


def test_a_pattern_does_not_look_through_a_link_out_of_the_root(root, tree):
    (tree / "up").symlink_to("../..")
    assert "/up/secret" not in list(root.glob("/up/*"))


def test_a_tree_within_the_tree_is_a_root_of_its_own(root, tree):
    (tree / "inner").mkdir()
    (tree / "inner/link").symlink_to("../etc/passwd")
    (tree / "inner/absolute").symlink_to("/etc/passwd")
    inner = root.at("/inner")
    assert inner.path == f"{tree}/inner"
    for path in ("/link", "/absolute", "../etc/passwd"):
        assert not inner.exists(path)


def test_a_tree_within_the_tree_is_not_found_through_a_link_out_of_it(root, tree):
    (tree / "link").symlink_to("../..")
    assert root.at("/link").names("/") == ["etc", "link"]


def test_a_file_is_no_tree(root):
    with pytest.raises(NotADirectoryError):
        root.at("/etc/passwd")


def test_what_is_read_is_observed_under_its_whole_path(tree, in_kernel):
    seen = []
    root = HostRoot(str(tree), seen.append, in_kernel)
    root.read("/etc/passwd")
    root.at("/etc").read("/passwd")
    with root.directory("/etc") as directory:
        directory.read("passwd")
    assert seen == ["/etc/passwd", "/etc", "/etc/passwd", "/etc", "/etc/passwd"]


def test_a_directory_reads_its_own_files_and_follows_no_link(root, tree):
    (tree / "etc/link").symlink_to("passwd")
    os.mkfifo(tree / "etc/fifo")
    with root.directory("/etc") as directory:
        assert directory.read("passwd") == b"root:x:0:0\n"
        for name in ("link", "fifo"):
            with pytest.raises(NotAFile):
                directory.read(name)
        for name in ("../secret", "..", "."):
            with pytest.raises(ValueError, match="not a name"):
                directory.read(name)


def test_a_root_keeps_its_tree_when_that_is_moved(tree):
    root = HostRoot(str(tree))
    tree.rename(tree.parent / "moved")
    assert root.exists("/etc/passwd")


def test_a_root_that_is_no_directory_is_an_error(tree):
    with pytest.raises(NotADirectoryError):
        HostRoot(str(tree / "etc/passwd"))
