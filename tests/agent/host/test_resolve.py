"""No path leads out of the root, and both ways of resolving answer alike."""

import ctypes
import errno
import os
import struct
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.host.resolve import Resolver


def resolver_of(root, in_kernel=True):
    return Resolver(os.open(root, os.O_PATH | os.O_DIRECTORY), in_kernel)


def content(resolver, path):
    fd = resolver.open(path, os.O_RDONLY)
    try:
        return os.read(fd, 100)
    finally:
        os.close(fd)


@pytest.mark.parametrize(
    "path", [b"etc/passwd", b"/etc/passwd", b"//etc/./passwd", b"../../etc/passwd", b"etc/../etc/passwd"]
)
def test_every_way_to_write_a_path_starts_at_the_root(tree, in_kernel, path):
    assert content(resolver_of(tree, in_kernel), path) == b"root:x:0:0\n"


@pytest.mark.parametrize(
    "target", ["../secret", "../../secret", "/../secret", "/../../../{tmp}/secret", "{tmp}/secret"]
)
def test_a_link_that_points_outside_is_resolved_inside(tree, in_kernel, target):
    (tree / "etc/link").symlink_to(target.format(tmp=tree.parent))
    with pytest.raises(FileNotFoundError):
        resolver_of(tree, in_kernel).open(b"etc/link", os.O_RDONLY)


def test_a_link_of_a_directory_that_points_outside_is_resolved_inside(tree, in_kernel):
    (tree / "up").symlink_to("../..")
    with pytest.raises(FileNotFoundError):
        resolver_of(tree, in_kernel).open(b"up/secret", os.O_RDONLY)


def test_an_absolute_link_starts_at_the_root(tree, in_kernel):
    (tree / "link").symlink_to("/etc/passwd")
    assert content(resolver_of(tree, in_kernel), b"link") == b"root:x:0:0\n"


def test_a_link_to_a_directory_is_followed_in_the_middle_of_a_path(tree, in_kernel):
    (tree / "configuration").symlink_to("etc")
    assert content(resolver_of(tree, in_kernel), b"configuration/passwd") == b"root:x:0:0\n"


@pytest.mark.parametrize("target", ["/proc/self/root/etc/passwd", "/proc/1/root", "/proc/self/cwd", "/proc/self/fd/0"])
def test_a_link_into_proc_does_not_leave_a_root_without_proc(tree, in_kernel, target):
    (tree / "link").symlink_to(target)
    with pytest.raises(FileNotFoundError):
        resolver_of(tree, in_kernel).open(b"link", os.O_RDONLY)


def test_a_magic_link_of_a_proc_within_the_root_does_not_lead_to_the_host(tree, in_kernel):
    """The root here is the real /proc: its links root, cwd and fd lead anywhere for who follows them."""
    held = os.open(tree.parent / "secret", os.O_RDONLY)
    with pytest.raises(OSError) as error:
        resolver_of("/proc", in_kernel).open(b"self/fd/%d" % held, os.O_RDONLY)
    os.close(held)
    assert error.value.errno in (errno.ELOOP, errno.ENOENT)
    with pytest.raises(OSError):
        resolver_of("/proc", in_kernel).open(b"self/root/etc/passwd", os.O_RDONLY)


def test_links_that_form_a_loop_end(tree, in_kernel):
    (tree / "a").symlink_to("b")
    (tree / "b").symlink_to("a")
    with pytest.raises(OSError) as error:
        resolver_of(tree, in_kernel).open(b"a", os.O_RDONLY)
    assert error.value.errno == errno.ELOOP


def test_as_many_links_as_the_kernel_follows_are_followed_and_not_one_more(tree, in_kernel):
    (tree / "link0").symlink_to("etc/passwd")
    for number in range(40):
        (tree / f"link{number + 1}").symlink_to(f"link{number}")
    assert content(resolver_of(tree, in_kernel), b"link39") == b"root:x:0:0\n"
    with pytest.raises(OSError) as error:
        resolver_of(tree, in_kernel).open(b"link40", os.O_RDONLY)
    assert error.value.errno == errno.ELOOP


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (b"", errno.ENOENT),
        (b"etc/passwd\0.txt", errno.ENOENT),
        (b"etc/none", errno.ENOENT),
        (b"etc/passwd/", errno.ENOTDIR),
        (b"etc/passwd/.", errno.ENOTDIR),
        (b"etc/passwd/..", errno.ENOTDIR),
        (b"etc/passwd/x", errno.ENOTDIR),
    ],
)
def test_what_names_no_file_is_refused_as_the_kernel_does(tree, in_kernel, path, code):
    with pytest.raises(OSError) as error:
        resolver_of(tree, in_kernel).open(path, os.O_RDONLY)
    assert error.value.errno == code


