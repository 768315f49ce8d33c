"""Which of several programs for one purpose a host uses: what the site says, else what is enabled, else what is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.sources import packages, units

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.checks.engine.system import System


class Program(NamedTuple):
    """A program that can be chosen.

    units: Units of which one is enabled where it is in use.
    packages: Packages of which one is installed where it might be.
    """

    units: tuple[str, ...]
    packages: tuple[str, ...]


class Kind(NamedTuple):
    """A purpose.

    what: Its name for people.
    programs: What serves it.
    usual: What serves it where nothing else is enabled or installed; None where nothing does.
    """

    what: str
    programs: Mapping[str, Program]
    usual: str | None = None


class Made(NamedTuple):
    """What is used: one name, or all that might be; where: what tells it."""

    names: tuple[str, ...]
    where: tuple[str, ...]


KINDS = {
    "firewall": Kind(
        "firewall",
        {
            "ufw": Program(("ufw.service",), ("ufw",)),
            "firewalld": Program(("firewalld.service",), ("firewalld",)),
            "nftables": Program(("nftables.service",), ("nftables",)),
            "iptables": Program(
                ("netfilter-persistent.service", "iptables.service", "ip6tables.service"),
                ("iptables-persistent", "iptables-services"),
            ),
        },
    ),
    "time": Kind(
        "time service",
        {
            "chrony": Program(("chrony.service", "chronyd.service"), ("chrony",)),
            "systemd-timesyncd": Program(("systemd-timesyncd.service",), ("systemd-timesyncd",)),
        },
    ),
    "log": Kind("log system", {"rsyslog": Program(("rsyslog.service",), ("rsyslog",))}, "journald"),
}


def made(system: System, kind: str) -> Made:
    """Give what a host uses; where nothing is enabled, what is installed, and where nothing is, all that could be."""
    asked = system.choices.get(kind)
    if asked:
        return Made((asked,), ("tailoring",))
    programs = KINDS[kind].programs
    enabled = {name: where for name, program in programs.items() if (where := _enabled(system, program))}
    if enabled:
        return Made(tuple(enabled), tuple(place for where in enabled.values() for place in where))
    there = system.get(packages.installed)
    installed = tuple(name for name, program in programs.items() if any(each in there for each in program.packages))
    if installed:
        return Made(installed, ())
    usual = KINDS[kind].usual
    return Made((usual,) if usual else tuple(programs), ())


def _enabled(system: System, program: Program) -> tuple[str, ...]:
    return tuple(place for unit in program.units for place in system.get(units.resolved, unit).started_by)
