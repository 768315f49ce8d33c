"""Checks of the packet filter: one program that sets its rules, and rules that refuse what nobody allowed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from agent.checks.engine.check import Check
from agent.checks.predicates import firewalld, iptables, manual, nftables, ufw, unit
from agent.checks.predicates.combine import all_of
from agent.checks.sources.choices import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.checks.engine.check import Rule

_PROGRAMS = {name: program.units for name, program in KINDS["firewall"].programs.items()}
_CLOSED_WHY = "What nobody thought of is open unless the filter refuses what no rule allows."
_LOOPBACK_WHY = "Programs trust what comes from the host itself; others could forge its address."
_PORTS_WHY = "A port without a rule is open, or closed, by accident."
_ONE_WHY = "Two programs that set rules undo each other's; without one there are none after a restart."
_REVIEW_WHY = "Which connections a host needs, only those who run it know."


def _check(name: str, title: str, why: str, fix: str, rule: Callable[..., Rule]) -> Check:
    return Check(f"firewall_{name}", title, why, fix, rule)


def _ufw_on() -> Rule:
    return all_of(unit.on("ufw.service"), ufw.enabled())


def _review(name: str, what: str) -> Check:
    return _check(
        f"{name}_reviewed",
        what,
        _REVIEW_WHY,
        "Compare the rules with what the host needs.",
        partial(manual.review, what),
    )


CHECKS = (
    Check(
        id="firewall_single",
        title="Exactly one program sets the rules of the packet filter: {accepted}",
        why=_ONE_WHY,
        fix="Enable one, and remove or mask the others.",
        rule=partial(unit.exactly_one, _PROGRAMS),
        parameters={"accepted": ("ufw", "nftables", "iptables")},
    ),
    _check("ufw_on", "ufw is enabled", _ONE_WHY, "Run `systemctl enable --now ufw.service` and `ufw enable`.", _ufw_on),
    _check(
        "ufw_loopback",
        "ufw allows the loopback device, and refuses its addresses from elsewhere",
        _LOOPBACK_WHY,
        "Run `ufw allow in on lo`, `ufw allow out on lo`, `ufw deny in from 127.0.0.0/8`, `ufw deny in from ::1`.",
        ufw.loopback,
    ),
    _check(
        "ufw_ports",
        "ufw has a rule for every open port",
        _PORTS_WHY,
        "Run `ufw allow in PORT/PROTOCOL`, or deny.",
        ufw.ports,
    ),
    _check(
        "ufw_closed",
        "ufw refuses what no rule allows",
        _CLOSED_WHY,
        "Run `ufw default deny incoming`, `ufw default deny outgoing` and `ufw default deny routed`.",
        ufw.closed,
    ),
    _review("ufw_outbound", "rules of ufw for what goes out are as intended"),
    _check(
        "nftables_tables",
        "nftables has a table",
        _CLOSED_WHY,
        "Run `nft create table inet filter`, and save it.",
        nftables.tables,
    ),
    _check(
        "nftables_chains",
        "nftables has base chains for input, forward and output",
        _CLOSED_WHY,
        "Run `nft create chain inet filter input { type filter hook input priority 0 \\; }` and so on, and save them.",
        nftables.chains,
    ),
    _check(
        "nftables_loopback",
        "nftables accepts the loopback device, and drops its addresses from elsewhere",
        _LOOPBACK_WHY,
        "Add `iif lo accept`, `ip saddr 127.0.0.0/8 drop` and `ip6 saddr ::1 drop` to the chain input.",
        nftables.loopback,
    ),
    _check(
        "nftables_closed",
        "nftables drops what no rule accepts",
        _CLOSED_WHY,
        "Set `policy drop` in the base chains for input, forward and output, after rules for what is needed.",
        partial(nftables.chains, "drop"),
    ),
    _check(
        "nftables_on",
        "nftables is enabled and active",
        _ONE_WHY,
        "Run `systemctl enable --now nftables.service`.",
        lambda: unit.on("nftables.service"),
    ),
    _check(
        "nftables_off",
        "nftables is not enabled",
        _ONE_WHY,
        "Run `systemctl mask --now nftables.service`.",
        lambda: unit.off("nftables.service"),
    ),
    _check(
        "nftables_permanent",
        "Rules of nftables are loaded at the start",
        "Rules that were typed are gone after a restart.",
        "Write them to a file, and include that in /etc/nftables.conf.",
        nftables.permanent,
    ),
    _review("nftables_flushed", "no rules of iptables are left where nftables is used"),
    _review(
        "nftables_connections", "rules of nftables for what goes out, and for established connections, are as intended"
    ),
    *(
        check
        for version, name in ((4, "iptables"), (6, "ip6tables"))
        for check in (
            _check(
                f"{name}_closed",
                f"{name} drops what no rule accepts",
                _CLOSED_WHY,
                f"Run `{name} -P INPUT DROP` and so for FORWARD and OUTPUT, after rules for what is needed; save them.",
                partial(iptables.closed, version),
            ),
            _check(
                f"{name}_loopback",
                f"{name} accepts the loopback device, and drops its addresses from elsewhere",
                _LOOPBACK_WHY,
                f"Add rules for -i lo, -o lo and for its addresses to {name}, in this order, and save them.",
                partial(iptables.loopback, version),
            ),
            _check(
                f"{name}_ports",
                f"{name} has a rule for every open port",
                _PORTS_WHY,
                f"Add a rule of INPUT for each to {name}, and save them.",
                partial(iptables.ports, version),
            ),
            _review(f"{name}_connections", f"rules of {name} for what goes out are as intended"),
        )
    ),
    _check(
        "firewalld_loopback",
        "firewalld trusts the loopback device, and drops its addresses from elsewhere",
        _LOOPBACK_WHY,
        "Add lo to the zone trusted, and rich rules that drop 127.0.0.1 and ::1 to the default zone.",
        firewalld.loopback,
    ),
    _review("firewalld_services", "services and ports that firewalld opens are needed"),
)
