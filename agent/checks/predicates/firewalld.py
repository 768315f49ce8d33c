"""Judgements about firewalld."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import judged
from agent.checks.sources import firewalld, sysctl

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule
    from agent.checks.engine.outcome import Outcome
    from agent.checks.engine.system import System

_FAMILIES = {"IPv4": ("127.0.0.1", "127.0.0.0/8"), "IPv6": ("::1", "::1/128")}


class Loopback(NamedTuple):
    """A loopback device that is trusted, and rules that drop its addresses where they come from elsewhere."""

    def judge(self, system: System) -> Outcome:
        """Give the outcome; the rules may be in any zone but that of trusted devices, which drops nothing."""
        zones = system.get(firewalld.zones)
        trusted = zones.get("trusted")
        drops = [drop for zone in zones.values() for drop in zone.drops]
        lacking = [] if trusted and "lo" in trusted.interfaces else ["lo is not in the zone trusted"]
        without_ipv6 = system.get(sysctl.without_ipv6) is not None
        lacking += [
            f"{addresses[0]} is not dropped"
            for family, addresses in _FAMILIES.items()
            if not (family == "IPv6" and without_ipv6) and not any(drop.source in addresses for drop in drops)
        ]
        where = tuple(zone.where for zone in zones.values() if zone.drops or "lo" in zone.interfaces)
        expected = "lo is in the zone trusted, 127.0.0.1 and ::1 from elsewhere are dropped"
        return judged(not lacking, expected, "; ".join(lacking) or "so it is", where[:4])


def loopback() -> Rule:
    """Hold where the loopback device is open, and its addresses are closed to others."""
    return Loopback()
