"""Judgements about what is shown before and after a login (issue(5), motd(5), agetty(8))."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import FAIL, PASS, Outcome, judged
from agent.checks.engine.release import release
from agent.checks.sources import drop_ins

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System

_ESCAPES = r"\\[mrsv]"
_NOTHING = r"(?!)"


class Silent(NamedTuple):
    """A banner that names neither the system nor its kernel.

    needed: Whether there has to be one.
    """

    path: str
    needed: bool

    def judge(self, system: System) -> Outcome:
        """Give the outcome."""
        expected = f"{self.path} {'has a text and ' if self.needed else ''}shows no name or version of the system"
        lines = [line.decode("utf-8", "replace") for line in drop_ins.raw_lines(system, self.path)]
        if not any(line.strip() for line in lines):
            return Outcome(FAIL if self.needed else PASS, expected, "absent or empty", (self.path,))
        name = system.get(release).id
        telling = re.compile(f"{_ESCAPES}|{re.escape(name) if name else _NOTHING}", re.IGNORECASE)
        where = tuple(f"{self.path}:{number}" for number, line in enumerate(lines, 1) if telling.search(line))
        return judged(not where, expected, "it is told" if where else "it is not told", where[:8] or (self.path,))


def silent(path: str, needed: bool = False) -> Rule:
    """Hold where a banner tells nothing about the system."""
    return Silent(path, needed)
