"""Packages of dpkg: var/lib/dpkg/status and its journal, and status.d of images without dpkg (distroless)."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, NamedTuple

from agent.collectors.packages.dpkg_state import LOCKS, STATUS, UPDATES, look, require_unwritten, stanzas_at_rest
from agent.formats import deb_version
from agent.formats.dpkg import CutOff, source, whole
from agent.formats.purl import purl
from agent.host.errors import LimitReached, gap
from agent.model.records import Gap, Package

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager

    from agent.collectors.packages.distribution import Distribution
    from agent.formats.dpkg import Stanza
    from agent.host import Host
    from agent.host.root import Directory, HostRoot

NAME = "dpkg"
STATUS_D = "/var/lib/dpkg/status.d"
INFO = "/var/lib/dpkg/info"
READS: tuple[str, ...] = (
    STATUS,
    STATUS_D,
    f"{STATUS_D}/*",
    UPDATES,
    f"{UPDATES}/*",
    INFO,
    f"{INFO}/*.list",
    *LOCKS,
    "/proc/locks",
)

_STANZAS_LIMIT = 1024 * 1024


class _Context(NamedTuple):
    """What a stanza does not say itself."""

    location: str
    distribution: Distribution
    info: Directory | None


def present(root: HostRoot) -> bool:
    """Tell whether there is a database, or are lists of installed files that one must have had."""
    return _listed(root, STATUS) or _listed(root, STATUS_D) or _has_lists(root)


def packages(host: Host, distribution: Distribution) -> Iterator[Package | Gap]:
    """Give the packages of status.d, then those of status, which count where both list one.

    Unsettled is raised while dpkg has its lock and packages are between two states.
    """
    with _info(host.root) as info:
        in_directory = _listed(host.root, STATUS_D)
        if in_directory:
            yield from _of_directory(host.root, _Context(STATUS_D, distribution, info))
        if _listed(host.root, STATUS) or not in_directory:
            yield from _of_status(host, _Context(STATUS, distribution, info))


def _of_status(host: Host, context: _Context) -> Iterator[Package | Gap]:
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


def _of_directory(root: HostRoot, context: _Context) -> Iterator[Package | Gap]:
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


def _records(stanzas: Iterable[Stanza], context: _Context) -> Iterator[Package | Gap]:
    nameless = False
    for stanza in stanzas:
        if stanza.name:
            yield from _of_stanza(stanza, context)
        elif not nameless:
            nameless = True
            subject = f"{context.location}: stanzas without a name"
            yield Gap(subject, "malformed", "they name no package, or are too long to be read whole", f"{NAME}/")


def _of_stanza(stanza: Stanza, context: _Context) -> Iterator[Package | Gap]:
    """Give the package of a stanza; one that is not installed at all is none, however it came into the file."""
    key = f"{NAME}/{stanza.name}:{stanza.architecture or ''}"
    words = (stanza.status or "").split()
    if len(words) != 3:
        yield Gap(key, "malformed", "its stanza has no Status of three words", key)
        return
    selection, _, status = words
    if status == "not-installed":
        return
    yield _package(stanza, selection, status, context)
    if not stanza.version and status != "half-installed":
        yield Gap(key, "malformed", "its stanza has no Version", None)


def _package(stanza: Stanza, selection: str, status: str, context: _Context) -> Package:
    name = stanza.name or ""
    source_name, source_version = source(stanza)
    epoch, upstream, revision = _split(stanza.version)
    return Package(
        NAME,
        name,
        stanza.version,
        epoch,
        upstream,
        revision,
        stanza.architecture,
        source_name,
        source_version,
        stanza.section,
        status,
        None if selection == "unknown" else selection,
        stanza.origin,
        stanza.vendor,
        _purl(stanza, context.distribution),
        context.location,
        None if status == "config-files" else _installed_at(stanza, context.info),
    )


def _split(version: str | None) -> tuple[int | None, str | None, str | None]:
    """Take a version apart; its parts are not known where it is missing or not well formed."""
    try:
        return deb_version.split(version or "")
    except ValueError:
        return None, None, None


def _purl(stanza: Stanza, distribution: Distribution) -> str | None:
    if not stanza.version:
        return None
    qualifiers = {"arch": stanza.architecture, "distro": distribution.release}
    try:
        return purl("deb", distribution.id, stanza.name or "", stanza.version, qualifiers)
    except ValueError:
        return None


def _installed_at(stanza: Stanza, info: Directory | None) -> int | None:
    """Tell when the list of the package's files was written, which dpkg does as it unpacks them.

    The list of a Multi-Arch: same package has the architecture in its name (lib/dpkg/db-ctrl-access.c).
    """
    if not info:
        return None
    qualified = f":{stanza.architecture}" if stanza.multi_arch == "same" else ""
    try:
        return int(info.stat(f"{stanza.name}{qualified}.list").st_mtime)
    except (OSError, ValueError):  # a name with a slash or a null character is no file's
        return None


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
