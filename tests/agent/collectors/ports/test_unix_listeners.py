import os
import shutil
import tempfile

import pytest


@pytest.fixture
def folder():
    """A directory that every user can reach, which pytest's own is not."""
    made = tempfile.mkdtemp(prefix="stocktake-unix-")
    os.chmod(made, 0o755)
    yield made
    shutil.rmtree(made)


def test_an_abstract_socket_is_always_listed(world):
    pid = world.python(r'kept = bound(AF_UNIX, SOCK_STREAM, "\0stocktake test")')
    (listener,) = world.unix().values()
    assert (listener.key, listener.abstract, listener.mode) == ("host/unix/@stocktake test", True, None)
    assert (listener.pid, listener.uid) == (pid, None)


def test_of_sockets_in_files_those_that_others_may_write_to_and_reach_are_listed(world, folder):
    world.python(f"""
        os.chdir({folder!r})
        os.mkdir("closed", 0o700)
        kept = [bound(AF_UNIX, SOCK_STREAM, {folder!r} + name) for name in ("/open", "/own", "/closed/open")]
        os.chmod("open", 0o666)
        os.chmod("own", 0o660)
        os.chmod("closed/open", 0o666)
    """)
    listeners = world.unix()
    assert set(listeners) == {f"host/unix/{folder}/open"}
    found = listeners[f"host/unix/{folder}/open"]
    assert (found.mode, found.uid, found.user, found.abstract) == ("0666", 0, "root", False)


def test_a_link_into_a_closed_directory_does_not_open_it(world, folder):
    world.python(f"""
        os.mkdir({folder!r} + "/closed", 0o700)
        os.mkdir({folder!r} + "/closed/within", 0o755)
        os.symlink("closed/within", {folder!r} + "/link")
        kept = bound(AF_UNIX, SOCK_STREAM, {folder!r} + "/link/socket")
        os.chmod({folder!r} + "/link/socket", 0o666)
    """)
    assert world.unix() == {}


def test_a_link_on_an_open_way_is_followed(world, folder):
    world.python(f"""
        os.mkdir({folder!r} + "/within", 0o755)
        os.symlink({folder!r} + "/within", {folder!r} + "/link")
        kept = bound(AF_UNIX, SOCK_STREAM, {folder!r} + "/link/../link/socket")
        os.chmod({folder!r} + "/link/socket", 0o666)
    """)
    assert set(world.unix()) == {f"host/unix/{folder}/link/../link/socket"}


def test_a_socket_whose_file_is_gone_is_open_to_nobody(world, folder):
    world.python(f"""
        kept = bound(AF_UNIX, SOCK_STREAM, {folder!r} + "/socket")
        os.chmod({folder!r} + "/socket", 0o666)
        os.unlink({folder!r} + "/socket")
    """)
    assert world.unix() == {}


def test_a_socket_that_took_the_file_of_another_is_the_one_that_is_listed(world, folder):
    world.python(f"""
        old = bound(AF_UNIX, SOCK_STREAM, {folder!r} + "/socket")
        os.unlink({folder!r} + "/socket")
        new = bound(AF_UNIX, SOCK_STREAM, {folder!r} + "/socket")
        os.chmod({folder!r} + "/socket", 0o666)
    """)
    (listener,) = world.unix().values()
    links = {name: os.readlink(f"{world.proc}/{listener.pid}/fd/{name}") for name in ("3", "4")}
    assert f"socket:[{listener.inodes[0]}]" == links["4"]


def test_a_socket_is_judged_in_the_root_that_its_holder_sees(world, folder):
    """The holder's own file at the path is open, and the host's is not."""
    world.python(
        f"""
        kept = bound(AF_UNIX, SOCK_STREAM, {folder!r} + "/socket")
        os.chmod({folder!r} + "/socket", 0o666)
        """,
        "unshare",
        "--mount",
        "sh",
        "-c",
        f"mount -t tmpfs tmpfs {folder} && mkdir {folder}/root && mount --rbind / {folder}/root && "
        f'mount -t tmpfs -o mode=755 tmpfs {folder}/root{folder} && exec chroot {folder}/root "$@"',
        "sh",
    )
    assert set(world.unix()) == {f"host/unix/{folder}/socket"}
    assert not os.path.exists(f"{folder}/socket")


def test_a_relative_path_is_a_gap_that_names_it(world, folder):
    world.python(f'os.chdir({folder!r}); kept = bound(AF_UNIX, SOCK_STREAM, "relative")')
    found = world.records()["gap:host/unix/relative"]
    assert (found.reason, found.hides) == ("unsupported", "host/unix/relative")


def test_a_datagram_socket_and_one_that_does_not_listen_are_not_listed(world, folder):
    world.python(r"""
        kept = [bound(AF_UNIX, SOCK_DGRAM, "\0datagram"), socket(AF_UNIX, SOCK_STREAM)]
        kept[1].bind("\0silent")
    """)
    assert world.unix() == {}
