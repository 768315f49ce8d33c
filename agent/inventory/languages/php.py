"""Composer packages: vendor/composer/installed.json."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from agent.formats import composer
from agent.host.errors import LimitReached, gap
from agent.inventory.languages import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.formats.composer import Installed
    from agent.host.found import Found
    from agent.model.records import Gap

NAMES = frozenset(("installed.json",))
ENDINGS: tuple[str, ...] = ()
FORMS: frozenset[str] = frozenset()

_LIMIT = 4 * 1024 * 1024


def packages(found: Found) -> Iterator[Finding | Gap]:
    """Give the packages of a vendor folder; an installed.json that lies elsewhere than in its composer is none."""
    folder = found.path.rpartition("/")[0]
    if not folder.endswith("/composer"):
        return
    try:
        entries = composer.parse(found.read(_LIMIT))
    except (OSError, LimitReached, ValueError) as error:
        yield gap(found.path, error, found.path)
        return
    malformed = False
    for installed in entries:
        if installed:
            yield _finding(installed, found.path, folder)
        elif not malformed:
            malformed = True
            yield gap(found.path, ValueError("an entry of it is no package"), found.path)


def _finding(installed: Installed, location: str, folder: str) -> Finding:
    name, version, license_ = installed.manifest
    vendor, slash, rest = name.partition("/")
    claims = tuple(_claims(installed, folder))
    if not slash:
        return Finding("composer", None, name, version, *license_, location, claims)
    return Finding("composer", vendor, rest, version, *license_, location, claims)


def _claims(installed: Installed, folder: str) -> Iterator[str]:
    """Name the package's folder, which must be below the vendor folder to be claimed whole, and its commands in bin."""
    vendor = folder.rpartition("/")[0]
    place = posixpath.normpath(posixpath.join(folder, installed.install_path or f"../{installed.manifest.name}"))
    if place.startswith(f"{vendor}/") and place != folder:
        yield f"{place}/"
    for path in installed.binaries:
        yield f"{vendor}/bin/{path.rpartition('/')[2]}"
