"""agent/daemon/http.py with real sockets, on a clock of its own."""

import contextlib
import select
import socket

import pytest

from agent.daemon.http import MOST, PATIENCE, Pages

LARGE = b"x" * 8_000_000


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def pages(clock):
    made = Pages("127.0.0.1:0", {"/metrics": lambda: b"metric 1\n", "/large": lambda: LARGE}, clock)
    yield made
    made.close()


@pytest.fixture
def connect(pages):
    with contextlib.ExitStack() as open_ones:

        def one():
            channel = open_ones.enter_context(socket.create_connection(("127.0.0.1", pages.port), timeout=10))
            turn(pages)
            return channel

        yield one


def turn(pages):
    """Let the loop go round as the daemon does: when something is ready."""
    while any(select.select(pages.reading(), pages.writing(), [], 0.05)[:2]):
        pages.step()


def answer(pages, channel):
    """Take in what is answered, to the end."""
    channel.setblocking(False)
    said = b""
    while True:
        pages.step()
        try:
            chunk = channel.recv(65536)
        except BlockingIOError:
            select.select([channel], [], [], 10)
            continue
        if not chunk:
            return said
        said += chunk


def asked(pages, channel, request):
    channel.sendall(request)
    select.select(pages.reading(), [], [], 10)
    return answer(pages, channel)


def test_a_page_is_answered_whole(pages, connect):
    said = asked(pages, connect(), b"GET /metrics?x=1 HTTP/1.1\r\nHost: a\r\n\r\n")
    head, _, body = said.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"Content-Length: 9" in head
    assert body == b"metric 1\n"


def test_a_page_that_no_buffer_holds_arrives_whole(pages, connect):
    assert asked(pages, connect(), b"GET /large HTTP/1.1\r\n\r\n").partition(b"\r\n\r\n")[2] == LARGE


def test_a_head_has_no_body(pages, connect):
    said = asked(pages, connect(), b"HEAD /metrics HTTP/1.1\r\n\r\n")
    assert said.endswith(b"Content-Length: 9\r\nConnection: close\r\n\r\n")


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"GET / HTTP/1.1", b"404"),
        (b"GET /../etc/passwd HTTP/1.1", b"404"),
        (b"POST /metrics HTTP/1.1", b"405"),
        (b"", b"405"),
        (b"\xff\xfe", b"405"),
    ],
)
def test_nothing_else_is_answered(pages, connect, request_line, status):
    assert asked(pages, connect(), request_line + b"\r\n\r\n").split(b" ")[1] == status


def test_a_request_may_come_in_pieces(pages, connect):
    channel = connect()
    channel.sendall(b"GET /met")
    turn(pages)
    assert asked(pages, channel, b"rics HTTP/1.1\r\n\r\n").endswith(b"metric 1\n")


def test_a_request_without_an_end_is_cut_off(pages, connect):
    channel = connect()
    channel.sendall(b"GET /metrics HTTP/1.1\r\n" + b"x" * 8192)
    turn(pages)
    assert pages.writing() == []
    assert len(pages.reading()) == 1


def test_who_says_nothing_is_let_go_in_time(pages, connect, clock):
    connect()
    assert pages.next_check() == clock.now + PATIENCE
    clock.now += PATIENCE
    pages.step()
    assert pages.next_check() == float("inf")


def test_who_takes_nothing_is_let_go_in_time(pages, connect, clock):
    connect().sendall(b"GET /large HTTP/1.1\r\n\r\n")
    turn(pages)
    assert len(pages.writing()) == 1
    clock.now += PATIENCE
    pages.step()
    assert pages.writing() == []


def test_no_more_than_some_are_connected_at_a_time(pages, connect):
    for _ in range(MOST + 3):
        connect()
    assert len(pages.reading()) == MOST


def test_a_client_that_goes_away_leaves_nothing(pages, connect):
    connect().close()
    turn(pages)
    assert len(pages.reading()) == 1


def test_an_ipv6_address_stands_in_brackets(clock):
    if not socket.has_ipv6:
        pytest.skip("this host has no IPv6")
    pages = Pages("[::1]:0", {}, clock)
    socket.create_connection(("::1", pages.port), timeout=10).close()
    pages.close()
