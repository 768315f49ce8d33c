"""Judgements about mounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import FAIL, NOT_APPLICABLE, Outcome, judged
from agent.checks.sources import mounts

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System


class Separate(NamedTuple):
    """A directory that is a file system of its own, configured or made by systemd, and mounted where that can be seen."""

    point: str

    def judge(self, system: System) -> Outcome:
        """Give the outcome: what is mounted now decides, and configuration where the system does not run."""
        expected = f"{self.point} is a mount of its own"
        configured = [each for each in system.get(mounts.configured) if each.point == self.point]
        where = tuple(each.where for each in configured)
        now = system.get(mounts.mounted)
        if now is None:
            at_boot = [each for each in configured if "noauto" not in each.options or _by_automount(each)]
            found = "configured" if at_boot else "configured with noauto" if configured else "absent"
            return judged(bool(at_boot), expected, found, where, ("what is mounted",))
        return judged(self.point in now, expected, "mounted" if self.point in now else "not mounted", where)


class Option(NamedTuple):
    """An option that a mount has, wherever it is configured, and now."""

    point: str
    option: str

    def judge(self, system: System) -> Outcome:
        """Give the outcome; not applicable where the directory is no mount."""
        expected = f"{self.point} is mounted with {self.option}"
        configured = [each for each in system.get(mounts.configured) if each.point == self.point]
        now = system.get(mounts.mounted)
        unobserved = ("what is mounted",) if now is None else ()
        for each in configured:
            if not each.has(self.option):
                return Outcome(FAIL, expected, _shown(each.options), (each.where,), unobserved)
        where = tuple(each.where for each in configured)
        if now is not None and self.point in now:
            found = _shown(now[self.point])
            return judged(self.option in now[self.point], expected, found, (*where, "/proc/1/mountinfo"))
        if configured:
            return judged(True, expected, _shown(configured[0].options), where, unobserved)
        return Outcome(NOT_APPLICABLE, expected, f"{self.point} is no mount", (), unobserved)


def separate(point: str) -> Rule:
    """Hold where a directory is a mount of its own."""
    return Separate(point)


def option(point: str, option: str) -> Rule:
    """Hold where a mount has an option wherever it is configured and mounted."""
    return Option(point, option)


def _by_automount(each: mounts.Configured) -> bool:
    return "x-systemd.automount" in each.options


def _shown(options: tuple[str, ...]) -> str:
    """Give the options without those that have a value, which may be a password (mount.cifs(8))."""
    return ",".join(each for each in options if "=" not in each)
