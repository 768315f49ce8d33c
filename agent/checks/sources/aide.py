"""What AIDE is told (aide.conf(5)), and whether something starts it regularly."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from agent.checks.sources import files, units
from agent.checks.sources.unit_files import FOLDERS
from agent.formats import aide_conf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.checks.engine.system import System

CONFIGS = ("/etc/aide/aide.conf", "/etc/aide.conf")
_DEPTH = 8
_DATABASE = "/var/lib/aide/aide.db"
_CRON = (
    *("/etc/crontab", "/etc/anacrontab", "/etc/cron.d/*", "/etc/cron.hourly/*", "/etc/cron.daily/*"),
    *("/etc/cron.weekly/*", "/var/spool/cron/root", "/var/spool/cron/crontabs/root", "/var/spool/cron/tabs/root"),
)
_RUNS = re.compile(r"(?:^|[\s/;&|(])aide(?:\.wrapper)?\s(?:.*\s)?(?:-C|--check|-u|--update|\$AIDEARGS)(?:\s|$|[;&|>)])")
_BY_UNIT = re.compile(r"aide")


class Told(NamedTuple):
    """What the configuration says.

    databases: Paths that a check may compare with.
    selections: With the file and line of each.
    """

    databases: tuple[str, ...]
    selections: tuple[tuple[aide_conf.Selection, str], ...]


def told(system: System) -> Told | None:
    """Read the configuration; None where there is none."""
    path = next((each for each in CONFIGS if system.root.exists(each)), None)
    if path is None:
        return None
    said = list(_of_file(system, path, aide_conf.Parser(), 0))
    values = [
        each.value
        for each, _ in said
        if isinstance(each, aide_conf.Setting) and each.name in ("database", "database_in")
    ]
    databases = tuple(_path(value) for value in values[-1:]) or (_DATABASE, f"{_DATABASE}.gz")
    return Told(databases, tuple((each, where) for each, where in said if isinstance(each, aide_conf.Selection)))


def timers(system: System) -> list[str]:
    """Give the enabled timers of systemd whose service runs aide."""
    names = {path.rpartition("/")[2] for folder in FOLDERS for path in system.root.glob(f"{folder}/*.timer")}
    return [name for name in sorted(names) if system.get(units.resolved, name).is_on and _runs(system, name)]


def cron_lines(system: System) -> list[str]:
    """Give the lines of tables and scripts of cron that run aide."""
    found = []
    for pattern in _CRON:
        for path in system.root.glob(pattern):
            for number, line in enumerate(files.lines(system, path), 1):
                text = line.decode("utf-8", "replace").strip()
                if not text.startswith("#") and _RUNS.search(text):
                    found.append(f"{path}:{number}")
    return found


def _runs(system: System, timer: str) -> bool:
    named = [each.value for each in units.settings(system, timer) if each.key == "Unit" and each.value]
    service = named[-1] if named else timer.replace(".timer", ".service")
    commands = [each.value for each in units.settings(system, service) if each.key.startswith("ExecStart")]
    return any(_BY_UNIT.search(command) for command in commands)


def _of_file(
    system: System, path: str, parser: aide_conf.Parser, depth: int
) -> Iterator[tuple[aide_conf.Setting | aide_conf.Selection, str]]:
    for each in parser.read(files.lines(system, path)):
        if not isinstance(each, aide_conf.Include):
            yield each, f"{path}:{each.number}" if isinstance(each, aide_conf.Selection) else path
        elif depth < _DEPTH:
            for included in _included(system, each):
                yield from _of_file(system, included, parser, depth + 1)


def _included(system: System, include: aide_conf.Include) -> list[str]:
    if not include.pattern:
        return [include.path]
    try:
        names = system.root.names(include.path)
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [f"{include.path.rstrip('/')}/{name}" for name in names if aide_conf.fits(include.pattern, name)]


def _path(value: str) -> str:
    """Give the path of a URL as file:/var/lib/aide/aide.db or file:///var/lib/aide/aide.db."""
    return re.sub(r"^file:/*", "/", value.strip())
