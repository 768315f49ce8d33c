"""Judgements about AIDE: whether it can compare, whether it does so regularly, and whether it watches the audit tools."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import FAIL, Outcome, judged
from agent.checks.sources import aide
from agent.formats.aide_conf import STRONG, counting

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System
    from agent.checks.sources.aide import Told
    from agent.formats.aide_conf import Selection

_TOOLS = ("auditctl", "auditd", "ausearch", "aureport", "autrace", "augenrules")
_LATER = frozenset(("autrace",))
"""What later versions of audit no longer have."""


class Database(NamedTuple):
    """The database that the configuration names is there."""

    def judge(self, system: System) -> Outcome:
        """Give the outcome."""
        told = system.get(aide.told)
        expected = "the database of AIDE is there"
        if told is None:
            return Outcome(FAIL, expected, "AIDE has no configuration", aide.CONFIGS)
        found = [path for path in told.databases if system.root.exists(path)]
        return judged(bool(found), expected, "present" if found else "absent", tuple(found or told.databases))


class Scheduled(NamedTuple):
    """Something runs a check regularly: a timer of systemd, or cron where that counts."""

    cron: bool

    def judge(self, system: System) -> Outcome:
        """Give the outcome with what runs it."""
        expected = f"a timer{' or cron' if self.cron else ''} runs AIDE"
        found = [*aide.timers(system), *(aide.cron_lines(system) if self.cron else [])]
        return judged(bool(found), expected, "it does" if found else "nothing does", tuple(found[:4]))


class WatchesTools(NamedTuple):
    """The programs of the audit system are compared by attributes that no change escapes, and by a strong hash."""

    attributes: tuple[str, ...]

    def judge(self, system: System) -> Outcome:
        """Give the outcome with the programs that are not."""
        expected = f"AIDE compares the audit tools by {'+'.join(self.attributes)} and a strong hash"
        told = system.get(aide.told)
        if told is None:
            return Outcome(FAIL, expected, "AIDE has no configuration", aide.CONFIGS)
        tools = [name for name in _TOOLS if system.root.exists(f"/usr/sbin/{name}")]
        tools = tools or [name for name in _TOOLS if name not in _LATER]
        best = {name: self._best(told, name) for name in tools}
        lacking = [name for name, where in best.items() if where is None]
        found = f"not so: {', '.join(lacking)}" if lacking else "it does"
        return judged(not lacking, expected, found, tuple(dict.fromkeys(where for where in best.values() if where)))

    def _best(self, told: Told, name: str) -> str | None:
        """Give the place of the line that counts for a program, where that compares enough; it may be named without /usr."""
        for path in (f"/usr/sbin/{name}", f"/sbin/{name}"):
            selection = counting((each for each, _ in told.selections), path)
            if selection and selection.sign != "!" and self._is_enough(selection):
                return next(where for each, where in told.selections if each is selection)
        return None

    def _is_enough(self, selection: Selection) -> bool:
        return {*self.attributes} <= selection.attributes and not STRONG.isdisjoint(selection.attributes)


def database() -> Rule:
    """Hold where the database is there."""
    return Database()


def scheduled(cron: bool) -> Rule:
    """Hold where a check runs regularly."""
    return Scheduled(cron)


def watches_tools(attributes: tuple[str, ...]) -> Rule:
    """Hold where the audit tools are compared by some attributes and a strong hash."""
    return WatchesTools(attributes)
