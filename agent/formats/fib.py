"""Addresses of a network namespace's own interfaces, from net/fib_trie and net/if_inet6 of proc."""

from __future__ import annotations

from binascii import unhexlify
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def local_addresses(fib_trie: bytes) -> Iterator[str]:
    """Give the IPv4 addresses of a namespace, each once: the `/32 host LOCAL` leaves of its tries.

    The file does not tell the interfaces. ValueError when a leaf is no address.
    """
    leaf = ""
    seen = set()
    for line in fib_trie.splitlines():
        words = line.split()
        if len(words) == 2 and words[0] == b"|--":
            leaf = words[1].decode("ascii", "replace")
        elif words == [b"/32", b"host", b"LOCAL"] and leaf not in seen:
            seen.add(leaf)
            yield str(ip_address(leaf))


def interface_addresses(if_inet6: bytes) -> Iterator[tuple[str, str, int]]:
    """Give interface, IPv6 address and prefix length of each line; ValueError for a malformed one.

    A line is the address in 32 hexadecimal digits, then in hexadecimal interface index, prefix
    length, scope and flags, then the interface's name (net/ipv6/addrconf.c).
    """
    for number, line in enumerate(if_inet6.splitlines(), 1):
        try:
            address, _index, prefix, _scope, _flags, interface = line.split()
            text = str(IPv6Address(unhexlify(address)))
            yield interface.decode("utf-8", "surrogateescape"), text, int(prefix, 16)
        except ValueError as error:
            raise ValueError(f"if_inet6: line {number}: {error}") from None
