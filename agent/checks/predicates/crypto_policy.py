"""Judgements about the crypto policy of the RHEL family (crypto-policies(7)), as far as other programs follow it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import PASS, Outcome
from agent.checks.sources import crypto_policies, sshd

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System
    from agent.checks.sources.crypto_policies import Policy

_FOLDER = "/etc/crypto-policies/"


class UnlessSetByHand(NamedTuple):
    """A list of sshd that the policy keeps in order with some modules; one that somebody wrote himself is judged alone."""

    keyword: str
    by_hand: Rule
    modules: tuple[str, ...]

    def judge(self, system: System) -> Outcome:
        """Give the outcome of the list, or that of the policy where it is what sets the list."""
        outcome = self.by_hand.judge(system)
        setting = sshd.effective(system, self.keyword.lower())
        by_policy = setting.where.startswith(_FOLDER) or not setting.where
        policy = system.get(crypto_policies.policy, crypto_policies.CONFIG)
        if outcome.verdict == PASS or not by_policy or policy is None or not self._has_modules(system, policy):
            return outcome
        expected = f"{outcome.expected}, or a crypto policy with {' and '.join(self.modules)}"
        return Outcome(PASS, expected, str(policy), (policy.where,))

    def _has_modules(self, system: System, policy: Policy) -> bool:
        return all(name in policy.modules and crypto_policies.has_module(system, name) for name in self.modules)


def unless_set_by_hand(keyword: str, by_hand: Rule, modules: tuple[str, ...]) -> Rule:
    """Hold where a list of sshd is in order, or where a policy with some modules makes it."""
    return UnlessSetByHand(keyword, by_hand, modules)
