"""Judgements about files of lines KEY=VALUE, in sections or without: of systemd, gdm, dnf and SELinux."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import FAIL, PASS, Outcome, judged
from agent.checks.sources import drop_ins, key_values

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System


class Setting(NamedTuple):
    """A key that has one of several values where it is set last.

    path: The file; drop-ins of PATH.d are read after it, as systemd does.
    section: Empty for files without sections.
    folded: Whether case makes no difference.
    is_told: Whether a value that is another one is shown; not where nobody knows what the file holds.
    """

    path: str
    section: str
    key: str
    accepted: tuple[str, ...]
    folded: bool = False
    is_told: bool = True

    def judge(self, system: System) -> Outcome:
        """Give the outcome with the value that counts."""
        expected = f"{self.key} = {' or '.join(self.accepted)}"
        found = system.get(key_values.effective, self.path, self.section, self.key)
        if found is None:
            return Outcome(FAIL, expected, "not set", (self.path,))
        value = found.value.lower() if self.folded else found.value
        told = found.value if self.is_told or value in self.accepted else "another value"
        return judged(value in self.accepted, expected, told, (found.where,))


class Never(NamedTuple):
    """A key that no file among several sets to some values."""

    globs: tuple[str, ...]
    section: str
    key: str
    refused: tuple[str, ...]

    def judge(self, system: System) -> Outcome:
        """Give the outcome with the places that set it so."""
        paths = [path for pattern in self.globs for path in system.root.glob(pattern)]
        expected = f"no {self.key} = {' or '.join(self.refused)}"
        wrong = [
            each.where
            for path in paths
            for each in key_values.assignments(drop_ins.lines(system, path, "#;", joined=True))
            if each.key == self.key and self.section in ("", each.section) and each.value.lower() in self.refused
        ]
        return Outcome(FAIL if wrong else PASS, expected, self.refused[0] if wrong else "not set so", tuple(wrong))


def is_set(path: str, section: str, key: str, accepted: str | tuple[str, ...], folded: bool = False) -> Rule:
    """Hold where a key has one of the accepted values."""
    return Setting(path, section, key, (accepted,) if isinstance(accepted, str) else accepted, folded)


def is_set_untold(path: str, section: str, key: str, accepted: tuple[str, ...]) -> Rule:
    """Hold where a key has one of the accepted values; another one, which may be a secret, is not shown."""
    return Setting(path, section, key, accepted, is_told=False)


def never(globs: tuple[str, ...], section: str, key: str, refused: tuple[str, ...]) -> Rule:
    """Hold where no file sets a key to what is refused; an empty section stands for every one."""
    return Never(globs, section, key, refused)
