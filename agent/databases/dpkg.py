"""Packages of dpkg: var/lib/dpkg/status and its journal, and status.d of images without dpkg (distroless).

Modules that read what was not asked for are not loaded; so all that they read is named here.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from agent.databases.at_work import changed_lately
from agent.databases.dpkg_lock import LOCKS, locked
from agent.databases.dpkg_package import INFO, MANAGER, STATUS_D, Context, records_of
from agent.databases.dpkg_state import STATUS, UPDATES, is_between_states, look, require_unwritten, stanzas_at_rest
from agent.formats.dpkg import CutOff, whole
from agent.host.errors import LimitReached, gap
from agent.model.records import Gap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager

    from agent.databases import Asked, Owned, Shipped
    from agent.databases.apt_origins import Origins
    from agent.databases.dpkg_copyright import Copyrights
    from agent.formats.dpkg import Stanza
    from agent.host import Host
    from agent.host.directory import Directory
    from agent.host.root import HostRoot
    from agent.model.records import Package

NAME = MANAGER
APT_LISTS = "/var/lib/apt/lists"
READS: tuple[str, ...] = (
    STATUS,
    STATUS_D,
    f"{STATUS_D}/*",
    UPDATES,
    f"{UPDATES}/*",
    INFO,
    f"{INFO}/*.list",
    f"{INFO}/*.md5sums",
    "/var/lib/dpkg/diversions",
    "/usr/share/doc/*/copyright",
    *LOCKS,
    "/proc/locks",
    APT_LISTS,
    f"{APT_LISTS}/*",
)
STATE = (STATUS, STATUS_D, f"{STATUS_D}/*", UPDATES, f"{UPDATES}/*", INFO, APT_LISTS)
"""dpkg writes into INFO whenever it unpacks a copyright file; one that somebody edits by hand is seen after dpkg's next change."""

_STANZAS_LIMIT = 1024 * 1024


def present(root: HostRoot) -> bool:
    """Tell whether there is a database, or are lists of installed files that one must have had."""
    return _listed(root, STATUS) or _listed(root, STATUS_D) or _has_lists(root)


def packages(host: Host, asked: Asked) -> Iterator[Package | Gap]:
    """Give the packages of status.d, then those of status, which count where both list one.

    Unsettled is raised while dpkg has its lock and packages are between two states.
    """
    origins, unread = _origins(host.root, asked)
    yield from unread
    copyrights = _copyrights(host.root) if asked.licenses else None
    with _info(host.root) as info:
        in_directory = _listed(host.root, STATUS_D)
        if in_directory:
            yield from _of_directory(host.root, Context(STATUS_D, asked.distribution, info, origins, copyrights))
        if _listed(host.root, STATUS) or not in_directory:
            yield from _of_status(host, Context(STATUS, asked.distribution, info, origins, copyrights))
    if copyrights:
        yield from copyrights.unread()


def owned(root: HostRoot) -> Iterator[Owned | Gap]:
    """Give the files of every package where they were put, with those of directories, which dpkg does not tell apart."""
    from agent.databases import dpkg_files  # noqa: PLC0415

    return dpkg_files.owned(root)


def shipped(root: HostRoot) -> Iterator[Shipped | Gap]:
    """Give the files of packages as they were shipped: conffiles as status has them, others as md5sums do."""
    from agent.databases import dpkg_shipped  # noqa: PLC0415

    return dpkg_shipped.shipped(root)


def at_work(host: Host) -> bool:
    """Tell whether dpkg, or what drives it, has its lock or has left packages or its journal between two states lately."""
    if not changed_lately(host.root, (STATUS, UPDATES, INFO)):
        return False
    return locked(host) or is_between_states(host.root)


def _origins(root: HostRoot, asked: Asked) -> tuple[Origins | None, list[Gap]]:
    if not asked.origins:
        return None, []
    from agent.databases import apt_origins  # noqa: PLC0415

    return apt_origins.read(root, asked.distribution)


def _copyrights(root: HostRoot) -> Copyrights:
    from agent.databases.dpkg_copyright import Copyrights  # noqa: PLC0415

    return Copyrights(root)


def _of_status(host: Host, context: Context) -> Iterator[Package | Gap]:
    try:
        state = look(host.root)
    except OSError as error:
        yield gap(STATUS, error, f"{NAME}/")
        return
    if state.unread:
        yield state.unread
    cut = None
    with state.status:
        try:
            yield from _records(stanzas_at_rest(host, state), context)
        except (OSError, LimitReached, CutOff) as error:
            cut = gap(STATUS, error, f"{NAME}/")
        require_unwritten(state)
    if cut:
        yield cut


def _of_directory(root: HostRoot, context: Context) -> Iterator[Package | Gap]:
    """Read status.d, of which every file but the checksums beside them holds stanzas without Status."""
    try:
        names = root.names(STATUS_D)
    except (OSError, LimitReached) as error:
        yield gap(STATUS_D, error, f"{NAME}/")
        return
    for name in names:
        if not name.endswith(".md5sums"):
            path = f"{STATUS_D}/{name}"
            try:
                content = root.read(path, _STANZAS_LIMIT)
            except (OSError, LimitReached) as error:
                yield gap(path, error, f"{NAME}/")
                continue
            yield from _records(map(_implied, whole(content)), context._replace(location=path))


def _implied(stanza: Stanza) -> Stanza:
    """Say what a stanza of status.d leaves unsaid: what an image was built with is installed."""
    return stanza if stanza.status else stanza._replace(status="unknown ok installed")


def _records(stanzas: Iterable[Stanza], context: Context) -> Iterator[Package | Gap]:
    nameless = False
    for stanza in stanzas:
        if stanza.name:
            yield from records_of(stanza, context)
        elif not nameless:
            nameless = True
            subject = f"{context.location}: stanzas without a name"
            yield Gap(subject, "malformed", "they name no package, or are too long to be read whole", f"{NAME}/")


def _info(root: HostRoot) -> AbstractContextManager[Directory | None]:
    try:
        return root.directory(INFO)
    except OSError:
        return nullcontext()


def _listed(root: HostRoot, path: str) -> bool:
    """Tell whether a directory has an entry, be it a link that leads nowhere."""
    try:
        root.stat(path, follow=False)
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def _has_lists(root: HostRoot) -> bool:
    try:
        return any(name.endswith(".list") for name in root.names(INFO))
    except (FileNotFoundError, NotADirectoryError):
        return False