def test_a_file_is_not_opened_as_a_directory(tree, in_kernel):
    with pytest.raises(NotADirectoryError):
        resolver_of(tree, in_kernel).open(b"etc/passwd", os.O_PATH | os.O_DIRECTORY)


def test_a_link_itself_is_opened_where_it_is_asked_for(tree, in_kernel):
    (tree / "link").symlink_to("etc/passwd")
    fd = resolver_of(tree, in_kernel).open(b"link", os.O_PATH | os.O_NOFOLLOW)
    assert os.readlink("", dir_fd=fd) == "etc/passwd"
    os.close(fd)


def test_no_descriptor_is_left_open(tree, in_kernel):
    (tree / "loop").symlink_to("loop")
    (tree / "link").symlink_to("/etc/../etc/passwd")
    resolver = resolver_of(tree, in_kernel)
    before = len(os.listdir("/proc/self/fd"))
    for path in (b"loop", b"link", b"none", b"etc/passwd/x", b"link/"):
        try:
            os.close(resolver.open(path, os.O_PATH))
        except OSError:
            pass
    assert len(os.listdir("/proc/self/fd")) == before


def test_what_is_opened_is_not_inherited(tree, in_kernel):
    fd = resolver_of(tree, in_kernel).open(b"etc", os.O_PATH)
    assert not os.get_inheritable(fd)
    os.close(fd)


_NAMES = st.sampled_from(["a", "b", "c", ".", "..", "", "d/e", "missing"])
_PATHS = st.lists(_NAMES, min_size=1, max_size=6).map("/".join)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=_PATHS, links=st.dictionaries(st.sampled_from(["a", "b", "c", "d/f"]), _PATHS.filter(bool), max_size=4))
def test_the_walk_finds_what_the_kernel_finds(tmp_path_factory, path, links):
    root = tmp_path_factory.mktemp("root")
    (root / "d/e").mkdir(parents=True)
    (root / "d/e/a").write_text("a")
    for name, target in links.items():
        (root / name).symlink_to(target)
    assert found(resolver_of(root, True), path) == found(resolver_of(root, False), path)


def found(resolver, path):
    try:
        fd = resolver.open(path.encode(), os.O_PATH)
    except OSError as error:
        return error.errno
    status = os.fstat(fd)
    os.close(fd)
    return status.st_dev, status.st_ino


def test_renames_that_disturb_the_kernel_do_not_disturb_the_answer(tree):
    """Resolving `..` within a root is refused with EAGAIN while any rename happens."""
    stop = threading.Event()

    def rename():
        (tree / "x").mkdir()
        while not stop.is_set():
            os.rename(tree / "x", tree / "y")
            os.rename(tree / "y", tree / "x")

    thread = threading.Thread(target=rename)
    thread.start()
    try:
        resolver = resolver_of(tree)
        for _ in range(2000):
            assert content(resolver, b"etc/../etc/../etc/passwd") == b"root:x:0:0\n"
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("code", [errno.ENOSYS, errno.EPERM, errno.EAGAIN])
def test_where_openat2_is_refused_the_walk_is_taken(tree, code):
    def resolve():
        refuse_openat2(code)
        (tree / "link").symlink_to("../secret")
        resolver = resolver_of(tree)
        assert content(resolver, b"etc/../etc/passwd") == b"root:x:0:0\n"
        with pytest.raises(FileNotFoundError):
            resolver.open(b"link", os.O_RDONLY)

    assert succeeds_in_a_child(resolve)


def refuse_openat2(code):
    """Install a seccomp filter that answers openat2 (437) with an error, as old kernels and sandboxes do."""
    instructions = ((0x20, 0, 0, 0), (0x15, 0, 1, 437), (0x06, 0, 0, 0x00050000 | code), (0x06, 0, 0, 0x7FFF0000))
    code_bytes = b"".join(struct.pack("HBBI", *instruction) for instruction in instructions)
    buffer = ctypes.create_string_buffer(code_bytes)
    program = struct.pack("HxxxxxxP", len(instructions), ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(38, 1, 0, 0, 0) == 0
    assert libc.prctl(22, 2, program, 0, 0) == 0


def succeeds_in_a_child(function):
    child = os.fork()
    if child == 0:
        try:
            function()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitpid(child, 0)[1] == 0
