"""The repositories whose files apt keeps in var/lib/apt/lists: what they say of themselves, and their indexes.

A file's name there is its address, of which apt drops user and password alone (URItoFileName in apt-pkg's
strutl.cc). A path may still hold a token, so that no name of a file is in a record or a gap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.databases import apt_makers
from agent.formats.apt_release import HEAD, Release, parse
from agent.formats.compressed import ENDINGS, LZ4_LIMIT
from agent.host.errors import LimitReached, reason
from agent.model.records import Gap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.databases.distribution import Distribution
    from agent.host.root import HostRoot

LISTS = "/var/lib/apt/lists"
READS = (LISTS, f"{LISTS}/*")
STATE = (LISTS,)
"""apt puts every new file in place by rename, which changes the directory."""

_RELEASE = ("_InRelease", "_Release")
_INDEX = ("_Packages", *(f"_Packages{ending}" for ending in (*ENDINGS, ".bz2", ".lzma", ".zst")))
_RELEASES_LIMIT = 1000
_NOTHING = Release(None, None, None, None)


class Listed(NamedTuple):
    """A repository of which apt keeps files.

    name: What the repository calls itself: origin, label and codename, and a number where that is not one alone.
    maker: Its origin, else its label.
    suite: Suite that it says it is, else its codename.
    provenance: Who runs it, as Repository.provenance.
    channel: The part of the distribution that it is, as Package.channel.
    indexes: Names in LISTS of its indexes that can be read.
    whole: Whether these are all its indexes, and it has any.
    """

    name: str
    maker: str | None
    suite: str | None
    provenance: str | None
    channel: str | None
    indexes: tuple[str, ...]
    whole: bool


def repositories(root: HostRoot, distribution: Distribution) -> Iterator[Listed | Gap]:
    """Give the repositories in the order of their files' names; none where apt keeps no lists."""
    try:
        names = root.names(LISTS)
    except (FileNotFoundError, NotADirectoryError):
        return
    except (OSError, LimitReached) as error:
        yield unread("apt lists", error, "repository/dpkg/")
        return
    taken: dict[str, int] = {}
    for release_file, indexes in sorted(_groups(names).items()):
        try:
            release = _release(root, release_file)
        except OSError as error:
            yield unread("apt lists: a Release file", error, "repository/dpkg/")
            continue
        name = _name(release)
        taken[name] = taken.get(name, 0) + 1
        yield _listed(root, release, f"{name}#{taken[name]}" if taken[name] > 1 else name, indexes, distribution)


def unread(subject: str, error: Exception, hides: str | None) -> Gap:
    """Report a failure without the name of the file, which an error's own text may hold."""
    detail = error.strerror if isinstance(error, OSError) and error.strerror else "malformed, cut off or too long"
    return Gap(subject, reason(error), detail, hides)


def _groups(names: list[str]) -> dict[str, list[str]]:
    """Give the names of indexes by that of their Release file, which a flat repository may lack: then by their own."""
    releases = {name.rpartition("_")[0]: name for name in reversed(names) if name.endswith(_RELEASE)}
    groups: dict[str, list[str]] = {name: [] for name in releases.values()}
    for name in names:
        if name.endswith(_INDEX):
            groups.setdefault(_release_of(name, releases), []).append(name)
    return groups


def _release_of(index: str, releases: dict[str, str]) -> str:
    """Find the Release file whose address an index's address continues; the index itself where there is none."""
    base = index
    while base:
        base = base.rpartition("_")[0]
        if base in releases:
            return releases[base]
    return index


def _release(root: HostRoot, name: str) -> Release:
    if not name.endswith(_RELEASE):
        return _NOTHING
    with root.open(f"{LISTS}/{name}") as file:
        return parse(file.read(HEAD))


def _name(release: Release) -> str:
    names = dict.fromkeys((release.origin, release.label, release.codename or release.suite))
    return "/".join(name for name in names if name) or "unnamed"


def _listed(root: HostRoot, release: Release, name: str, indexes: list[str], distribution: Distribution) -> Listed:
    maker = release.origin or release.label
    readable = tuple(index for index in indexes if _is_readable(root, index))
    return Listed(
        name,
        maker,
        release.suite or release.codename,
        apt_makers.provenance(maker, distribution.id),
        apt_makers.channel(maker, release.suite or release.codename),
        readable,
        bool(readable) and len(readable) == len(indexes),
    )


def _is_readable(root: HostRoot, index: str) -> bool:
    """Tell whether an index is compressed in a way that is read here; its content may still be malformed."""
    if index.endswith(".lz4"):
        try:
            return root.stat(f"{LISTS}/{index}").st_size <= LZ4_LIMIT
        except OSError:
            return False
    return index.endswith(("_Packages", *ENDINGS))
