"""Judgements about chronyd."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import FAIL, PASS, Outcome, judged
from agent.checks.sources import chrony

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System

_SOURCES = ("server", "pool", "peer")


class Sources(NamedTuple):
    """Servers or pools that time is taken from.

    known: Names or addresses of which each has to be one; none for any.
    """

    known: tuple[str, ...]

    def judge(self, system: System) -> Outcome:
        """Give the outcome."""
        expected = f"chrony has a server or pool{f' of {chr(44).join(self.known)}' if self.known else ''}"
        named = [each for each in system.get(chrony.directives) if each.name in _SOURCES and each.words]
        strange = [each for each in named if self.known and each.words[0] not in self.known]
        shown = strange or named
        found = ", ".join(each.words[0] for each in shown[:4]) or "none"
        return judged(bool(named) and not strange, expected, found, tuple(each.where for each in shown[:4]))


class User(NamedTuple):
    """A user other than root that chronyd becomes; without any setting it is the one it was built with."""

    accepted: tuple[str, ...]

    def judge(self, system: System) -> Outcome:
        """Give the outcome; -u among its options outweighs the directive user."""
        expected = f"chronyd runs as {' or '.join(self.accepted)}"
        words = system.get(chrony.options)
        by_option = [words[at + 1] for at, word in enumerate(words[:-1]) if word == "-u"]
        by_option += [word[2:] for word in words if word.startswith("-u") and len(word) > 2]
        named = [each for each in system.get(chrony.directives) if each.name == "user" and each.words]
        if by_option:
            return judged(by_option[-1] in self.accepted, expected, by_option[-1], self._options(system))
        if named:
            return judged(named[-1].words[0] in self.accepted, expected, named[-1].words[0], (named[-1].where,))
        return self._running(system, expected)

    def _running(self, system: System, expected: str) -> Outcome:
        for pid in system.proc.pids() if system.proc else ():
            try:
                is_ours = system.proc is not None and system.proc.read(f"{pid}/comm").strip() == b"chronyd"
                if is_ours and system.proc and system.proc.stat(str(pid)).st_uid == 0 and not _parent(system, pid):
                    return Outcome(FAIL, expected, "runs as root", (f"/proc/{pid}",))
            except (FileNotFoundError, ProcessLookupError):
                continue
        unobserved = () if system.runs else ("running user",)
        return Outcome(PASS, expected, "not set: the user that it was built with", chrony.CONFIGS[:1], unobserved)

    def _options(self, system: System) -> tuple[str, ...]:
        return tuple(path for path in chrony.OPTIONS if system.root.exists(path))


def _parent(system: System, pid: int) -> bool:
    """Tell whether a process has a child of the same name: chronyd keeps one with more rights beside it."""
    if system.proc is None:
        return False
    for other in system.proc.pids():
        try:
            stat = system.proc.read(f"{other}/stat").rpartition(b")")[2].split()
            if int(stat[1]) == pid and system.proc.read(f"{other}/comm").strip() == b"chronyd":
                return True
        except (FileNotFoundError, ProcessLookupError):
            continue
    return False


def sources(known: tuple[str, ...] = ()) -> Rule:
    """Hold where chrony has servers or pools; where some are known, none but those."""
    return Sources(known)


def user(accepted: tuple[str, ...]) -> Rule:
    """Hold where chronyd becomes one of some users."""
    return User(accepted)
