import os
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.formats.fib import interface_addresses, local_addresses

TRIE = b"""\
Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 10.1.2.0/24 2 0 2
        |-- 10.1.2.0
           /24 link UNICAST
        |-- 10.1.2.3
           /32 host LOCAL
        |-- 10.1.2.255
           /32 link BROADCAST
     +-- 127.0.0.0/8 2 0 2
        |-- 127.0.0.0
           /8 host LOCAL
        |-- 127.0.0.1
           /32 host LOCAL
Local:
        |-- 10.1.2.3
           /32 host LOCAL
"""

INET6 = b"""\
00000000000000000000000000000001 01 80 10 80       lo
fe80000000000000005a2bfffe3c4d5e 02 40 20 80     eth0
"""


def test_the_local_leaves_of_a_trie_are_the_addresses_and_each_comes_once():
    assert list(local_addresses(TRIE)) == ["10.1.2.3", "127.0.0.1"]


def test_every_line_of_if_inet6_is_an_interface_with_its_address():
    assert list(interface_addresses(INET6)) == [("lo", "::1", 128), ("eth0", "fe80::5a:2bff:fe3c:4d5e", 64)]


def test_a_malformed_line_of_if_inet6_is_named():
    with pytest.raises(ValueError, match="line 3"):
        list(interface_addresses(INET6 + b"fe80 02 40\n"))


def test_a_leaf_that_is_no_address_is_a_value_error():
    with pytest.raises(ValueError):
        list(local_addresses(b"|-- 1.2.3\n /32 host LOCAL\n"))


def test_this_hosts_addresses_are_those_that_ip_shows():
    shown = subprocess.run(["ip", "-4", "-o", "addr"], capture_output=True, text=True, check=True).stdout
    expected = {line.split()[3].partition("/")[0] for line in shown.splitlines()}
    with open("/proc/net/fib_trie", "rb") as file:
        assert set(local_addresses(file.read())) == expected


@pytest.mark.skipif(not os.path.exists("/proc/net/if_inet6"), reason="this kernel runs without IPv6")
def test_this_hosts_ipv6_addresses_are_those_that_ip_shows():
    shown = subprocess.run(["ip", "-6", "-o", "addr"], capture_output=True, text=True, check=True).stdout
    expected = {(line.split()[1], *line.split()[3].split("/")) for line in shown.splitlines()}
    with open("/proc/net/if_inet6", "rb") as file:
        found = {(interface, address, str(prefix)) for interface, address, prefix in interface_addresses(file.read())}
    assert found == expected


@given(st.binary())
def test_garbage_raises_nothing_but_value_error(content):
    for parse in (local_addresses, interface_addresses):
        try:
            list(parse(content))
        except ValueError:
            pass


@given(st.lists(st.sampled_from([b"|-- ", b"/32 host LOCAL", b"1.2.3.4", b"\n", b" ", b"999.1.1.1", b"\xff"])))
def test_garbage_of_the_tries_own_words_raises_nothing_but_value_error(words):
    try:
        list(local_addresses(b"".join(words)))
    except ValueError:
        pass
