"""Node.js packages: package.json in the folders below node_modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.formats import package_json
from agent.host.errors import LimitReached, gap
from agent.inventory.languages import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.host.found import Found
    from agent.model.records import Gap

NAMES = frozenset(("package.json",))
ENDINGS: tuple[str, ...] = ()
FORMS: frozenset[str] = frozenset()

_LIMIT = 1024 * 1024
_STORES = (".pnpm", ".store", ".bun")
"""Folders in node_modules where pnpm, npm (--install-strategy=linked) and bun put the packages that they link to."""

_DEBIAN = "/usr/share/nodejs/"
"""Where Debian and its kin put packages; node looks there as it does in a node_modules (Debian JavaScript policy)."""


def packages(found: Found) -> Iterator[Finding | Gap]:
    """Give the package of a package.json that lies where node_modules has a package.

    Any other is none: the marker of a folder within a package, a project's own, a package's example or test.
    """
    folder = found.path[: -len("/package.json")]
    if not _is_package(folder):
        return
    try:
        manifest = package_json.parse(found.read(_LIMIT))
    except (OSError, LimitReached, ValueError) as error:
        yield gap(found.path, error, found.path)
        return
    if manifest:
        scope, name = _split(manifest.name)
        yield Finding("npm", scope, name, manifest.version, *manifest.license, found.path, (f"{folder}/",))


def _is_package(folder: str) -> bool:
    """Tell whether a folder is a package's: each node_modules from the first on has to be in one, up to this one."""
    if folder.startswith(_DEBIAN):
        folder = folder.replace(_DEBIAN, "/node_modules/", 1)
    chain = folder.split("/node_modules/")[1:]
    return bool(chain) and all(map(_is_step, chain))


def _is_step(step: str) -> bool:
    """Tell whether a path leads from one node_modules to a package in it, or to the next one in a store."""
    first, _, rest = step.partition("/")
    if first in _STORES and rest:
        return "/" not in rest or _is_name(rest)
    return _is_name(step)


def _is_name(path: str) -> bool:
    """Tell whether a path is name or @scope/name; folders that start with a dot are no packages."""
    return path.count("/") == (1 if path.startswith("@") else 0) and not path.startswith(".")


def _split(name: str) -> tuple[str | None, str]:
    """Split @scope/name; any other name has no scope."""
    if not name.startswith("@"):
        return None, name
    scope, _, rest = name.partition("/")
    return scope, rest
