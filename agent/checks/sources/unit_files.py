"""The folders in which systemd finds units: which file defines each, what is an alias or masked, and what wants what."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from agent.checks.engine.system import System

FOLDERS = (
    "/etc/systemd/system",
    "/run/systemd/system",
    "/run/systemd/generator",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
)
"""Where units are, in the order in which they hide each other."""
_WANTS = (".wants", ".requires", ".upholds")
_DEPTH = 8


class Index(NamedTuple):
    """What the folders hold.

    files: Path of each unit by its name, that of the first folder.
    links: Target by name, of those files that are links.
    wanted: By name of a unit, the links in folders of what wants it.
    changed: Units that have a folder of drop-ins.
    """

    files: dict[str, str]
    links: dict[str, str]
    wanted: dict[str, list[str]]
    changed: set[str]


def index(system: System) -> Index:
    """List the folders."""
    found = Index({}, {}, {}, set())
    hidden: set[tuple[str, str]] = set()
    for folder in FOLDERS:
        for entry in _names(system, folder):
            path = f"{folder}/{entry}"
            if entry.endswith(_WANTS):
                _add_wanted(system, found, path, entry, hidden)
            elif entry.endswith(".d"):
                found.changed.add(entry[:-2])
            elif entry not in found.files:
                found.files[entry] = path
                target = _link(system, path)
                if target is not None:
                    found.links[entry] = target
    return found


def _add_wanted(system: System, known: Index, folder: str, owner: str, hidden: set[tuple[str, str]]) -> None:
    """Note the links of a folder; a name in an earlier folder of the same owner hides it, and so may undo it."""
    for name in _names(system, folder):
        if (owner, name) not in hidden:
            hidden.add((owner, name))
            if _link(system, f"{folder}/{name}") != "/dev/null":
                known.wanted.setdefault(name, []).append(f"{folder}/{name}")


def real(known: Index, name: str) -> str:
    """Follow aliases: links to files of another name."""
    for _ in range(_DEPTH):
        target = known.links.get(name, name).rpartition("/")[2]
        if target in (name, "null", ""):
            return name
        name = target
    return name


def definition(known: Index, name: str) -> str | None:
    """Give the file of a unit; of an instance without a file of its own, that of its template."""
    if name in known.files:
        return known.files[name]
    before, sign, after = name.partition("@")
    return known.files.get(f"{before}@.{after.rpartition('.')[2]}") if sign else None


def is_masked(system: System, known: Index, name: str) -> bool:
    """Tell whether a unit is a link to /dev/null or an empty file, so that nothing can start it."""
    path = known.files.get(name)
    if path is None:
        return False
    if known.links.get(name) is not None:
        return _leads_to_null(path, known.links[name])
    return system.root.stat(path).st_size == 0


def _leads_to_null(path: str, target: str) -> bool:
    if target.startswith("/"):
        return target.replace("//", "/") == "/dev/null"
    folder = path.split("/")[1:-1]
    for part in target.split("/"):
        folder = folder[:-1] if part == ".." else [*folder, part]
    return folder == ["dev", "null"]


def drop_ins(system: System, name: str) -> list[str]:
    """Give the files NAME.d/*.conf that count, by name."""
    chosen: dict[str, str] = {}
    for folder in FOLDERS if name in system.get(index).changed else ():
        for path in system.root.glob(f"{folder}/{name}.d/*.conf"):
            chosen.setdefault(path.rpartition("/")[2], path)
    return [chosen[each] for each in sorted(chosen)]


def _names(system: System, folder: str) -> list[str]:
    try:
        return system.root.names(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _link(system: System, path: str) -> str | None:
    try:
        return system.root.link(path)
    except OSError:
        return None
