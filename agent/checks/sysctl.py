"""Checks of kernel parameters."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from agent.checks.engine.check import Check
from agent.checks.predicates import sysctl

if TYPE_CHECKING:
    from agent.checks.engine.check import Value


def _both(*names: str) -> tuple[str, ...]:
    """Give a setting of all interfaces and that of interfaces to come."""
    return tuple(
        f"{family}.conf.{scope}.{name}"
        for family, _, name in (name.rpartition(".") for name in names)
        for scope in ("all", "default")
    )


def _check(name: str, accepted: Value, names: tuple[str, ...], why: str) -> Check:
    return Check(
        id=f"sysctl_{name}",
        title=f"{', '.join(names)} is {{accepted}}",
        why=why,
        fix="Set it in a file of /etc/sysctl.d, and nowhere to another value; load it with `sysctl --system`.",
        rule=partial(sysctl.values, names),
        parameters={"accepted": accepted},
    )


CHECKS = (
    _check(
        "randomize_va_space",
        "2",
        ("kernel.randomize_va_space",),
        "Known addresses make faults in memory easy to exploit.",
    ),
    _check(
        "ptrace_scope",
        ("1", "2", "3"),  # each stricter than the one before
        ("kernel.yama.ptrace_scope",),
        "Any process could read the memory of others of its user.",
    ),
    _check("suid_dumpable", "0", ("fs.suid_dumpable",), "Core dumps of setuid programs hold secrets of others."),
    _check(
        "ip_forward",
        "0",
        ("net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"),
        "A host that forwards joins networks.",
    ),
    _check("send_redirects", "0", _both("net.ipv4.send_redirects"), "Only routers have cause to send redirects."),
    _check("bogus_errors", "1", ("net.ipv4.icmp_ignore_bogus_error_responses",), "Bogus answers would fill the logs."),
    _check("echo_broadcasts", "1", ("net.ipv4.icmp_echo_ignore_broadcasts",), "Answers to broadcasts amplify attacks."),
    _check(
        "accept_redirects",
        "0",
        _both("net.ipv4.accept_redirects", "net.ipv6.accept_redirects"),
        "A neighbour could route the host's traffic through itself.",
    ),
    _check("secure_redirects", "0", _both("net.ipv4.secure_redirects"), "Known gateways can be taken over or forged."),
    _check("rp_filter", "1", _both("net.ipv4.rp_filter"), "Packets with forged senders would be taken."),
    _check(
        "accept_source_route",
        "0",
        _both("net.ipv4.accept_source_route", "net.ipv6.accept_source_route"),
        "Senders could choose a path around the filters.",
    ),
    _check("log_martians", "1", _both("net.ipv4.log_martians"), "Packets with impossible addresses would go unseen."),
    _check(
        "tcp_syncookies", "1", ("net.ipv4.tcp_syncookies",), "A flood of half-open connections would lock clients out."
    ),
    _check("accept_ra", "0", _both("net.ipv6.accept_ra"), "A neighbour could name itself the router."),
)
