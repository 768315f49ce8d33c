"""Judgements about kernel parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import FAIL, PASS, Outcome
from agent.checks.predicates.combine import all_of
from agent.checks.sources import sysctl

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System


class Parameter(NamedTuple):
    """A parameter with the values that are accepted, configured and running.

    Files of the administrator that contradict each other fail: which one counts depends on what loads them.
    One that is nowhere configured fails even where the kernel's default is right: the next kernel or package may differ.
    """

    name: str
    accepted: tuple[str, ...]

    def judge(self, system: System) -> Outcome:
        """Give the outcome; one of IPv6 holds where IPv6 is off."""
        expected = f"{self.name} = {' or '.join(self.accepted)}"
        if self.name.startswith("net.ipv6.") and (off := system.get(sysctl.without_ipv6)):
            return Outcome(PASS, expected, "IPv6 is off", (off,))
        now = sysctl.running(system, self.name)
        unobserved = ("running value",) if now is None else ()
        configured = self._configured(system)
        for found, where in (*configured, *self._running(now)):
            if not self._accepts(found):
                return Outcome(FAIL, expected, found, where, unobserved)
        places = tuple(place for _, where in configured for place in where)
        return Outcome(PASS, expected, configured[-1][0], places, unobserved)

    def _accepts(self, found: str) -> bool:
        return _number(found) in map(_number, self.accepted)

    def _configured(self, system: System) -> list[tuple[str, tuple[str, ...]]]:
        found = sysctl.configured(system, self.name)
        counting = [each for each in found if not each.vendor] or list(found[-1:])
        return [(each.value, (each.where,)) for each in counting] or [("not set", ())]

    def _running(self, now: str | None) -> list[tuple[str, tuple[str, ...]]]:
        return [] if now is None else [(now, (f"/proc/sys/{self.name.replace('.', '/')}",))]


def value(name: str, accepted: str | tuple[str, ...]) -> Rule:
    """Hold where a parameter is configured as, and has, one of the accepted values."""
    return Parameter(name, (accepted,) if isinstance(accepted, str) else accepted)


def values(names: tuple[str, ...], accepted: str | tuple[str, ...]) -> Rule:
    """Hold where several parameters are."""
    return all_of(*(value(name, accepted) for name in names))


def _number(text: str) -> str:
    """Write a number as the kernel reads it, in any base that C knows; other text as it is."""
    try:
        return str(int(text, 8 if text.lstrip("+-").startswith("0") and text.strip("+-").isdigit() else 0))
    except ValueError:
        return text
