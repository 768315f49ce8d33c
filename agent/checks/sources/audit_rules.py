"""The audit rules that are loaded at boot, as files have them; the kernel shows those that are loaded to auditctl alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from agent.checks.sources import files
from agent.formats import audit_rules
from agent.formats.audit_rules import Control, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.checks.engine.system import System

MADE = "/etc/audit/audit.rules"
FOLDER = "/etc/audit/rules.d"
_UNITS = ("audit-rules.service", "auditd.service")
_UNIT_FOLDERS = ("/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system")
_DIGITS = re.compile(r"(\d+)")


class Loaded(NamedTuple):
    """A rule with where it stands."""

    rule: Rule
    where: str


class Rules(NamedTuple):
    """What is loaded.

    rules: In the order in which the kernel looks at them.
    enabled: The value of the last -e that counts, 2 where the rules cannot be changed; None where there is none.
    where: Where that stands, or the files.
    """

    rules: tuple[Loaded, ...]
    enabled: str | None
    where: str


def rules(system: System) -> Rules:
    """Read the files that the service loads: those of rules.d where augenrules makes the file, otherwise the file."""
    sources = system.get(paths)
    made_from_parts = sources != [MADE]
    found: list[Loaded] = []
    enabled, where = None, sources[0]
    for path in sources:
        for text, place in _lines(system, path):
            parsed = audit_rules.parse(text)
            if parsed is None:
                continue
            line, first = parsed
            if isinstance(line, Rule):
                found.insert(0 if first else len(found), Loaded(line, place))
            elif line.option == "-e":
                enabled, where = line.value, place
                if line.value == "2" and not made_from_parts:
                    return Rules(tuple(found), enabled, where)
            elif line.option != "-D" or not made_from_parts:
                _take_away(found, line)
    return Rules(tuple(found), enabled, where)


def rules_of(system: System, path: str) -> list[Rule]:
    """Give the rules of one file."""
    parsed = (audit_rules.parse(text) for text, _ in _lines(system, path))
    return [each[0] for each in parsed if each and isinstance(each[0], Rule)]


def paths(system: System) -> list[str]:
    """Give the files in the order in which they are read: augenrules sorts them by name, numbers by their value."""
    parts = list(system.root.glob(f"{FOLDER}/*.rules"))
    if not parts or not _made_from_parts(system):
        return [MADE]
    return sorted(parts, key=_natural)


def _made_from_parts(system: System) -> bool:
    """Tell whether the service runs augenrules, as it does by default."""
    for unit in _UNITS:
        path = next((f"{top}/{unit}" for top in _UNIT_FOLDERS if system.root.exists(f"{top}/{unit}")), None)
        drop_ins = [each for top in _UNIT_FOLDERS for each in system.root.glob(f"{top}/{unit}.d/*.conf")]
        started = [line for each in (path, *drop_ins) if each for line in _starting(system, each)]
        if any("augenrules" in line for line in started):
            return True
        if any("auditctl" in line and MADE in line for line in started):
            return False
    return True


def _starting(system: System, path: str) -> Iterator[str]:
    for line in files.lines(system, path):
        text = line.decode("utf-8", "replace").strip()
        if text.startswith("ExecStart"):
            yield text


def _lines(system: System, path: str) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(files.lines(system, path), 1):
        yield line.decode("utf-8", "replace").strip(), f"{path}:{number}"


def _take_away(found: list[Loaded], line: Control) -> None:
    if line.option == "-D":
        found.clear()
    elif line.rule is not None:
        found[:] = [each for each in found if each.rule != line.rule]


def _natural(path: str) -> list[tuple[int, str]]:
    name = path.rpartition("/")[2]
    return [(int(part), "") if part.isdigit() else (-1, part) for part in _DIGITS.split(name) if part]
