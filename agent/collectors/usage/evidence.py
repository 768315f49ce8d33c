"""What the processes of one scope tell of files: which were executed, are mapped, or are open, and which are gone from the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.collectors.usage.processes import without_mark
from agent.formats.maps import path_of
from agent.inventory.code import language
from agent.model.records.usage import EXECUTED, MAPPED, OPENED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from agent.collectors.usage.processes import Process
    from agent.formats.maps import Mapped

_EXECUTABLE = b"x"


class FileUse(NamedTuple):
    """That a group of processes uses a file.

    path: Its path in the scope's tree, that which it had where it is deleted.
    grade: opened, mapped or executed.
    file: What tells it from every other file that there is now: device and inode; None for one that is merely open.
    code: Whether it is code, so that a process has to be restarted to get another version of it.
    deleted: Whether its path leads to it no more, as the kernel says.
    """

    path: str
    grade: str
    file: str | None
    code: bool
    deleted: bool


class Group(NamedTuple):
    """Processes that have the same program and the same files.

    processes: They, at least one.
    uses: Their files, each once.
    """

    processes: list[Process]
    uses: tuple[FileUse, ...]


def groups_of(processes: Iterable[Process]) -> dict[str | None, list[Group]]:
    """Put processes together by scope and by what they use; what they share is looked at once."""
    alike: dict[tuple[object, ...], list[Process]] = {}
    for process in processes:
        key = (process.scope, process.executable, process.files, process.opened)
        alike.setdefault(key, []).append(process)
    scopes: dict[str | None, list[Group]] = {}
    for members in alike.values():
        first = members[0]
        group = Group(members, tuple(_uses(first.executable, first.files, first.opened)))
        scopes.setdefault(first.scope, []).append(group)
    return scopes


def _uses(executable: str, files: frozenset[Mapped], opened: frozenset[str]) -> Iterator[FileUse]:
    by_file: dict[tuple[bytes, bytes, bytes], bool] = {}
    for runs, *file in files:
        key = file[0], file[1], file[2]
        by_file[key] = by_file.get(key, False) or runs == _EXECUTABLE
    seen = set()
    for (device, inode, written), is_run in by_file.items():
        path = path_of(written)
        plain = without_mark(path)
        seen.add(plain)
        grade = EXECUTED if path == executable else MAPPED
        code = is_run or language(plain) is not None
        yield FileUse(plain, grade, f"{device.decode()}/{inode.decode()}", code, path != plain)
    for path, grade in ((executable, EXECUTED), *((path, OPENED) for path in opened)):
        plain = without_mark(path)
        if plain not in seen:
            yield FileUse(plain, grade, None, True, path != plain)
