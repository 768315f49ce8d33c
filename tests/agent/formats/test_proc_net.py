import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.formats.proc_net import InetSocket, UnixSocket, bound, listening, unix_listeners

HEADER = b"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode"
LOOPBACK = (
    b"   0: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0 100 0 0 10 0"
)
V6 = (
    b"   1: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000"
    b" 00:00000000 00000000     0        0 4712 1 0 100 0 0 10 0"
)
MAPPED = V6.replace(b"00000000000000000000000001000000", b"0000000000000000FFFF00000100007F")
CONNECTED = LOOPBACK.replace(b" 0A ", b" 01 ")
UDP = LOOPBACK.replace(b" 0A ", b" 07 ")
UNIX_HEADER = b"Num       RefCount Protocol Flags    Type St Inode Path"
UNIX = b"00000000c2521b3e: 00000002 00000000 00010000 0001 01  1672 /run/a socket"


def test_an_address_is_read_in_the_byte_order_of_the_host():
    assert list(listening([HEADER, LOOPBACK], "little")) == [InetSocket("127.0.0.1", 22, 1000, 4711)]
    assert list(listening([HEADER, LOOPBACK], "big")) == [InetSocket("1.0.0.127", 22, 1000, 4711)]


def test_an_ipv6_address_is_read_word_by_word():
    assert list(listening([HEADER, V6], "little")) == [InetSocket("::1", 8080, 0, 4712)]
    assert list(listening([HEADER, V6], "big")) == [InetSocket("::100:0", 8080, 0, 4712)]


def test_an_ipv4_address_on_an_ipv6_socket_is_written_with_dots():
    (socket,) = listening([HEADER, MAPPED], "little")
    assert socket.address == "::ffff:127.0.0.1"


def test_no_line_after_the_first_connection_is_asked_for():
    lines = itertools.chain([HEADER, LOOPBACK, CONNECTED], iter(lambda: pytest.fail("read on"), None))
    assert len(list(listening(lines))) == 1


def test_half_open_connections_among_the_listeners_of_old_kernels_do_not_end_them():
    assert len(list(listening([HEADER, LOOPBACK, LOOPBACK.replace(b" 0A ", b" 03 "), LOOPBACK]))) == 2


def test_udp_sockets_are_those_that_are_not_connected():
    assert [socket.inode for socket in bound([HEADER, CONNECTED, UDP])] == [4711]


def test_malformed_lines_are_told_after_all_others_were_given():
    sockets = listening([HEADER, b"nonsense", LOOPBACK, LOOPBACK.replace(b":0016", b":zz"), LOOPBACK])
    assert [next(sockets).port, next(sockets).port] == [22, 22]
    with pytest.raises(ValueError, match="2 malformed"):
        next(sockets)


def test_listening_unix_stream_sockets_are_given_with_their_paths_as_they_are():
    lines = [
        UNIX_HEADER,
        UNIX,
        UNIX.replace(b"00010000", b"00000000"),
        UNIX.replace(b" 0001 ", b" 0002 "),
        UNIX.replace(b"/run/a socket", b" @\xff "),
        UNIX.partition(b" /")[0].replace(b"00010000", b"00000000"),
    ]
    expected = [UnixSocket("/run/a socket", 1672), UnixSocket(" @\udcff ", 1672)]
    assert list(unix_listeners([b"\n".join(lines)])) == expected
    assert list(unix_listeners(line + b"\n" for line in lines)) == expected


@pytest.mark.parametrize("lines", [[b"nonsense", UNIX], [UNIX_HEADER, b"x 00010000 0001 y", UNIX]])
def test_a_malformed_unix_table_is_told_after_all_legible_lines_were_given(lines):
    sockets = unix_listeners([b"\n".join(lines)])
    assert next(sockets).inode == 1672
    with pytest.raises(ValueError, match="1 malformed"):
        next(sockets)


WORDS = st.sampled_from(
    [b"0:", b"0100007F:0016", b"0A", b"07", b"0", b"4711", b"\xff", b":", b"00010000", b"0001", b"/x"]
)


@given(st.lists(st.binary() | st.lists(WORDS).map(b" ".join)))
def test_garbage_raises_nothing_but_value_error(lines):
    for parse in (listening, bound, lambda lines: unix_listeners([b"\n".join(lines)])):
        try:
            list(parse(lines))
        except ValueError:
            pass
