"""agent/formats/rtnetlink.py: addresses as the kernel tells them."""

import socket
import struct

import pytest

from agent.formats.rtnetlink import ipv4_addresses

DONE = struct.pack("=IHHII", 16, 3, 0, 1, 0)


def told(family: int, prefix: int, *attributes: tuple[int, bytes]) -> bytes:
    body = struct.pack("=BBBBI", family, prefix, 0, 0, 2)
    for kind, value in attributes:
        body += struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)
    return struct.pack("=IHHII", 16 + len(body), 20, 0, 1, 0) + body


def test_each_address_comes_with_its_label_and_prefix_length():
    first = told(socket.AF_INET, 24, (1, bytes(4)), (2, bytes([10, 0, 0, 1])), (3, b"eth0:1\0"))
    assert list(ipv4_addresses([first + DONE])) == [("eth0:1", "10.0.0.1", 24)]


def test_what_has_no_label_or_is_of_another_family_is_passed_over():
    unnamed = told(socket.AF_INET, 24, (2, bytes([10, 0, 0, 1])))
    other = told(socket.AF_INET6, 64, (2, bytes(16)), (3, b"eth0\0"))
    assert list(ipv4_addresses([unnamed + other + DONE])) == []


def test_an_answer_that_is_too_short_is_an_error():
    with pytest.raises(ValueError, match="malformed"):
        list(ipv4_addresses([struct.pack("=IHHII", 18, 20, 0, 1, 0) + b"ab\0\0" + DONE]))
