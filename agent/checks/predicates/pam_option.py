"""Judgements about options that a module of PAM takes from its line or from its file; the line outweighs the file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import FAIL, Outcome, judged
from agent.checks.predicates.pam import lines_of
from agent.checks.sources import packages, pam, pam_options

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System
    from agent.checks.sources.pam import Step

_NUMBER = re.compile(r"[+-]?\d{1,9}")
_VERSION = re.compile(r"(?:\d+:)?(\d+)\.(\d+)\.(\d+)")
_READS_PWHISTORY = (1, 5, 3)
"""Version of Linux-PAM from which on pam_pwhistory has a file; the RHEL family added it to earlier ones."""


class Module(NamedTuple):
    """A module with where it is told what to do.

    kind: Kind of the stacks that call it.
    file: Its file of options.
    """

    name: str
    kind: str
    file: str


FAILLOCK = Module("pam_faillock.so", "auth", pam_options.FAILLOCK)
PWQUALITY = Module("pam_pwquality.so", "password", pam_options.PWQUALITY)
PWHISTORY = Module("pam_pwhistory.so", "password", pam_options.PWHISTORY)


class Option(NamedTuple):
    """An option whose value holds by some measure wherever its module is called.

    default: What the module does where nothing is said; None where that is that the option is off.
    needed: Whether the module has to be called; a module that is not called does nothing.
    holds: Judges a value; None stands for an option that is not set, the empty text for a flag that is.
    """

    module: Module
    name: str
    expected: str
    default: str | None
    needed: bool
    holds: Callable[[str | None], bool]

    def judge(self, system: System) -> Outcome:
        """Give the outcome with the first value that is wrong."""
        expected = f"{self.name} {self.expected}" if self.expected else self.name
        stacks = pam.shared(system, self.module.kind)
        lines = [self._lines(system, name) for name in stacks]
        if self.needed and not (lines and all(lines)):
            return Outcome(FAIL, expected, f"{self.module.name} is not called", (self.module.file,))
        said = [self._of_line(system, line) for found in lines for line in found] or [self._of_file(system, None)]
        value, where = next((each for each in said if not self.holds(each[0])), said[0])
        found = "not set" if value is None else value or "set"
        return judged(self.holds(value), expected, found if where else f"{found} by default", where or _places(self))

    def _lines(self, system: System, service: str) -> list[Step]:
        """Give the lines that count; one of pam_faillock that only forgets failures locks nobody."""
        found = lines_of(system, self.module.name, service, self.module.kind)
        return [line for line in found if "authsucc" not in line.arguments]

    def _of_line(self, system: System, line: Step) -> tuple[str | None, tuple[str, ...]]:
        value = line.option(self.name)
        return self._of_file(system, line.option("conf")) if value is None else (value, (line.where,))

    def _of_file(self, system: System, other: str | None) -> tuple[str | None, tuple[str, ...]]:
        """Give what a file says, another one where the line names it."""
        read = self.module is not PWHISTORY or _reads_pwhistory(system)
        found = system.get(pam_options.options, other or self.module.file).get(self.name) if read else None
        return (found.text, (found.where,)) if found else (self.default, ())


def between(module: Module, name: str, least: int, most: int, default: str | None = None, needed: bool = True) -> Rule:
    """Hold where an option is a number in a range."""
    told = (
        f"at least {least}" if most >= _ANY else f"between {least} and {most}" if least > -_ANY else f"at most {most}"
    )
    return Option(module, name, told, default, needed, lambda value: _within(value, least, most))


def at_least(module: Module, name: str, least: int, default: str | None = None) -> Rule:
    """Hold where an option is a number that is large enough."""
    return between(module, name, least, _ANY, default)


def at_most(module: Module, name: str, most: int, default: str | None = None) -> Rule:
    """Hold where an option is a number that is small enough, be it negative."""
    return between(module, name, -_ANY, most, default)


def zero_or_at_least(module: Module, name: str, least: int, default: str | None = None) -> Rule:
    """Hold where an option is large enough, or 0 or never, which stand for without end."""
    return Option(module, name, f"at least {least}, or 0 for ever", default, True, lambda value: _lasts(value, least))


def not_zero(module: Module, name: str, default: str = "1") -> Rule:
    """Hold where an option that is on by default is not turned off with 0."""
    return Option(module, name, "not 0", default, False, lambda value: not _within(value, 0, 0))


def flag(module: Module, name: str) -> Rule:
    """Hold where a flag is set."""
    return Option(module, name, "", None, True, lambda value: value is not None)


def lasts_if_set(module: Module, name: str, least: int) -> Rule:
    """Hold where an option is not set, or lasts long enough."""
    told = f"at least {least} where it is set"
    return Option(module, name, told, None, True, lambda value: value is None or _lasts(value, least))


_ANY = 10**9


def _within(value: str | None, least: int, most: int) -> bool:
    return value is not None and _NUMBER.fullmatch(value) is not None and least <= int(value) <= most


def _lasts(value: str | None, least: int) -> bool:
    return value is not None and (value.lower() == "never" or _within(value, 0, 0) or _within(value, least, _ANY))


def _places(option: Option) -> tuple[str, ...]:
    return (option.module.file,)


def _reads_pwhistory(system: System) -> bool:
    version = _VERSION.match(system.get(packages.installed).get("libpam-modules", ""))
    return version is None or tuple(map(int, version.groups())) >= _READS_PWHISTORY
