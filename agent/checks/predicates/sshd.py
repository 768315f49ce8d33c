"""Judgements about the configuration of sshd: the value that counts, and a word on blocks that weaken it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import Outcome, judged
from agent.checks.sources import sshd
from agent.formats.sshd_config import seconds

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System

_SAME = {"true": "yes", "false": "no", "without-password": "prohibit-password"}
_PARTS = 3


class Judged(NamedTuple):
    """A keyword whose value holds by some measure.

    expected: What is wanted of it, for people.
    holds: Judges a value as it is written.
    """

    keyword: str
    expected: str
    holds: Callable[[str], bool]

    def judge(self, system: System) -> Outcome:
        """Give the outcome; Match blocks do not decide, but one that weakens what holds is told."""
        keyword = self.keyword.lower()
        counting = sshd.effective(system, keyword)
        found = counting.value if counting.where else f"{counting.value} by default"
        where = (counting.where,) if counting.where else ()
        holds = self.holds(counting.value)
        weaker = [each for each in sshd.conditional(system, keyword) if not self.holds(each.value)] if holds else []
        told = "".join(f"; {each.value} for Match {each.match}" for each in weaker[:3])
        return judged(holds, self.expected, f"{found}{told}", (*where, *(each.where for each in weaker[:3])))


class Given(NamedTuple):
    """Keywords of which at least one is set for all connections."""

    keywords: tuple[str, ...]

    def judge(self, system: System) -> Outcome:
        """Give the outcome; names of users and groups are not shown."""
        wanted = {name.lower() for name in self.keywords}
        found = [each for each in system.get(sshd.settings) if each.keyword in wanted and each.match in ("", "all")]
        names = ", ".join(name for name in self.keywords if any(each.keyword == name.lower() for each in found))
        return judged(bool(found), f"{' or '.join(self.keywords)}", names or "not set", tuple(_.where for _ in found))


class Startups(NamedTuple):
    """MaxStartups, of which all lines have to hold: sshd takes the last where it takes the first of all else (servconf.c).

    most: Limits of start, rate and full, as 10:30:60.
    """

    most: str

    def judge(self, system: System) -> Outcome:
        """Give the outcome with the first line that allows more."""
        found = [each for each in system.get(sshd.settings) if each.keyword == "maxstartups" and not each.match]
        found = found or [sshd.effective(system, "maxstartups")]
        wrong = [each for each in found if not _few(each.value, self.most)]
        shown = (wrong or found)[0]
        told = shown.value if shown.where else f"{shown.value} by default"
        where = tuple(each.where for each in wrong or found if each.where)
        return judged(not wrong, f"MaxStartups at most {self.most}", told, where)


def is_set(keyword: str, accepted: str | tuple[str, ...]) -> Rule:
    """Hold where a keyword has one of some values; case makes no difference, and true is yes."""
    values = (accepted,) if isinstance(accepted, str) else accepted
    lowered = {value.lower() for value in values}
    return Judged(keyword, f"{keyword} {' or '.join(values)}", lambda value: _plain(value) in lowered)


def between(keyword: str, least: int, most: int) -> Rule:
    """Hold where a number or a time in seconds is in a range."""
    return Judged(keyword, f"{keyword} between {least} and {most}", lambda value: _within(value, least, most))


def at_least(keyword: str, least: int) -> Rule:
    """Hold where a number or a time in seconds is large enough."""
    return Judged(keyword, f"{keyword} at least {least}", lambda value: (seconds(value) or 0) >= least)


def startups(most: str) -> Rule:
    """Hold where each part of MaxStartups, start:rate:full, is at most that of a limit; one number is start and full."""
    return Startups(most)


def without(keyword: str, refused: tuple[str, ...]) -> Rule:
    """Hold where a list of algorithms has none of some, the default counted where the list builds on it."""
    unwanted = frozenset(refused)
    return Judged(
        keyword,
        f"{keyword} without {', '.join(refused)}",
        lambda value: unwanted.isdisjoint(sshd.algorithms(value, keyword.lower())),
    )


def any_of_them(keywords: tuple[str, ...]) -> Rule:
    """Hold where one of several keywords is set."""
    return Given(keywords)


def _plain(value: str) -> str:
    lowered = value.lower()
    return _SAME.get(lowered, lowered)


def _within(value: str, least: int, most: int) -> bool:
    number = seconds(value)
    return number is not None and least <= number <= most


def _few(value: str, most: str) -> bool:
    parts = value.split(":")
    if not all(part.isdigit() for part in parts) or len(parts) not in (1, _PARTS):
        return False
    start, rate, full = parts if len(parts) == _PARTS else (parts[0], "30", parts[0])
    return all(int(part) <= int(limit) for part, limit in zip((start, rate, full), most.split(":")))
