"""The scope of the settings: the trees of the section integrity as they lie below the root."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.formats.path_patterns import compiled
from agent.host.mounts import MountTable
from agent.host.root import HostRoot
from agent.host.watched import ALL, Places, Tree
from agent.watch.scope import Scope

if TYPE_CHECKING:
    from agent.model.settings import Settings

_DEFAULTS = ("/etc", "/usr/bin", "/usr/sbin", "/usr/lib", "/bin", "/sbin", "/lib", "/boot")


def scope_of(settings: Settings) -> Scope:
    """Find where the trees of the settings are; OSError or ValueError where the root or its mounts cannot be told."""
    trees = [_tree(text) for text in settings.integrity_trees or _DEFAULTS]
    root = HostRoot(settings.root)
    mounts = MountTable(root, excluded=(), each_place=True)
    try:
        watched = Places(root, mounts, lambda _: None).watched(trees)
    finally:
        mounts.close()
        root.close()
    for tree in trees:  # those, too, that do not exist yet
        watched.add([name for name in tree.path.split("/") if name], ALL if tree.depth is None else tree.depth)
    return Scope(watched, compiled((*settings.integrity_excludes, settings.state_dir)))


def _tree(text: str) -> Tree:
    path, colon, depth = text.rpartition(":")
    return Tree(path, int(depth)) if colon and depth.isdigit() else Tree(text)
