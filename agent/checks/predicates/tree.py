"""Judgements about all files of the local file systems, from one walk that they share."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import ERROR, FAIL, MANUAL, PASS, Outcome
from agent.checks.predicates.combine import all_of
from agent.checks.sources import tree

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System

TOLD = 8


class NoFiles(NamedTuple):
    """No file or directory of a kind.

    kind: Field of agent.checks.sources.tree.Found.
    """

    expected: str
    kind: str

    def judge(self, system: System) -> Outcome:
        """Give the outcome; where something was not seen, that nothing was found is no answer."""
        found = system.get(tree.found)
        kind: tree.Paths = getattr(found, self.kind)
        wrong = tree.judged(kind)
        if wrong:
            count = f"{kind.count}" if kind.count > len(kind.paths) else f"{len(wrong)}"
            return Outcome(FAIL, self.expected, f"{count} found", tuple(wrong[:TOLD]))
        if found.unseen:
            return Outcome(ERROR, self.expected, f"not all was seen: {'; '.join(found.unseen)}")
        return Outcome(PASS, self.expected, "none")


class SetId(NamedTuple):
    """Programs with set-id bits, for a person to look at."""

    def judge(self, system: System) -> Outcome:
        """Give what there is."""
        found = tree.judged(system.get(tree.found).set_id)
        return Outcome(MANUAL, "every set-id program is one that is known", f"{len(found)} found", tuple(found[:50]))


def none_writable() -> Rule:
    """Hold where no file is for everybody to write, nor a directory without the sticky bit."""
    return all_of(
        NoFiles("no file that everybody may write", "writable_files"),
        NoFiles("no directory that everybody may write to without the sticky bit", "writable_directories"),
    )


def none_unowned() -> Rule:
    """Hold where every file belongs to a known user and group."""
    return all_of(NoFiles("no file of an unknown user", "unowned"), NoFiles("no file of an unknown group", "ungrouped"))


def set_id_programs() -> Rule:
    """List the programs with set-id bits."""
    return SetId()
