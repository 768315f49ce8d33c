"""Judgements about ufw."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import FAIL, NOT_APPLICABLE, PASS, Outcome, judged
from agent.checks.sources import listeners, sysctl, ufw

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System

_POLICIES = {"INPUT": ("DROP", "REJECT"), "OUTPUT": ("DROP", "REJECT"), "FORWARD": ("DROP", "REJECT")}
_CLOSED = ("DROP", "REJECT")
_REFUSE = ("deny", "reject")
_ADDRESSES = {"127.0.0.0/8": ("127.0.0.0/8",), "::1": ("::1", "::1/128")}


class Enabled(NamedTuple):
    """A ufw that sets its rules at the start."""

    def judge(self, system: System) -> Outcome:
        """Give the outcome."""
        found = ufw.is_enabled(system)
        value, where = (found.value, found.where) if found else ("not set", ufw.CONF)
        return judged(value.lower() == "yes", "ENABLED = yes of ufw", value, (where,))


class Closed(NamedTuple):
    """Default policies that refuse what no rule allows."""

    def judge(self, system: System) -> Outcome:
        """Give the outcome."""
        found = {chain: ufw.policy(system, chain) for chain in _POLICIES}
        wrong = [
            f"{chain} {each.value if each else 'not set'}"
            for chain, each in found.items()
            if each is None or each.value.upper() not in _CLOSED
        ]
        where = tuple(each.where for each in found.values() if each) or (ufw.DEFAULTS,)
        expected = f"the default policies of {', '.join(_POLICIES)} are {' or '.join(_CLOSED)}"
        return judged(not wrong, expected, ", ".join(wrong) or "so it is", where)


class Loopback(NamedTuple):
    """Rules that allow what goes by the loopback device, and refuse its addresses from elsewhere."""

    def judge(self, system: System) -> Outcome:
        """Give the outcome; what ufw ships in before.rules allows the device already."""
        given, before = system.get(ufw.given), system.get(ufw.before)
        lacking = [
            f"{way} is not allowed"
            for way, option in (("in on lo", "-i"), ("out on lo", "-o"))
            if not _allows(given, way.partition(" ")[0]) and not any(_accepts(rule, option) for rule in before)
        ]
        without_ipv6 = ufw.leaves_ipv6_out(system) or system.get(sysctl.without_ipv6) is not None
        lacking += [
            f"{address} is not refused"
            for address, written in _ADDRESSES.items()
            if not (address == "::1" and without_ipv6)
            and not any(each.source in written and each.action in _REFUSE and each.direction == "in" for each in given)
            and not any(_drops(rule, written) for rule in before)
        ]
        where = tuple(path for path in (*ufw.USER_RULES, *ufw.BEFORE_RULES) if system.root.exists(path))
        expected = "lo is allowed in and out, 127.0.0.0/8 and ::1 from elsewhere are refused"
        return judged(not lacking, expected, "; ".join(lacking) or "so it is", where)


class Ports(NamedTuple):
    """A rule for every port that something listens on for others."""

    def judge(self, system: System) -> Outcome:
        """Give the outcome; nothing listens in an image, so that it does not apply there."""
        expected = "a rule of ufw for every open port"
        open_ports = system.get(listeners.to_others)
        if open_ports is None:
            return Outcome(NOT_APPLICABLE, expected, "nothing listens", (), ("open ports",))
        given = system.get(ufw.given)
        lacking = sorted({f"{each.port}/{each.protocol}" for each in open_ports if not _is_ruled(given, each)})
        return Outcome(FAIL if lacking else PASS, expected, ", ".join(lacking[:8]) or "all", ufw.USER_RULES[:2])


def enabled() -> Rule:
    """Hold where ufw sets its rules at the start."""
    return Enabled()


def closed() -> Rule:
    """Hold where what no rule allows is refused."""
    return Closed()


def loopback() -> Rule:
    """Hold where the loopback device is open, and its addresses are closed to others."""
    return Loopback()


def ports() -> Rule:
    """Hold where every open port has a rule."""
    return Ports()


def _allows(given: tuple[ufw.Given, ...], direction: str) -> bool:
    return any(
        each.action == "allow" and each.direction == direction and each.interface == "lo" and each.ports == "any"
        for each in given
    )


def _accepts(rule: tuple[str, ...], option: str) -> bool:
    return (option, "lo") in zip(rule, rule[1:]) and rule[-1] == "ACCEPT"


def _drops(rule: tuple[str, ...], addresses: tuple[str, ...]) -> bool:
    return any(("-s", address) in zip(rule, rule[1:]) for address in addresses) and rule[-1] in _CLOSED


def _is_ruled(given: tuple[ufw.Given, ...], port: listeners.Open) -> bool:
    return any(
        each.direction == "in" and each.protocol in (port.protocol, "any") and _covers(each.ports, port.port)
        for each in given
    )


def _covers(ports: str, port: int) -> bool:
    for text in ports.split(","):
        first, _, last = text.partition(":")
        if first.isdigit() and int(first) <= port <= int(last if last.isdigit() else first):
            return True
    return False
