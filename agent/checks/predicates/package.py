"""Judgements about installed packages."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import Outcome, judged
from agent.checks.sources import packages

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System


class Packages(NamedTuple):
    """Packages of which all, or one, or none are wanted.

    wanted: all, any or none.
    """

    names: tuple[str, ...]
    wanted: str

    def judge(self, system: System) -> Outcome:
        """Give the outcome; what is found are the packages that are there, with their versions."""
        versions = system.get(packages.partly if self.wanted == "none" else packages.installed)
        there = [f"{name} {versions[name]}" for name in self.names if name in versions]
        holds = {"all": len(there) == len(self.names), "any": bool(there), "none": not there}[self.wanted]
        joint = " and " if self.wanted == "all" else " or "
        state = "absent" if self.wanted == "none" else "installed"
        return judged(holds, f"package {joint.join(self.names)} {state}", ", ".join(there) or "absent")


class Latest(NamedTuple):
    """A package that is wanted in its latest version, of which the host alone does not know."""

    name: str

    def judge(self, system: System) -> Outcome:
        """Give the outcome of whether it is there."""
        outcome = installed(self.name).judge(system)
        return outcome._replace(expected=f"the latest {self.name}", unobserved=("later versions",))


def installed(packages: str | tuple[str, ...]) -> Rule:
    """Hold where a package is installed; of several, where all are."""
    return Packages(_names(packages), "all")


def latest(name: str) -> Rule:
    """Hold where a package is installed; whether there is a later version is not looked at."""
    return Latest(name)


def any_installed(packages: tuple[str, ...]) -> Rule:
    """Hold where one of several packages is installed."""
    return Packages(packages, "any")


def absent(packages: str | tuple[str, ...]) -> Rule:
    """Hold where a package is not installed; of several, where none is."""
    return Packages(_names(packages), "none")


def _names(name: str | tuple[str, ...]) -> tuple[str, ...]:
    return (name,) if isinstance(name, str) else name
