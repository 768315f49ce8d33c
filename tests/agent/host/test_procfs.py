import os

import pytest

from agent.host.errors import LimitReached
from agent.host.procfs import ALL, FIRST, OTHERS, ProcFS


@pytest.fixture
def tree(tmp_path):
    """A proc of one file, whose lines are longer than a read and end without a line feed."""
    (tmp_path / "lines").write_bytes(b"a\n" + b"b" * 100_000 + b"\n\nla\rst")
    return ProcFS(str(tmp_path))


def test_blocks_hold_whole_lines_and_lines_are_their_lines(tree):
    blocks = list(tree.blocks("lines"))
    assert b"".join(blocks) == b"a\n" + b"b" * 100_000 + b"\n\nla\rst"
    assert all(block.endswith(b"\n") for block in blocks[:-1])
    assert list(tree.lines("lines")) == [b"a", b"b" * 100_000, b"", b"la\rst"]


def test_more_than_the_limit_is_not_read(tree):
    with pytest.raises(LimitReached):
        list(tree.lines("lines", 1000))


@pytest.fixture
def descriptors():
    """This process's descriptors made sparse: a socket among the first, one behind a hole, one far away."""
    import fcntl
    import socket

    pair = socket.socketpair()
    opened = [fcntl.fcntl(pair[0].fileno(), fcntl.F_DUPFD_CLOEXEC, least) for least in (60, 900)]
    yield {pair[0].fileno(), pair[1].fileno(), *opened}
    for number in opened:
        os.close(number)
    for end in pair:
        end.close()


def test_all_sockets_of_a_process_are_found_whatever_holes_its_table_has(descriptors):
    proc = ProcFS("/proc")
    expected = {
        (int(name), os.stat(f"/proc/self/fd/{name}").st_ino)
        for name in os.listdir("/proc/self/fd")
        if os.path.exists(f"/proc/self/fd/{name}") and os.readlink(f"/proc/self/fd/{name}").startswith("socket:")
    }
    found = proc.sockets(os.getpid(), ALL)
    assert set(found.sockets) == expected
    assert len(found.sockets) == len(expected)
    assert descriptors <= {number for number, _ in expected}


def test_the_sockets_of_a_process_with_thousands_of_descriptors_are_found(descriptors):
    null = os.open("/dev/null", os.O_RDONLY)
    many = [os.dup(null) for _ in range(2000)]
    try:
        found = {number for number, _ in ProcFS("/proc").sockets(os.getpid(), ALL).sockets}
    finally:
        for number in (null, *many):
            os.close(number)
    assert descriptors <= found


def test_the_first_and_the_others_are_together_all(descriptors):
    proc = ProcFS("/proc")
    first, others, every = (proc.sockets(os.getpid(), which).sockets for which in (FIRST, OTHERS, ALL))
    assert sorted(first + others) == sorted(every)
    assert all(3 <= number < 13 for number, _ in first)
