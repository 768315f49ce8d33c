"""Where a walk must stop, decided from the mounts of a mount namespace (mount_namespaces(7))."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from agent.host.excluded import PATHS
from agent.host.file_systems import LOCAL, NOT_STORAGE, why_not

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from agent.formats.mountinfo import Mount

_What = TypeVar("_What")

SILENT = "silent"
"""Nothing is missing without it: kernel objects, and what is walked elsewhere."""
EXCLUDED = "excluded"
"""It holds no software of the host."""
REMOTE = "remote"
"""Somebody else would have to answer."""


class Stop(NamedTuple):
    """A place that a walk does not touch.

    kind: SILENT, EXCLUDED or REMOTE.
    detail: For REMOTE, why.
    """

    kind: str
    detail: str


Stops = dict[str, dict[str, Stop]]
"""The places by the path of their directory below the root, the root's own being empty, and their name in it."""


FileSystems = dict[str, dict[str, str]]
"""Types of the file systems mounted below the root, by the same."""


def stops(
    table: Iterable[Mount], top: int, prefix: str, excluded: tuple[str, ...] = PATHS, each_place: bool = False
) -> Stops:
    """Give the stops below a root; ValueError when the table does not have its mount.

    top: Number of the mount that the root is on. It is walked whatever it is, for all else is read from it too.
    prefix: Path of the root in the table's mount namespace, empty for the namespace's own.
    excluded: Paths that are stops themselves; what is mounted below them is not told.
    each_place: Whether what is seen at several places (bind mounts) is walked at each; otherwise at one.
    """
    found: Stops = {}
    for path in excluded:
        _put(found, path, Stop(EXCLUDED, ""))
    visible = _visible(table, top, prefix)
    for path, stop in _alone(visible, prefix) if each_place else _of_mounts(visible, prefix, excluded):
        _put(found, path, stop)
    return found


def file_systems(table: Iterable[Mount], top: int, prefix: str) -> tuple[str, FileSystems]:
    """Give the type of the file system that the root is on, and those of what is mounted below; errors as stops."""
    own, *others = _visible(table, top, prefix)
    found: FileSystems = {}
    for mount in others:
        _put(found, mount.point[len(prefix) :], mount.file_system)
    return own.file_system, found


class _Walked(NamedTuple):
    """What of a file system is walked where: its directory, and the path below the root."""

    root: str
    path: str


def _alone(visible: list[Mount], prefix: str) -> Iterator[tuple[str, Stop]]:
    """Decide on each mount whatever the others show."""
    for mount in visible[1:]:
        stop = _untouched(mount)
        if stop:
            yield mount.point[len(prefix) :], stop


def _of_mounts(visible: list[Mount], prefix: str, excluded: tuple[str, ...]) -> Iterator[tuple[str, Stop]]:
    """Decide on each mount, upper ones first, so that what is seen twice is walked at the shorter path."""
    top, *others = visible
    within_top = prefix[len(top.point.rstrip("/")) :]
    walked = {top.device: [_Walked(f"{top.root.rstrip('/')}{within_top}", "")]}
    points = {mount.point[len(prefix) :] for mount in others}.union(excluded)
    out_of_reach = set(excluded)
    for mount in sorted(others, key=lambda mount: (len(mount.point), mount.point)):
        path = mount.point[len(prefix) :]
        if not out_of_reach.isdisjoint(_upwards(path)):
            continue
        same_device = walked.setdefault(mount.device, [])
        stop = _stop(mount, same_device, points)
        if stop:
            out_of_reach.add(path)
            yield path, stop
        else:
            here = _Walked(mount.root.rstrip("/"), path)
            yield from ((twin, Stop(SILENT, "")) for twin in _twins(here, same_device))
            same_device.append(here)


def _stop(mount: Mount, same_device: list[_Walked], points: set[str]) -> Stop | None:
    stop = _untouched(mount)
    if not stop and any(_shows(other, mount, points) for other in same_device):
        return Stop(SILENT, "")
    return stop


def _untouched(mount: Mount) -> Stop | None:
    """Tell whether the type of a file system is one that is not touched."""
    if mount.file_system in NOT_STORAGE:
        return Stop(SILENT, "")
    if mount.file_system not in LOCAL:
        return Stop(REMOTE, f"{mount.file_system}: {why_not(mount.file_system)}")
    return None


def _shows(walked: _Walked, mount: Mount, points: set[str]) -> bool:
    """Tell whether what a mount shows is also met at a place that is walked, and nothing is mounted or left out there."""
    below = _below(mount.root, walked.root)
    return below is not None and points.isdisjoint(_upwards(below, walked.path))


def _twins(here: _Walked, same_device: list[_Walked]) -> Iterator[str]:
    """Give the paths at which a mount shows what is walked already."""
    for other in same_device:
        below = _below(other.root, here.root)
        if below:
            yield f"{here.path}{below}"


def _below(path: str, directory: str) -> str | None:
    """Give what of a path is below a directory, empty for the directory itself, None where it is elsewhere."""
    directory = directory.rstrip("/")
    path = path.rstrip("/")
    return path[len(directory) :] if path == directory or path.startswith(f"{directory}/") else None


def _upwards(path: str, base: str = "") -> Iterator[str]:
    """Give base + path and the directories above it, down to but without base."""
    while path:
        yield f"{base}{path}"
        path = path.rpartition("/")[0]


def _visible(table: Iterable[Mount], top: int, prefix: str) -> list[Mount]:
    """Give the mount of the root and then those that can be seen below it: no other one lies over them."""
    children: dict[int, list[Mount]] = {}
    visible = []
    for mount in table:
        if mount.id == top:
            visible.append(mount)
        elif mount.id != mount.parent and mount.point.startswith(f"{prefix}/") and mount.point != "/":
            children.setdefault(mount.parent, []).append(mount)
    if not visible:
        raise ValueError("mountinfo does not have the mount of the root")
    for mount in visible:  # which grows meanwhile
        mounted_on = children.pop(mount.id, [])
        points = {child.point for child in mounted_on}
        visible += (_uppermost(child, children) for child in mounted_on if not _covered(child.point, points))
    return visible


def _uppermost(mount: Mount, children: dict[int, list[Mount]]) -> Mount:
    """Follow the mounts that lie exactly over one another, of which the last is what a path leads to."""
    while True:
        over = next((child for child in children.get(mount.id, ()) if child.point == mount.point), None)
        if over is None:
            return mount
        del children[mount.id]
        mount = over


def _covered(point: str, points: set[str]) -> bool:
    """Tell whether a directory above was mounted over."""
    return not points.isdisjoint(_upwards(point.rpartition("/")[0]))


def _put(found: dict[str, dict[str, _What]], path: str, what: _What) -> None:
    directory, _, name = path.rpartition("/")
    found.setdefault(directory, {})[name] = what
