"""Addresses of the host's own network interfaces, from its proc and, where the agent shares them, psutil."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

from agent.formats.addresses import LINK, LOOPBACK, scope
from agent.formats.fib import interface_addresses, local_addresses
from agent.model.records import Address

try:
    import psutil
except ImportError:
    from agent.host import plain

    HAS_PSUTIL = False
else:
    HAS_PSUTIL = True

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.host.procfs import ProcFS

NETWORK = "1/net"
"""The network namespace of process 1 is the host's own."""


def addresses(proc: ProcFS) -> Iterator[Address]:
    """Give the addresses of the host's own network namespace, each once.

    Loopback addresses and IPv6 link-local ones are left out: every host has them, none is reached by
    them from afar, and one of the latter comes and goes with every container's interface. The kernel
    tells an IPv4 address without its interface, which is added where the agent shares the namespace and
    may open a netlink socket.
    OSError where process 1 is not shown; ValueError for what the parsers do not know.
    """
    yield from _ipv4(proc)
    yield from _ipv6(proc)


def _ipv4(proc: ProcFS) -> Iterator[Address]:
    shown = _own_ipv4() if _shares_network(proc) else {}
    for address in local_addresses(proc.read(f"{NETWORK}/fib_trie")):
        reach = scope(address)
        if reach != LOOPBACK:
            interface, prefix = shown.get(address, (None, None))
            yield Address(interface, address, prefix, reach)


def _ipv6(proc: ProcFS) -> Iterator[Address]:
    try:
        table = proc.read(f"{NETWORK}/if_inet6")
    except FileNotFoundError:  # a kernel without IPv6, of a process that is there
        return
    seen = set()
    for interface, address, prefix in interface_addresses(table):
        reach = scope(address)
        if reach not in (LOOPBACK, LINK) and address not in seen:
            seen.add(address)
            yield Address(interface, address, prefix, reach)


def _own_ipv4() -> dict[str, tuple[str, int]]:
    """Give interface and prefix length of each IPv4 address in the agent's own network namespace.

    Nothing where the agent may open no netlink socket, as in a confined worker.
    """
    try:
        return _by_psutil() if HAS_PSUTIL else plain.own_ipv4()
    except OSError:
        return {}


def _by_psutil() -> dict[str, tuple[str, int]]:
    shown: dict[str, tuple[str, int]] = {}
    interfaces = psutil.net_if_addrs()
    for interface, entries in interfaces.items():
        for entry in entries:
            if entry.family == socket.AF_INET and entry.netmask:
                shown[entry.address] = (interface, _prefix(entry.netmask))
    return shown


def _shares_network(proc: ProcFS) -> bool:
    """Tell whether the agent is in the host's network namespace.

    Process 1 may not show its namespace, but every namespace has its own files below net, and the
    inode of one of them tells which it is to whoever may read it.
    """
    return proc.stat(f"{NETWORK}/fib_trie").st_ino == os.stat("/proc/self/net/fib_trie").st_ino


def _prefix(netmask: str) -> int:
    return bin(int.from_bytes(socket.inet_aton(netmask), "big")).count("1")
