"""Ports that something listens on, as the first process sees them."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, NamedTuple

from agent.formats import proc_net

if TYPE_CHECKING:
    from agent.checks.engine.system import System


class Open(NamedTuple):
    """A port that is open to others than the host itself."""

    protocol: str
    address: str
    port: int


def to_others(system: System) -> tuple[Open, ...] | None:
    """Give the sockets of TCP and UDP that are not bound to loopback; None where the system does not run."""
    if system.proc is None:
        return None
    found = []
    for protocol, read in (("tcp", proc_net.listening), ("udp", proc_net.bound)):
        for file in (protocol, f"{protocol}6"):
            try:
                sockets = list(read(system.proc.lines(f"1/net/{file}")))
            except FileNotFoundError:
                continue
            found += [Open(protocol, each.address, each.port) for each in sockets if not _is_loopback(each.address)]
    return tuple(found)


def _is_loopback(address: str) -> bool:
    known = ip_address(address)
    mapped = getattr(known, "ipv4_mapped", None)
    return (mapped or known).is_loopback
