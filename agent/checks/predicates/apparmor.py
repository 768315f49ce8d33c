"""Judgements about AppArmor."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import FAIL, Outcome, judged
from agent.checks.sources import apparmor

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System


class Modes(NamedTuple):
    """Profiles, of which there are some, all in one of some modes, and no process outside of the one that is made for it."""

    accepted: tuple[str, ...]
    processes: bool

    def judge(self, system: System) -> Outcome:
        """Give the outcome: of what the kernel has, else of what would be loaded."""
        expected = f"profiles are loaded, every one in mode {' or '.join(self.accepted)}"
        loaded = system.get(apparmor.loaded)
        profiles = system.get(apparmor.configured) if loaded is None else loaded
        unobserved: tuple[str, ...] = ("loaded profiles",) if loaded is None else ()
        if not profiles:
            return Outcome(FAIL, expected, "no profiles", (), unobserved)
        wrong = [f"{each.name} is in mode {each.mode}" for each in profiles if each.mode not in self.accepted]
        where = tuple(dict.fromkeys(each.where for each in profiles if each.mode not in self.accepted))
        if self.processes and loaded:
            outside, unseen = _unconfined(system, {each.name for each in loaded})
            wrong += outside
            unobserved += ("processes of others",) if unseen else ()
        more = f", and {len(wrong) - 4} more" if len(wrong) > 4 else ""
        found = f"{', '.join(wrong[:4])}{more}" if wrong else f"{len(profiles)} profiles"
        return judged(not wrong, expected, found, where[:4], unobserved)


def modes(accepted: tuple[str, ...], processes: bool) -> Rule:
    """Hold where all profiles are in one of some modes."""
    return Modes(accepted, processes)


def _unconfined(system: System, names: set[str]) -> tuple[list[str], int]:
    """Give the processes that run a program of which a profile bears the name without it, and how many were not seen."""
    found, unseen = set(), 0
    for pid in system.proc.pids() if system.proc else ():
        try:
            program = system.proc.link(f"{pid}/exe") if system.proc else ""
            if program in names and system.proc and system.proc.read(f"{pid}/attr/current").startswith(b"unconfined"):
                found.add(f"process {program} is unconfined")
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended, or is a part of the kernel
        except OSError:
            unseen += 1
    return sorted(found), unseen
