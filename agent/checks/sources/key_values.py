"""Assignments of files with sections, and the one of several files that counts (systemd.syntax(7))."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.sources import drop_ins

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from agent.checks.engine.system import System

_VENDORS = ("/etc/", "/run/", "/usr/local/lib/", "/usr/lib/")
"""Where the main file of a program of systemd is: the first that exists is read, then all drop-ins."""


class Assignment(NamedTuple):
    """A key with its value; of a file without sections, section is empty."""

    section: str
    key: str
    value: str
    where: str


def effective(system: System, path: str, section: str, key: str) -> Assignment | None:
    """Give the assignment that counts: the last of the drop-ins below /etc, /run and /usr/lib, or that of the file.

    One with an empty value undoes those before it, so that the default holds.
    """
    found = [each for each in system.get(of_files, path) if each.section == section and each.key == key]
    return found[-1] if found and found[-1].value else None


def of_files(system: System, path: str) -> tuple[Assignment, ...]:
    """Give the assignments of a file and of its drop-ins, in the order in which they count."""
    name = path.removeprefix("/etc/")
    main = next((top + name for top in _VENDORS if system.root.exists(top + name)), path) if name != path else path
    files = (main, *drop_ins.effective(system, f"{name}.d"))
    return tuple(each for file in files for each in assignments(drop_ins.lines(system, file, "#;", joined=True)))


def assignments(lines: Iterable[drop_ins.Line]) -> Iterator[Assignment]:
    """Give the assignments of lines; what is neither one nor a section is passed over."""
    section = ""
    for line in lines:
        if line.text.startswith("["):
            section = line.text[1:].partition("]")[0]
            continue
        key, sign, value = line.text.partition("=")
        if sign:
            yield Assignment(section, key.strip(), value.strip().strip("\"'"), line.where)
