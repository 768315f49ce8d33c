"""The scope of the settings: the trees of the section integrity as they lie below the root."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.collectors.integrity.trees import parsed, patterns, trees_of
from agent.host.mounts import MountTable
from agent.host.root import HostRoot
from agent.host.watched import ALL, Places
from agent.watch.scope import Scope

if TYPE_CHECKING:
    from agent.model.settings import Settings


def scope_of(settings: Settings) -> Scope:
    """Find where the trees of the settings are; OSError or ValueError where the root or its mounts cannot be told."""
    trees = parsed(trees_of(settings.integrity_trees))
    root = HostRoot(settings.root)
    mounts = MountTable(root, excluded=(), each_place=True)
    try:
        watched = Places(root, mounts, lambda _: None).watched(trees)
    finally:
        mounts.close()
        root.close()
    for tree in trees:  # those, too, that do not exist yet
        watched.add([name for name in tree.path.split("/") if name], ALL if tree.depth is None else tree.depth)
    return Scope(watched, patterns((*settings.integrity_excludes, settings.state_dir)))
