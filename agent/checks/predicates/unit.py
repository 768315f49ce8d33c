"""Judgements about units of systemd."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import Outcome, judged
from agent.checks.sources import units

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System

_UNOBSERVED = ("what is active",)


class On(NamedTuple):
    """A unit that is started with the system, and is active."""

    name: str

    def judge(self, system: System) -> Outcome:
        """Give the outcome."""
        unit = system.get(units.resolved, self.name)
        active = units.is_active(system, unit.name)
        now = ("active",) if active else ("not active",) if active is not None else ()
        holds = unit.is_on and active is not False
        where = (unit.masked,) if unit.masked else unit.started_by or ((unit.path,) if unit.path else ())
        found = ", ".join((_state(unit), *now))
        return judged(holds, f"{self.name} is enabled and active", found, where[:4], () if now else _UNOBSERVED)


class Off(NamedTuple):
    """A unit that nothing starts, and that is not active: absent, masked or not enabled."""

    name: str

    def judge(self, system: System) -> Outcome:
        """Give the outcome."""
        unit = system.get(units.resolved, self.name)
        active = units.is_active(system, unit.name)
        now = ("active",) if active else ("not active",) if active is not None else ()
        where = (unit.masked,) if unit.masked else unit.started_by or ((unit.path,) if unit.path else ())
        found = ", ".join((_state(unit), *now))
        expected = f"{self.name} is absent, masked or not enabled, and not active"
        return judged(not unit.is_on and not active, expected, found, where[:4], () if now else _UNOBSERVED)


class Masked(NamedTuple):
    """A unit that cannot be started: masked, or not there at all."""

    name: str

    def judge(self, system: System) -> Outcome:
        """Give the outcome."""
        unit = system.get(units.resolved, self.name)
        active = units.is_active(system, unit.name)
        where = (unit.masked,) if unit.masked else (unit.path,) if unit.path else ()
        holds = (unit.masked is not None or unit.path is None) and not active
        return judged(holds, f"{self.name} is masked", _state(unit), where, _UNOBSERVED if active is None else ())


class DefaultTarget(NamedTuple):
    """The target that the system starts."""

    name: str

    def judge(self, system: System) -> Outcome:
        """Give the outcome."""
        found, where = system.get(units.default_target)
        expected = f"the default target is {self.name}"
        return judged(found == self.name, expected, found if where else "not set", (where,) if where else ())


class ExactlyOne(NamedTuple):
    """Of several programs for one purpose exactly one that is enabled, and active where that can be seen.

    programs: Units by the name of each program.
    accepted: Names of those that it may be.
    """

    programs: Mapping[str, tuple[str, ...]]
    accepted: tuple[str, ...]

    def judge(self, system: System) -> Outcome:
        """Give the outcome."""
        on = {name: unit for name, names in self.programs.items() for unit in _first_on(system, names)}
        active = {name: units.is_active(system, unit.name) for name, unit in on.items()}
        holds = len(on) == 1 and set(on) <= set(self.accepted) and False not in active.values()
        found = ", ".join(f"{name}{' (not active)' if active[name] is False else ''}" for name in on) or "none"
        where = tuple(place for unit in on.values() for place in unit.started_by)
        unobserved = _UNOBSERVED if not on or None in active.values() else ()
        return judged(
            holds, f"exactly one of {', '.join(self.accepted)} is enabled and active", found, where, unobserved
        )


def on(name: str) -> Rule:
    """Hold where a unit, given with its type as auditd.service, is enabled, and active where that can be seen."""
    return On(name)


def off(name: str) -> Rule:
    """Hold where a unit is absent, masked or not enabled, nothing triggers it, and it is not active."""
    return Off(name)


def masked(name: str) -> Rule:
    """Hold where a unit is masked or absent."""
    return Masked(name)


def default_target(name: str) -> Rule:
    """Hold where a target is the one that the system starts."""
    return DefaultTarget(name)


def exactly_one(programs: Mapping[str, tuple[str, ...]], accepted: tuple[str, ...]) -> Rule:
    """Hold where exactly one of several programs is enabled, and it is one of some."""
    return ExactlyOne(programs, accepted)


def _first_on(system: System, names: tuple[str, ...]) -> list[units.Unit]:
    return [unit for name in names if (unit := system.get(units.resolved, name)).is_on][:1]


def _state(unit: units.Unit) -> str:
    if unit.masked:
        return "masked"
    if unit.path is None:
        return "absent"
    return "enabled" if unit.started_by else "not enabled"
