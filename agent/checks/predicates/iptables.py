"""Judgements about rules of iptables and ip6tables, as they are loaded at the start."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import FAIL, NOT_APPLICABLE, PASS, Outcome, judged
from agent.checks.sources import iptables, listeners, sysctl

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System

_CHAINS = ("INPUT", "FORWARD", "OUTPUT")
_CLOSED = ("DROP", "REJECT")
_UNOBSERVED = ("rules that are loaded now",)
_LOOPBACK = {4: ("127.0.0.0/8",), 6: ("::1", "::1/128")}


class Closed(NamedTuple):
    """Chains that drop what no rule accepts."""

    version: int

    def judge(self, system: System) -> Outcome:
        """Give the outcome; rules of IPv6 are not needed where it is off."""
        expected = f"{', '.join(_CHAINS)} of {_name(self.version)} have the policy DROP"
        if off := _is_off(system, self.version):
            return Outcome(PASS, expected, "IPv6 is off", (off,))
        saved = system.get(iptables.saved, self.version)
        wrong = [f"{chain} {saved.policies.get(chain, 'not set')}" for chain in _CHAINS if not _is_closed(saved, chain)]
        return judged(not wrong, expected, ", ".join(wrong) or "so it is", _where(saved), _UNOBSERVED)


class Loopback(NamedTuple):
    """Rules that accept what goes by the loopback device, and drop its addresses from elsewhere, in this order."""

    version: int

    def judge(self, system: System) -> Outcome:
        """Give the outcome; rules of IPv6 are not needed where it is off."""
        expected = f"{_name(self.version)}: lo is accepted, {_LOOPBACK[self.version][0]} from elsewhere is dropped"
        if off := _is_off(system, self.version):
            return Outcome(PASS, expected, "IPv6 is off", (off,))
        saved = system.get(iptables.saved, self.version)
        came, went = saved.rules.get("INPUT", []), saved.rules.get("OUTPUT", [])
        accepted = [at for at, rule in enumerate(came) if _has(rule, ("-i", "lo")) and _to(rule, ("ACCEPT",))]
        dropped = [at for at, rule in enumerate(came) if self._is_source(rule) and _to(rule, _CLOSED)]
        out = any(_has(rule, ("-o", "lo")) and _to(rule, ("ACCEPT",)) for rule in went)
        holds = bool(accepted and dropped and out) and accepted[0] < dropped[-1]
        lacking = [name for name, there in (("INPUT lo", accepted), ("OUTPUT lo", out), ("drop", dropped)) if not there]
        found = f"no rule: {', '.join(lacking)}" if lacking else "so it is" if holds else "in another order"
        return judged(holds, expected, found, _where(saved), _UNOBSERVED)

    def _is_source(self, rule: tuple[str, ...]) -> bool:
        return any(_has(rule, ("-s", address)) for address in _LOOPBACK[self.version])


class Ports(NamedTuple):
    """A rule of INPUT for every port that something listens on for others."""

    version: int

    def judge(self, system: System) -> Outcome:
        """Give the outcome; nothing listens in an image, so that it does not apply there."""
        expected = f"{_name(self.version)} has a rule for every open port"
        if off := _is_off(system, self.version):
            return Outcome(PASS, expected, "IPv6 is off", (off,))
        open_ports = system.get(listeners.to_others)
        if open_ports is None:
            return Outcome(NOT_APPLICABLE, expected, "nothing listens", (), ("open ports",))
        saved = system.get(iptables.saved, self.version)
        ruled = saved.rules.get("INPUT", [])
        lacking = sorted({f"{each.port}/{each.protocol}" for each in open_ports if not _is_ruled(ruled, each)})
        found = ", ".join(lacking[:8]) or "all"
        return Outcome(FAIL if lacking else PASS, expected, found, _where(saved), _UNOBSERVED)


def closed(version: int) -> Rule:
    """Hold where all chains drop what no rule accepts."""
    return Closed(version)


def loopback(version: int) -> Rule:
    """Hold where the loopback device is open, and its addresses are closed to others."""
    return Loopback(version)


def ports(version: int) -> Rule:
    """Hold where every open port has a rule."""
    return Ports(version)


def _name(version: int) -> str:
    return "iptables" if version == 4 else "ip6tables"


def _is_off(system: System, version: int) -> str | None:
    return system.get(sysctl.without_ipv6) if version == 6 else None


def _is_closed(saved: iptables.Filter, chain: str) -> bool:
    """Tell whether a chain drops the rest: by its policy, or by a last rule for everything."""
    rules = saved.rules.get(chain, [])
    return saved.policies.get(chain) in _CLOSED or (bool(rules) and rules[-1][:2] in (("-j", "DROP"), ("-j", "REJECT")))


def _where(saved: iptables.Filter) -> tuple[str, ...]:
    return (saved.where,) if saved.where else ()


def _has(rule: tuple[str, ...], pair: tuple[str, str]) -> bool:
    """Tell whether a rule has an option with a value that is not negated."""
    return any(each == pair and (at == 0 or rule[at - 1] != "!") for at, each in enumerate(zip(rule, rule[1:])))


def _to(rule: tuple[str, ...], targets: tuple[str, ...]) -> bool:
    return any(_has(rule, ("-j", target)) for target in targets)


def _is_ruled(rules: list[tuple[str, ...]], port: listeners.Open) -> bool:
    for rule in rules:
        named = [rule[at + 1] for at, word in enumerate(rule[:-1]) if word in ("--dport", "--dports")]
        protocols = [rule[at + 1] for at, word in enumerate(rule[:-1]) if word == "-p"]
        if port.protocol in protocols and any(_covers(each, port.port) for text in named for each in text.split(",")):
            return True
    return False


def _covers(text: str, port: int) -> bool:
    first, _, last = text.partition(":")
    return first.isdigit() and int(first) <= port <= (int(last) if last.isdigit() else int(first))
