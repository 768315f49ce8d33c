"""Judgements about the rules of nftables, as they are loaded at the start."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import Outcome, judged
from agent.checks.sources import nftables, sysctl

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System

HOOKS = ("input", "forward", "output")
_UNOBSERVED = ("rules that are loaded now",)
_LOOPBACK = {"IPv4": ("127.0.0.0/8",), "IPv6": ("::1", "::1/128")}


class Chains(NamedTuple):
    """Base chains for all that comes in, goes out and passes through.

    policy: The policy that one of them has for each hook; None for any.
    """

    policy: str | None

    def judge(self, system: System) -> Outcome:
        """Give the outcome."""
        loaded = system.get(nftables.loaded)
        expected = f"base chains for {', '.join(HOOKS)}{f' with the policy {self.policy}' if self.policy else ''}"
        lacking = [hook for hook in HOOKS if not self._holds(loaded, hook)]
        found = f"not for {', '.join(lacking)}" if lacking else "for all"
        return judged(not lacking, expected, found, _where(loaded), _UNOBSERVED)

    def _holds(self, loaded: nftables.Loaded, hook: str) -> bool:
        chains = loaded.base_chains(hook)
        return any(self.policy in (None, chain.base.get("policy", "accept")) for _, chain in chains)


class Tables(NamedTuple):
    """A table, any."""

    def judge(self, system: System) -> Outcome:
        """Give the outcome."""
        loaded = system.get(nftables.loaded)
        names = [f"{table.family} {table.name}" for table in loaded.rules.tables.values()]
        return judged(bool(names), "a table of nftables", ", ".join(names) or "none", _where(loaded), _UNOBSERVED)


class Loopback(NamedTuple):
    """Rules that accept what comes in by the loopback device, and drop its addresses from elsewhere."""

    def judge(self, system: System) -> Outcome:
        """Give the outcome; where IPv6 is off its address need not be dropped."""
        loaded = system.get(nftables.loaded)
        rules = list(loaded.rules_of("input"))
        without_ipv6 = system.get(sysctl.without_ipv6) is not None
        lacking = [] if any(map(_accepts_lo, rules)) else ["lo is not accepted"]
        lacking += [
            f"{addresses[0]} is not dropped"
            for family, addresses in _LOOPBACK.items()
            if not (family == "IPv6" and without_ipv6) and not any(_drops(rule, addresses) for rule in rules)
        ]
        expected = "lo is accepted, 127.0.0.0/8 and ::1 from elsewhere are dropped"
        return judged(not lacking, expected, "; ".join(lacking) or "so it is", _where(loaded), _UNOBSERVED)


class Permanent(NamedTuple):
    """A file that is loaded at the start and has base chains, itself or by files that it includes, all of which are there."""

    def judge(self, system: System) -> Outcome:
        """Give the outcome."""
        loaded = system.get(nftables.loaded)
        lost = [each.pattern for each in loaded.rules.included if not each.found and "*" not in each.pattern]
        has_chains = all(loaded.base_chains(hook) for hook in HOOKS)
        found = f"not there: {', '.join(lost)}" if lost else "they are" if has_chains else "no base chains"
        expected = "rules with base chains are loaded at the start"
        return judged(has_chains and not lost, expected, found, _where(loaded))


def chains(policy: str | None = None) -> Rule:
    """Hold where there are base chains for input, forward and output; with a policy, where they have it."""
    return Chains(policy)


def tables() -> Rule:
    """Hold where there is a table."""
    return Tables()


def loopback() -> Rule:
    """Hold where the loopback device is open, and its addresses are closed to others."""
    return Loopback()


def permanent() -> Rule:
    """Hold where the rules are there after a restart."""
    return Permanent()


def _where(loaded: nftables.Loaded) -> tuple[str, ...]:
    return (loaded.where,) if loaded.where else ()


def _accepts_lo(rule: tuple[str, ...]) -> bool:
    devices = [word for at, each in enumerate(rule) if each in ("iif", "iifname") for word in _value(rule, at + 1)]
    return "lo" in devices and "accept" in rule


def _drops(rule: tuple[str, ...], addresses: tuple[str, ...]) -> bool:
    sources = [word for at, each in enumerate(rule) if each == "saddr" for word in _value(rule, at + 1)]
    return bool(set(sources) & set(addresses)) and bool({"drop", "reject"} & set(rule))


def _value(rule: tuple[str, ...], at: int) -> tuple[str, ...]:
    """Give the words of a value: one, or those of a set in braces; none where it is negated."""
    if rule[at : at + 1] != ("{",):
        return rule[at : at + 1]
    return rule[at + 1 : rule.index("}", at)] if "}" in rule[at:] else rule[at + 1 :]
