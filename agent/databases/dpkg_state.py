"""One state of dpkg's database: var/lib/dpkg/status with the journal over it, seen at one moment.

dpkg notes every change in a numbered file of var/lib/dpkg/updates first, and now and then puts a new
status in place by rename and empties the journal (lib/dpkg/dbmodify.c). So an open status never
changes; what has to be caught is the moment between the two.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from agent.databases.dpkg_lock import locked
from agent.formats.dpkg import Stanza, stanzas, whole
from agent.host.errors import LimitReached, Unsettled, gap

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator

    from agent.host import Host
    from agent.host.root import HostRoot
    from agent.model.records import Gap

STATUS = "/var/lib/dpkg/status"
UPDATES = "/var/lib/dpkg/updates"

_LOOKS = 3
_PIECE = 64 * 1024
_LINE = 4096
_UNFINISHED = re.compile(rb"Status: \S+ \S+ (?:unpacked|half-installed|half-configured)$", re.MULTILINE)
_JOURNAL_FILES = 1000
"""dpkg empties the journal at 250 files (MAXUPDATES)."""
_JOURNAL_LIMIT = 16 * 1024 * 1024


_TRANSITIONAL = frozenset(("unpacked", "half-installed", "half-configured", "triggers-awaited", "triggers-pending"))


class State(NamedTuple):
    """The database at one moment; status is to be closed by who asked for it.

    status: The status file, open.
    journal: What the journal says, by name and architecture; it replaces what status says.
    unread: Why the journal could not be read, where it could not.
    mark: What changes with every change of the database.
    """

    status: io.BufferedReader
    journal: dict[tuple[str | None, str | None], Stanza]
    unread: Gap | None
    mark: _Mark


class _Mark(NamedTuple):
    inode: int
    size: int
    modified: int
    changed: int
    updates: tuple[str, ...]


def look(root: HostRoot) -> State:
    """Catch the database in one state; OSError when status cannot be opened.

    Unsettled is raised when status or the journal changed during each of several looks.
    """
    for _ in range(_LOOKS):
        before = _mark(root)
        state = _read(root, before)
        if _mark(root) == before:
            return state
        state.status.close()
    raise Unsettled(f"dpkg is at work: its database changed during each of {_LOOKS} looks")


def stanzas_at_rest(host: Host, state: State) -> Iterator[Stanza]:
    """Give the stanzas that hold; Unsettled when a package is between two states because dpkg is at work.

    Without dpkg such a state is lasting, as after a failed installation, and a fact like any other.
    """
    unsure = True
    for stanza in merged(state):
        if unsure and stanza.status and stanza.status.rpartition(" ")[2] in _TRANSITIONAL:
            _require_at_rest(host, state)
            unsure = False
        yield stanza


def merged(state: State) -> Iterator[Stanza]:
    """Give the stanzas of the journal, and those of status that it does not replace.

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


def is_between_states(root: HostRoot) -> bool:
    """Tell whether the journal has entries, or the files of any package are not all in place; OSError, LimitReached."""
    try:
        if _entries(root.names(UPDATES)):
            return True
    except (FileNotFoundError, NotADirectoryError):
        pass
    try:
        reader = root.open(STATUS)
    except FileNotFoundError:
        return False
    with reader:
        return any(map(_UNFINISHED.match, iter(lambda: reader.readline(_LINE), b"")))


def require_unwritten(state: State) -> None:
    """Raise Unsettled when somebody wrote into the open status file, which dpkg never does."""
    now = os.fstat(state.status.fileno())
    if (now.st_size, now.st_mtime_ns) != (state.mark.size, state.mark.modified):
        raise Unsettled("the status file of dpkg was written to while it was read")


def _require_at_rest(host: Host, state: State) -> None:
    """Raise Unsettled when dpkg has its lock, or had it a moment ago and changed the database since."""
    if locked(host) or _mark(host.root) != state.mark:
        raise Unsettled("dpkg is at work: packages are between two states")


def _read(root: HostRoot, mark: _Mark) -> State:
    journal: dict[tuple[str | None, str | None], Stanza] = {}
    unread = None
    try:
        for stanza in _journal(root):
            journal[stanza.name, stanza.architecture] = stanza
    except (OSError, LimitReached) as error:
        unread = gap(UPDATES, error, "dpkg/")
    return State(root.open(STATUS), journal, unread, mark)


def _mark(root: HostRoot) -> _Mark:
    """Look what the database is; errors of the journal are reported where it is read."""
    status = root.stat(STATUS)
    try:
        updates = tuple(root.names(UPDATES))
    except (OSError, LimitReached):
        updates = ()
    return _Mark(status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns, updates)


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
