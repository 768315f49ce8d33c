"""One state of dpkg's database: var/lib/dpkg/status with the journal over it, seen at one moment.

dpkg notes every change in a numbered file of var/lib/dpkg/updates first, and now and then puts a new
status in place by rename and empties the journal (lib/dpkg/dbmodify.c). So an open status never
changes; what has to be caught is the moment between the two.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from agent.formats.dpkg import Stanza, stanzas, whole
from agent.host.errors import LimitReached, Unsettled, gap

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator

    from agent.host import Host
    from agent.host.procfs import ProcFS
    from agent.host.root import HostRoot
    from agent.model.records import Gap

STATUS = "/var/lib/dpkg/status"
UPDATES = "/var/lib/dpkg/updates"
LOCKS = ("/var/lib/dpkg/lock", "/var/lib/dpkg/lock-frontend")
"""dpkg locks the first while it runs, apt the second while it runs dpkg more than once."""

_LOOKS = 3
_PIECE = 64 * 1024
_JOURNAL_FILES = 1000
"""dpkg empties the journal at 250 files (MAXUPDATES)."""
_JOURNAL_LIMIT = 16 * 1024 * 1024


class State(NamedTuple):
    """The database at one moment; status is to be closed by who asked for it.

    status: The status file, open.
    journal: What the journal says, by name and architecture; it replaces what status says.
    locked: Whether dpkg, or a program that drives it, held its lock.
    unread: Why the journal could not be read, where it could not.
    size: Size of status in bytes.
    modified: When status was modified, nanoseconds since 1970.
    """

    status: io.BufferedReader
    journal: dict[tuple[str | None, str | None], Stanza]
    locked: bool
    unread: Gap | None
    size: int
    modified: int


def look(host: Host) -> State:
    """Catch the database in one state; OSError when status cannot be opened.

    Unsettled is raised when status or the journal changed during each of several looks.
    """
    for _ in range(_LOOKS):
        before = _mark(host.root)
        state = _read(host)
        if _mark(host.root) == before:
            return state
        state.status.close()
    raise Unsettled(f"dpkg is at work: its database changed during each of {_LOOKS} looks")


def merged(state: State) -> Iterator[Stanza]:
    """Give the stanzas that hold: those of the journal, and those of status that it does not replace.

    A package that is not Multi-Arch: same has one architecture at a time, so that an entry of the journal
    replaces it whatever its architecture (lib/dpkg/parse.c, parse_find_pkg_slot).
    """
    journal = state.journal
    yield from journal.values()
    single = {stanza.name for stanza in journal.values() if stanza.multi_arch != "same"}
    for stanza in stanzas(iter(lambda: state.status.read1(_PIECE), b"")):
        replaced = (stanza.name, stanza.architecture) in journal or (
            stanza.name in single and stanza.multi_arch != "same"
        )
        if not replaced:
            yield stanza


def require_unchanged(state: State) -> None:
    """Raise Unsettled when somebody wrote into the open status file, which dpkg never does."""
    now = os.fstat(state.status.fileno())
    if (now.st_size, now.st_mtime_ns) != (state.size, state.modified):
        raise Unsettled("the status file of dpkg was written to while it was read")


def _read(host: Host) -> State:
    journal: dict[tuple[str | None, str | None], Stanza] = {}
    unread = None
    try:
        for stanza in _journal(host.root):
            journal[stanza.name, stanza.architecture] = stanza
    except (OSError, LimitReached) as error:
        unread = gap(UPDATES, error, "dpkg/")
    status = host.root.open(STATUS)
    opened = os.fstat(status.fileno())
    return State(status, journal, _locked(host), unread, opened.st_size, opened.st_mtime_ns)


def _mark(root: HostRoot) -> tuple[object, ...]:
    """Give what changes with every change of the database; the journal's own errors are for _journal."""
    status = root.stat(STATUS)
    try:
        entries = root.names(UPDATES)
    except (OSError, LimitReached):
        entries = []
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns, entries


def _journal(root: HostRoot) -> Iterator[Stanza]:
    """Give the entries of the journal, oldest first; no directory is no journal."""
    try:
        updates = root.directory(UPDATES)
    except (FileNotFoundError, NotADirectoryError):
        return
    left = _JOURNAL_LIMIT
    with updates:
        for name in _entries(updates.names()):
            content = updates.read(name, left)
            left -= len(content)
            yield from whole(content)


def _entries(names: list[str]) -> list[str]:
    """Pick the journal's files in the order of their numbers; dpkg, too, passes over all other names."""
    numbers = [name for name in names if name.isascii() and name.isdigit()]
    if len(numbers) > _JOURNAL_FILES:
        raise LimitReached(f"{UPDATES}: more than {_JOURNAL_FILES} entries")
    return sorted(numbers, key=lambda name: (len(name), name))


def _locked(host: Host) -> bool:
    """Tell whether a process that can be seen has a write lock on one of dpkg's lock files.

    proc_locks(5) names a file by device and inode. Only the inode is compared: on btrfs and overlay
    file systems the device is another than stat(2) gives.
    """
    if not host.proc:
        return False
    locks = _held(host.proc)
    return any(_inode(host.root, path) in locks for path in LOCKS) if locks else False


def _held(proc: ProcFS) -> set[bytes]:
    """Give the inodes, in digits, of all files with a POSIX write lock; a process that waits has none."""
    try:
        lines = proc.read("locks").split(b"\n")
    except (OSError, LimitReached):
        return set()
    words = (line.split() for line in lines)
    return {word[5].rpartition(b":")[2] for word in words if word[1:2] == [b"POSIX"] and word[3:4] == [b"WRITE"]}


def _inode(root: HostRoot, path: str) -> bytes | None:
    try:
        return b"%d" % root.stat(path).st_ino
    except OSError:
        return None
