"""Units of systemd as the files of a root make them (systemd.unit(5)): what defines, masks, starts and triggers them.

Presets are not looked at: they say what `systemctl preset` would enable, and the links that it made say what is enabled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.sources import drop_ins, key_values, unit_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.checks.engine.system import System

_OF_ADMINISTRATOR = ("/etc/", "/run/")
_TRIGGERS = {".socket": "Service", ".timer": "Unit", ".path": "Unit"}
"""What starts another unit, by the key that names it where it is not named alike."""


class Unit(NamedTuple):
    """A unit.

    name: Its name, after aliases.
    path: File that defines it; None where none does.
    masked: Link or empty file that keeps it from being started; None where it is not masked.
    started_by: Links, and units that trigger it, for which it is started; empty where nothing starts it by itself.
    """

    name: str
    path: str | None
    masked: str | None
    started_by: tuple[str, ...]

    @property
    def is_on(self) -> bool:
        """Whether it is started when the system is, or when what triggers it happens."""
        return self.path is not None and self.masked is None and bool(self.started_by)


def resolved(system: System, name: str) -> Unit:
    """Give a unit by its name or an alias, as cups.service; one that nothing defines is given as well."""
    index = system.get(unit_files.index)
    real = unit_files.real(index, name)
    path = unit_files.definition(index, real)
    names = {name, real, *(alias for alias in index.links if unit_files.real(index, alias) == real)}
    masked = next((index.files[each] for each in (real, name) if unit_files.is_masked(system, index, each)), None)
    started = [link for each in sorted(names) for link in index.wanted.get(each, ())]
    started += [
        index.files[alias]
        for alias in sorted(names - {real})
        if index.files.get(alias, "").startswith(_OF_ADMINISTRATOR)
    ]
    if path is None:
        path, more = _of_init(system, real)
        started += more
    if path is not None and not masked:
        started += _triggers(system, index, names)
    return Unit(real, path, masked, tuple(dict.fromkeys(started)))


def is_active(system: System, name: str) -> bool | None:
    """Tell whether a service is active now: systemd keeps a link to its invocation for as long as it is.

    None where that cannot be told: the system does not run, or not with systemd, or the unit is one that runs nothing.
    """
    if not name.endswith(".service") or not system.runs or not system.root.exists("/run/systemd/units"):
        return None
    try:
        system.root.link(f"/run/systemd/units/invocation:{name}")
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def started(system: System) -> tuple[str, ...]:
    """Give the names of all units that some link starts."""
    return tuple(sorted(system.get(unit_files.index).wanted))


def default_target(system: System) -> tuple[str, str]:
    """Give the target that is started by default, and what says so."""
    index = system.get(unit_files.index)
    return unit_files.real(index, "default.target"), index.files.get("default.target", "")


def settings(system: System, name: str) -> Iterator[key_values.Assignment]:
    """Give the assignments of a unit's file and then of its drop-ins, in the order in which they count."""
    index = system.get(unit_files.index)
    path = unit_files.definition(index, unit_files.real(index, name))
    for each in (*((path,) if path else ()), *unit_files.drop_ins(system, name)):
        yield from key_values.assignments(drop_ins.lines(system, each, "#;", joined=True))


def _triggers(system: System, index: unit_files.Index, names: set[str]) -> list[str]:
    """Give the links that enable sockets, timers and paths that start one of some services."""
    return [
        link
        for other, target in system.get(_enabled_triggers)
        if target in names or f"{target.partition('@')[0]}.service" in names
        for link in index.wanted[other]
    ]


def _enabled_triggers(system: System) -> list[tuple[str, str]]:
    """Give the sockets, timers and paths that are enabled, each with the service that it starts."""
    index = system.get(unit_files.index)
    found = []
    for other in index.wanted:
        kind, real = other[other.rfind(".") :], unit_files.real(index, other)
        if kind in _TRIGGERS and real in index.files and not unit_files.is_masked(system, index, real):
            found.append((other, _triggered(system, other, kind)))
    return found


def _triggered(system: System, name: str, kind: str) -> str:
    """Give the service that a socket, timer or path starts: the one it names, else that of its own name."""
    set_to = [each.value for each in settings(system, name) if each.key == _TRIGGERS[kind] and each.value]
    return set_to[-1] if set_to else f"{name[: -len(kind)]}.service"


def _of_init(system: System, name: str) -> tuple[str | None, list[str]]:
    """Give the script that systemd-sysv-generator makes a unit of, and the links of run levels that start it."""
    script = f"/etc/init.d/{name.removesuffix('.service')}"
    if not name.endswith(".service") or not system.root.exists(script):
        return None, []
    links = system.root.glob(f"/etc/rc[2345].d/S[0-9][0-9]{name.removesuffix('.service')}")
    return script, list(links)
