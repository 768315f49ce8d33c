"""Judgements about which modules the shared stacks of PAM call, and with which arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import FAIL, Outcome, judged
from agent.checks.predicates.combine import all_of
from agent.checks.sources import accounts, pam

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System
    from agent.checks.sources.pam import Step

_BINDING = ("required", "requisite")


class Called(NamedTuple):
    """A module that every shared stack of a kind calls, with an argument where one is named."""

    module: str
    kind: str
    argument: str

    def judge(self, system: System) -> Outcome:
        """Give the outcome; lines that no way through a stack leads to do not count."""
        told = f"{self.module} {self.argument}".strip()
        expected = f"{told} in {self.kind}"
        stacks = pam.shared(system, self.kind)
        found = {name: self._lines(system.get(pam.called, name, self.kind)) for name in stacks}
        lacking = [name for name, lines in found.items() if not lines]
        where = tuple(dict.fromkeys(line.where for lines in found.values() for line in lines))
        if not stacks:
            return Outcome(FAIL, expected, "no shared stack of PAM", ("/etc/pam.d",))
        return judged(not lacking, expected, f"not called in {', '.join(lacking)}" if lacking else "called", where)

    def _lines(self, steps: tuple[Step, ...]) -> list[Step]:
        return [
            step
            for step in steps
            if step.module == self.module and (not self.argument or self.argument in step.arguments)
        ]


class Argument(NamedTuple):
    """An argument that all lines of a module have, or that none has.

    names: Spellings of the argument; one without = stands for all of its values, too.
    wanted: Whether it has to be there; there is at least one line then.
    """

    module: str
    kinds: tuple[str, ...]
    names: tuple[str, ...]
    wanted: bool

    def judge(self, system: System) -> Outcome:
        """Give the outcome with the lines that are wrong."""
        expected = f"{self.module} with{'' if self.wanted else 'out'} {' or '.join(self.names)}"
        stacks = [(name, kind) for kind in self.kinds for name in pam.shared(system, kind)]
        lines = {name: lines_of(system, self.module, *name) for name in stacks}
        every = list(dict.fromkeys(line for found in lines.values() for line in found))
        wrong = [line for line in every if self._has(line) != self.wanted]
        if self.wanted and not (lines and all(lines.values())):
            return Outcome(FAIL, expected, f"{self.module} is not called", tuple(_.where for _ in every))
        state = f"{'without' if self.wanted else 'with'} {' or '.join(self.names)}"
        found = state if wrong else "as expected" if every else f"{self.module} is not called"
        return judged(not wrong, expected, found, tuple(line.where for line in wrong or every))

    def _has(self, line: Step) -> bool:
        return any(line.option(name) is not None for name in self.names)


class WheelOnly(NamedTuple):
    """su is for the members of a group alone, and that group is empty."""

    def judge(self, system: System) -> Outcome:
        """Give the outcome; what suffices before the group is looked at, other than being root, goes around it."""
        expected = "auth required pam_wheel.so use_uid group=NAME in su, and the group exists and is empty"
        line = next((step for step in system.get(pam.called, "su", "auth") if _looks_at_group(step)), None)
        if line is None or line.option("use_uid") is None or not line.option("group"):
            found = "not called" if line is None else "called without use_uid or group"
            return Outcome(FAIL, expected, found, (line.where,) if line else ("/etc/pam.d/su",))
        if self._around(system, line):
            return Outcome(FAIL, expected, "another module suffices before it", (line.where,))
        name = line.option("group")
        group = next((each for each in system.get(accounts.groups) if each.name == name), None)
        if group is None:
            return Outcome(FAIL, expected, "the group does not exist", (line.where, accounts.GROUP))
        users = [user.name for user in system.get(accounts.users) if user.gid == group.gid]
        members = len({*group.members, *users})
        found = f"{members} members" if members else "the group is empty"
        return judged(not members, expected, found, (line.where, f"{accounts.GROUP}:{group.number}"))

    def _around(self, system: System, line: Step) -> bool:
        steps = system.get(pam.called, "su", "auth")
        before = steps[: steps.index(line)]
        return any(step.control == "sufficient" and step.module != "pam_rootok.so" for step in before)


def lines_of(system: System, module: str, service: str, kind: str) -> list[Step]:
    """Give the lines of a module in a stack that can be reached."""
    return [step for step in system.get(pam.called, service, kind) if step.module == module]


def called(module: str, *kinds: str) -> Rule:
    """Hold where the shared stacks of all kinds call a module."""
    return all_of(*(Called(module, kind, "") for kind in kinds))


def called_with(module: str, kind: str, argument: str) -> Rule:
    """Hold where the shared stacks of a kind call a module with an argument."""
    return Called(module, kind, argument)


def always_with(module: str, kinds: tuple[str, ...], names: tuple[str, ...]) -> Rule:
    """Hold where a module is called, and each time with one of some arguments."""
    return Argument(module, kinds, names, True)


def never_with(module: str, kinds: tuple[str, ...], names: tuple[str, ...]) -> Rule:
    """Hold where no line of a module has one of some arguments."""
    return Argument(module, kinds, names, False)


def wheel_only() -> Rule:
    """Hold where su is for members of an empty group alone."""
    return WheelOnly()


def _looks_at_group(step: Step) -> bool:
    """Tell whether a line keeps out who is not in the group of pam_wheel."""
    if step.module != "pam_wheel.so" or {"deny", "trust"} & {each.partition("=")[0] for each in step.arguments}:
        return False
    return step.control in _BINDING or (step.control.startswith("[") and "default=die" in step.control.replace(" ", ""))
