"""Judgements about the profile that authselect(8) makes the stacks of PAM from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import FAIL, Outcome, judged
from agent.checks.sources import files

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System

_CONFIG = "/etc/authselect/authselect.conf"
_PROFILES = ("/etc/authselect", "/usr/share/authselect/vendor", "/usr/share/authselect/default")
_STACKS = ("system-auth", "password-auth")


class Names(NamedTuple):
    """A profile whose templates of the shared stacks name some modules."""

    modules: tuple[str, ...]

    def judge(self, system: System) -> Outcome:
        """Give the outcome; the first line of the configuration names the profile, as custom/NAME or NAME."""
        expected = f"the profile of authselect has {', '.join(self.modules)}"
        profile = next((line.decode("utf-8", "replace").strip() for line in files.lines(system, _CONFIG)), "")
        if not profile:
            return Outcome(FAIL, expected, "no profile is selected", (_CONFIG,))
        folder = next((f"{top}/{profile}" for top in _PROFILES if system.root.exists(f"{top}/{profile}")), None)
        if folder is None:
            return Outcome(FAIL, expected, "the selected profile is absent", (f"{_CONFIG}:1",))
        lacking = [
            f"{module} in {name}"
            for name in _STACKS
            for module in self.modules
            if not _named(system, f"{folder}/{name}", module)
        ]
        found = f"without {', '.join(lacking)}" if lacking else "as expected"
        return judged(not lacking, expected, found, tuple(f"{folder}/{name}" for name in _STACKS))


def names(modules: tuple[str, ...]) -> Rule:
    """Hold where both shared stacks of the selected profile name all modules."""
    return Names(modules)


def _named(system: System, path: str, module: str) -> bool:
    lines = (line.decode("utf-8", "replace").partition("#")[0] for line in files.lines(system, path))
    return any(module in line.split() for line in lines)
