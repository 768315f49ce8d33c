"""Judgements about arguments of the kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import FAIL, NOT_APPLICABLE, PASS, Outcome
from agent.checks.sources import boot_arguments

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System


class Argument(NamedTuple):
    """An argument whose value holds in what makes the menu, in every entry, and now.

    holds: Judges the value; None stands for one that is not given.
    anew: Whether what makes the menu counts also where there are entries.
    """

    name: str
    expected: str
    holds: Callable[[str | None], bool]
    anew: bool = True

    def judge(self, system: System) -> Outcome:
        """Give the outcome; not applicable where nothing tells how a kernel is started, as in a container."""
        generated = system.get(boot_arguments.generated)
        counts_anew = self.anew or not generated
        lists = [*(system.get(boot_arguments.configured) if counts_anew else ()), *generated]
        now = boot_arguments.running(system)
        unobserved = ("running kernel",) if now is None else ()
        if not lists:
            return Outcome(NOT_APPLICABLE, self.expected, "no boot loader is configured", (), unobserved)
        wrong = [each for each in (*lists, *([now] if now else [])) if not self.holds(each.value(self.name))]
        shown = (wrong or lists)[0].value(self.name)
        found = "not set" if shown is None else f"{self.name}={shown}"
        return Outcome(
            FAIL if wrong else PASS, self.expected, found, tuple(_.where for _ in wrong or lists)[:8], unobserved
        )


def is_set(name: str, value: str, anew: bool = True) -> Rule:
    """Hold where an argument has a value.

    anew: Whether it has to be in what makes the menu also where all entries have it.
    """
    return Argument(name, f"{name}={value} for the kernel", lambda found: found == value, anew)


def is_not(name: str, value: str) -> Rule:
    """Hold where an argument has not a value."""
    return Argument(name, f"no {name}={value} for the kernel", lambda found: found != value)


def at_least(name: str, least: int) -> Rule:
    """Hold where an argument is a number that is large enough."""
    return Argument(name, f"{name} at least {least} for the kernel", lambda found: _number(found) >= least)


def _number(value: str | None) -> int:
    return int(value) if value and value.isdigit() and len(value) < 10 else -1
