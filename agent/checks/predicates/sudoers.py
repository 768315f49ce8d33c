"""Judgements about the policy of sudo."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import FAIL, PASS, Outcome, judged
from agent.checks.sources import sudoers
from agent.formats.sudoers import Tags

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System

_NUMBER_SIGNS = frozenset("0123456789.-")
_BUILT_IN_MINUTES = "5"


class On(NamedTuple):
    """A parameter that is on for everybody, and turned off nowhere: not even where a later line outweighs it.

    since: Version of sudo from which on it is on by default, as 1.9.14; empty where it never is.
    """

    name: str
    since: str

    def judge(self, system: System) -> Outcome:
        """Give the outcome."""
        expected = f"Defaults {self.name}"
        said = sudoers.settings(system, self.name)
        off = tuple(where for setting, where in said if not setting.on)
        on_for_all = tuple(where for setting, where in said if setting.on and not setting.scope)
        if off:
            return Outcome(FAIL, expected, f"!{self.name}", off[:8])
        if on_for_all:
            return Outcome(PASS, expected, self.name, on_for_all[:8])
        version = sudoers.version(system) if self.since else None
        by_default = version is not None and version >= tuple(map(int, self.since.split(".")))
        found = f"on by default since sudo {self.since}" if by_default else "not set"
        return judged(by_default, expected, found, (sudoers.SUDOERS,))


class Authenticates(NamedTuple):
    """No rule and no setting lets anybody go without what is refused.

    tag: Tag of rules that is refused; empty where none is.
    """

    tag: str
    parameter: str

    def judge(self, system: System) -> Outcome:
        """Give the outcome with the lines that go without; whom they are for is not shown."""
        without = [where for setting, where in sudoers.settings(system, self.parameter) if not setting.on]
        tagged = [
            each.where
            for each in system.get(sudoers.policy)
            if isinstance(each.statement, Tags) and self.tag in each.statement.tags
        ]
        names = [self.tag, f"!{self.parameter}" if self.parameter else ""]
        expected = f"no {' and no '.join(filter(None, names))}"
        found = ", ".join(name for name, places in zip(names, (tagged, without)) if places)
        return judged(not found, expected, found or "none", (*tagged, *without)[:8])


class Timeout(NamedTuple):
    """Minutes for which sudo remembers a password; negative ones are without end."""

    least: int
    most: int

    def judge(self, system: System) -> Outcome:
        """Give the outcome; no line may set it to more, not even one for some users, or one that a later line outweighs."""
        expected = f"timestamp_timeout between {self.least} and {self.most} minutes"
        said = [
            (setting.value if setting.on else "0", where)
            for setting, where in sudoers.settings(system, "timestamp_timeout")
        ]
        for value, where in said:
            if not self._holds(value):
                return Outcome(FAIL, expected, value, (where,))
        if not said:
            return Outcome(PASS, expected, f"{_BUILT_IN_MINUTES} by default, 15 in Debian", (sudoers.SUDOERS,))
        return Outcome(PASS, expected, said[-1][0], tuple(where for _, where in said[-8:]))

    def _holds(self, value: str) -> bool:
        if not value or not _NUMBER_SIGNS.issuperset(value):
            return False
        try:
            return self.least <= float(value) <= self.most
        except ValueError:
            return False


def on(name: str, since: str = "") -> Rule:
    """Hold where a parameter is set for everybody, or is on by default in the installed version."""
    return On(name, since)


def authenticates(tag: str = "", parameter: str = "") -> Rule:
    """Hold where no rule has a tag, and nothing turns a parameter off."""
    return Authenticates(tag, parameter)


def timeout(least: int, most: int) -> Rule:
    """Hold where passwords are remembered for a time in a range."""
    return Timeout(least, most)
