"""Judgements about the crypto policy of the whole system."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import FAIL, PASS, Outcome, judged
from agent.checks.sources import crypto_policies, drop_ins

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System

_SYSCONFIG = "/etc/sysconfig/sshd"


class Applied(NamedTuple):
    """A policy, one of some, with modules that turn weak algorithms off, configured and applied."""

    names: tuple[str, ...]
    modules: tuple[str, ...]

    def judge(self, system: System) -> Outcome:
        """Give the outcome; modules of what was applied were there then."""
        expected = f"crypto policy {' or '.join(self.names)} with {', '.join(self.modules)}"
        configured = system.get(crypto_policies.policy, crypto_policies.CONFIG)
        if configured is None:
            return Outcome(FAIL, expected, "not set", (crypto_policies.CONFIG,))
        applied = system.get(crypto_policies.policy, crypto_policies.STATE)
        where = (configured.where, *((applied.where,) if applied else ()))
        lacking = [name for name in self.modules if name not in configured.modules]
        if configured.name not in self.names or lacking:
            return Outcome(FAIL, expected, str(configured), where)
        if applied and str(applied) != str(configured):
            return Outcome(FAIL, expected, f"{configured} is configured, but {applied} is applied", where)
        absent = [name for name in self.modules if not applied and not crypto_policies.has_module(system, name)]
        return judged(not absent, expected, f"no module {absent[0]}" if absent else str(configured), where)


class SshdFollows(NamedTuple):
    """An sshd that keeps to the policy of the system."""

    def judge(self, system: System) -> Outcome:
        """Give the outcome."""
        expected = f"CRYPTO_POLICY is not set in {_SYSCONFIG}"
        for line in drop_ins.lines(system, _SYSCONFIG):
            if line.text.removeprefix("export ").partition("=")[0].strip() == "CRYPTO_POLICY":
                return Outcome(FAIL, expected, "set", (line.where,))
        return Outcome(PASS, expected, "not set", (_SYSCONFIG,))


class SshdWithout(NamedTuple):
    """A list of sshd, as the policy makes it, without algorithms that contain some text."""

    keyword: str
    text: str

    def judge(self, system: System) -> Outcome:
        """Give the outcome; what the policy does not list is left to sshd, which has them all."""
        expected = f"{self.keyword} of the policy has nothing with {self.text}"
        listed = system.get(crypto_policies.list_of_sshd, self.keyword)
        if listed is None:
            return Outcome(FAIL, expected, "not set", (crypto_policies.SSHD,))
        found = [name for name in listed[0] if self.text in name]
        return judged(not found, expected, ", ".join(found or listed[0]), (listed[1],))


def applied(names: tuple[str, ...], modules: tuple[str, ...]) -> Rule:
    """Hold where a policy is configured and applied with some modules."""
    return Applied(names, modules)


def sshd_follows() -> Rule:
    """Hold where sshd does not leave the policy."""
    return SshdFollows()


def sshd_without(keyword: str, text: str) -> Rule:
    """Hold where no algorithm that the policy gives sshd contains a text."""
    return SshdWithout(keyword, text)
