"""The stacks of PAM: services with what they include, and which of their modules can be reached (pam.conf(5))."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from agent.checks.sources import files
from agent.formats import pam_config

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.checks.engine.system import System

_FOLDERS = ("/etc/pam.d", "/usr/lib/pam.d", "/usr/share/pam.d")
_DEPTH = 32
_SHARED = ("system-auth", "password-auth")
_ACTION = re.compile(r"(\w+)=(\w+)")
_KEYWORDS = {
    "required": ("ok", "bad"),
    "requisite": ("ok", "die"),
    "sufficient": ("done", "ignore"),
    "optional": ("ok", "ignore"),
}
"""What the words stand for where a module succeeds, and where it fails (pam.conf(5))."""


class Step(NamedTuple):
    """A module in a stack.

    control: As written; a bracket before a list of actions.
    module: Its name without directory, as pam_unix.so; of a substack the name of the service.
    level: How many substacks it is in.
    """

    control: str
    module: str
    arguments: tuple[str, ...]
    where: str
    level: int

    def option(self, name: str) -> str | None:
        """Give the value of the last argument NAME=VALUE, empty for NAME alone; None where there is none."""
        found = [each for each in self.arguments if each == name or each.startswith(f"{name}=")]
        return found[-1].partition("=")[2] if found else None


class _State(NamedTuple):
    """Where a stack is, and whether something that counts failed before."""

    place: int
    failed: bool


def shared(system: System, kind: str) -> tuple[str, ...]:
    """Give the services whose stacks the others include: common-* of Debian, or system-auth and password-auth."""
    if path_of(system, f"common-{kind}"):
        return (f"common-{kind}",)
    return tuple(name for name in _SHARED if path_of(system, name))


def steps(system: System, service: str, kind: str) -> tuple[Step, ...]:
    """Give all modules of a stack, in order."""
    return tuple(_of_service(system, service, kind, 0, 0))


def called(system: System, service: str, kind: str) -> tuple[Step, ...]:
    """Give those of a stack that can be reached: no jump and no end of the stack always passes them over."""
    stack = system.get(steps, service, kind)
    reached: set[_State] = set()
    todo = [_State(0, False)]
    while todo:
        state = todo.pop()
        if state.place < len(stack) and state not in reached:
            reached.add(state)
            todo += _next(stack, state)
    places = {state.place for state in reached}
    return tuple(step for place, step in enumerate(stack) if place in places)


def path_of(system: System, service: str) -> str | None:
    """Give the file of a service; None where there is none."""
    if service.startswith("/"):
        return service if system.root.exists(service) else None
    return next((f"{top}/{service}" for top in _FOLDERS if system.root.exists(f"{top}/{service}")), None)


def _of_service(system: System, service: str, kind: str, level: int, depth: int) -> Iterator[Step]:
    path = path_of(system, service)
    if path is None or depth > _DEPTH:
        return
    for line in pam_config.lines(files.lines(system, path)):
        if line.kind not in ("", kind):
            continue
        if line.control == "include":
            yield from _of_service(system, line.module, kind, level, depth + 1)
            continue
        name = line.module.rpartition("/")[2]
        yield Step(line.control, name, line.arguments, f"{path}:{line.number}", level)
        if line.control == "substack":
            yield from _of_service(system, line.module, kind, level + 1, depth + 1)


def _next(stack: tuple[Step, ...], state: _State) -> set[_State]:
    """Give the states that may follow one (_pam_dispatch_aux in pam_dispatch.c)."""
    return {_after(stack, state, action) for action in _actions(stack[state.place])}


def _actions(step: Step) -> set[str]:
    """Give what may be done: of a list of actions all, but of pam_permit and pam_deny those that can be."""
    succeeds, fails = step.module != "pam_deny.so", step.module != "pam_permit.so"
    if step.control == "substack":
        return {"ignore"}
    if not step.control.startswith("["):
        good, bad = _KEYWORDS.get(step.control, ("ok", "bad"))
        return {*([good] if succeeds else []), *([bad] if fails else [])}
    given = {value.lower(): action.lower() for value, action in _ACTION.findall(step.control)}
    default = given.get("default", "bad")
    others = {action for value, action in given.items() if value not in ("success", "default")}
    return {*([given.get("success", default)] if succeeds else []), *({default, *others} if fails else set())}


def _after(stack: tuple[Step, ...], state: _State, action: str) -> _State:
    """Give the state after an action: done ends a stack only where nothing failed before, and no jump leaves a substack."""
    place, failed = state.place, (state.failed and action != "reset") or action in ("bad", "die")
    if action == "die" or (action == "done" and not state.failed):
        level = stack[place].level
        end = next((at for at in range(place + 1, len(stack)) if stack[at].level < level), len(stack))
        return _State(end, failed)
    for _ in range(min(int(action), len(stack)) if action.isdigit() else 0):
        if place + 1 < len(stack) and stack[place + 1].level >= stack[state.place].level:
            place = _skipped(stack, place + 1)
    return _State(place + 1, failed)


def _skipped(stack: tuple[Step, ...], place: int) -> int:
    """Give the last place of what is one module for a jump: itself, or a whole substack."""
    level = stack[place].level
    while place + 1 < len(stack) and stack[place + 1].level > level:
        place += 1
    return place
