"""Judgements about kernel modules."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import NOT_APPLICABLE, PASS, Outcome, judged
from agent.checks.sources import modprobe

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System

_NOTHING = frozenset(
    f"{folder}{name}" for folder in ("", "/bin/", "/usr/bin/", "/sbin/", "/usr/sbin/") for name in ("false", "true")
)


class Blocked(NamedTuple):
    """A module that modprobe loads neither by name nor by alias, and that is not loaded.

    Where kernels are installed and none has it, there is nothing to block; what is part of a kernel nothing can block.
    """

    module: str

    def judge(self, system: System) -> Outcome:
        """Give the outcome, with the lines that block it."""
        name = modprobe.plain(self.module)
        expected = f"module {self.module} cannot be loaded"
        loaded = system.get(modprobe.loaded)
        is_loaded = loaded is not None and name in loaded
        told = system.get(modprobe.directives)
        install = [each for each in told if each.keyword == "install" and fnmatchcase(name, each.module)][:1]
        blacklist = [each for each in told if each.keyword == "blacklist" and each.module == name][:1]
        lacking = [
            "it is loaded" if is_loaded else "",
            "" if install and _does_nothing(install[0].rest) else "not set: install /bin/false",
            "" if blacklist else "not set: blacklist",
        ]
        found = "; ".join(filter(None, lacking))
        unobserved = ("loaded modules",) if loaded is None else ()
        exempt = self._exempt(system, name) if found and not is_loaded else None
        if exempt:
            return Outcome(exempt[0], expected, exempt[1], (), unobserved)
        where = tuple(each.where for each in (*install, *blacklist))
        return judged(not found, expected, found or "blocked", where, unobserved)

    def _exempt(self, system: System, name: str) -> tuple[str, str] | None:
        kernels = system.get(modprobe.kernels)
        if not kernels.names or name in kernels.loadable:
            return None
        if name in kernels.builtin:
            return NOT_APPLICABLE, f"part of the kernel {' and '.join(kernels.names)}"
        return PASS, f"no module of {' or '.join(kernels.names)}"


def blocked(module: str) -> Rule:
    """Hold where a module is blacklisted, its install command does nothing, and it is not loaded."""
    return Blocked(module)


def _does_nothing(command: str) -> bool:
    """Tell whether a command is false or true; kmod takes the first install line of a module, and a shell runs it."""
    return command.split(None, 1)[0].strip("\"'") in _NOTHING if command.split() else False
