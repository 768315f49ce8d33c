"""Judgements about SELinux."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import Outcome, judged
from agent.checks.sources import selinux

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System


class Mode(NamedTuple):
    """A mode, configured and running."""

    accepted: tuple[str, ...]

    def judge(self, system: System) -> Outcome:
        """Give the outcome."""
        configured, now = system.get(selinux.mode), system.get(selinux.running)
        known = [each for each in (configured, now) if each]
        holds = configured is not None and all(each.value in self.accepted for each in known)
        found = f"configured {configured.value if configured else 'nothing'}" + (
            f", running {now.value}" if now else ""
        )
        where = tuple(each.where for each in known) or (selinux.CONFIG,)
        unobserved = ("running mode",) if now is None else ()
        return judged(holds, f"SELinux is {' or '.join(self.accepted)}", found, where, unobserved)


class Policy(NamedTuple):
    """A policy that is configured."""

    accepted: tuple[str, ...]

    def judge(self, system: System) -> Outcome:
        """Give the outcome."""
        found = system.get(selinux.policy)
        value, where = found or ("not set", selinux.CONFIG)
        return judged(value in self.accepted, f"SELINUXTYPE is {' or '.join(self.accepted)}", value, (where,))


def mode(accepted: tuple[str, ...]) -> Rule:
    """Hold where the configured mode, and the running one where it can be seen, is one of some."""
    return Mode(accepted)


def policy(accepted: tuple[str, ...]) -> Rule:
    """Hold where the configured policy is one of some."""
    return Policy(accepted)
