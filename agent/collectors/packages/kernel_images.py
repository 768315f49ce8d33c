"""The kernels that are installed below a root: their images in boot, or beside their modules."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agent.host.errors import LimitReached, gap

if TYPE_CHECKING:
    from agent.host.root import HostRoot
    from agent.model.records import Gap

BOOT = "/boot"
MODULES = ("/usr/lib/modules", "/lib/modules")
READS = (BOOT, *MODULES, *(f"{folder}/*/{file}" for folder in MODULES for file in ("vmlinuz", "modules.builtin")))

_IMAGE = re.compile(r"(?:vmlinuz|vmlinux|Image|zImage|kernel)-([1-9][\w.+~-]*)")
_NO_IMAGE = (".old", ".bak", ".gz", ".xz", ".sig", ".sha512", ".rpmsave", ".dpkg-new", ".dpkg-tmp", ".dpkg-bak")
_RELEASE = re.compile(r"[1-9][\w.+~-]*")
_LIMIT = 1000


def installed(root: HostRoot) -> tuple[frozenset[str], list[Gap]]:
    """Give the releases of the kernels that have an image, and what could not be looked into.

    Where none has an image that is known by its name, as on boards whose firmware loads the kernel, those count
    that have the list of their built-in modules, which is of the package and not of depmod(8).
    """
    gaps: list[Gap] = []
    found = {match[1] for name in _names(root, BOOT, gaps) if (match := _IMAGE.fullmatch(name)) and _is_image(name)}
    folders = [(folder, name) for folder in MODULES for name in _names(root, folder, gaps) if _RELEASE.fullmatch(name)]
    found |= _having(root, folders, "vmlinuz")
    return frozenset(found or _having(root, folders, "modules.builtin")), gaps


def _is_image(name: str) -> bool:
    return not name.endswith(_NO_IMAGE)


def _names(root: HostRoot, folder: str, gaps: list[Gap]) -> list[str]:
    try:
        return root.names(folder)[:_LIMIT]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except (OSError, LimitReached) as error:
        gaps.append(gap(folder, error, None))
        return []


def _having(root: HostRoot, folders: list[tuple[str, str]], file: str) -> set[str]:
    """Give the releases whose folder has a file; one that cannot be looked at is none."""
    return {release for folder, release in folders if _has(root, f"{folder}/{release}/{file}")}


def _has(root: HostRoot, path: str) -> bool:
    try:
        return root.exists(path)
    except OSError:
        return False
