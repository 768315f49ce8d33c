"""Judgements about settings of GNOME."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import Outcome, judged
from agent.checks.sources import dconf

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System

_LOGIN = "org/gnome/login-screen/"


class Text(NamedTuple):
    """A key with a value, or with any that is not empty."""

    path: str
    value: str | None

    def judge(self, system: System) -> Outcome:
        """Give the outcome; the text of a banner is not shown."""
        found = _keys(system, self.path).values.get(self.path)
        holds = found is not None and (found.value == self.value if self.value is not None else bool(found.value))
        told = "not set" if found is None else "set" if self.value is None else found.value
        return judged(holds, f"{self.path} {self.value or 'is set'}", told, (found.where,) if found else ())


class Number(NamedTuple):
    """A key with a number between two, of the type that such keys have: what is written without it, GNOME does not take."""

    path: str
    least: int
    most: int

    def judge(self, system: System) -> Outcome:
        """Give the outcome."""
        found = _keys(system, self.path).values.get(self.path)
        kind, _, digits = found.value[:80].partition(" ") if found else ("", "", "")
        holds = kind == "uint32" and digits.strip().isdigit() and self.least <= int(digits) <= self.most
        expected = f"{self.path} between {self.least} and {self.most}"
        return judged(holds, expected, found.value if found else "not set", (found.where,) if found else ())


class Locked(NamedTuple):
    """A key that users cannot change."""

    path: str

    def judge(self, system: System) -> Outcome:
        """Give the outcome; a lock of a directory, which ends with a slash, locks all in it."""
        locks = _keys(system, self.path).locks
        parents = [self.path]
        while "/" in parents[-1]:
            parents.append(parents[-1].rpartition("/")[0])
        where = next((locks[each] for each in parents if each in locks), None)
        found = "locked" if where else "not locked"
        return judged(where is not None, f"{self.path} is locked", found, (where,) if where else ())


def is_set(path: str, value: str | None = None) -> Rule:
    """Hold where a key has a value; any value without one."""
    return Text(path, value)


def between(path: str, least: int, most: int) -> Rule:
    """Hold where a key has a number in a range."""
    return Number(path, least, most)


def locked(path: str) -> Rule:
    """Hold where a key is locked."""
    return Locked(path)


def _keys(system: System, path: str) -> dconf.Keys:
    return system.get(dconf.keys, path.startswith(_LOGIN))
