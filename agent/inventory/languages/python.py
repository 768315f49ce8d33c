"""Python distributions: *.dist-info, *.egg-info and eggs wherever they lie, and those within zip files that Python runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agent.formats import python_metadata, python_record
from agent.host.errors import LimitReached, gap
from agent.inventory.languages import Finding, python_archives

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.formats.manifest import Manifest
    from agent.host.found import Found
    from agent.model.records import Gap

NAMES = frozenset(("METADATA", "PKG-INFO"))
ENDINGS = (".egg-info", ".egg", ".pyz", ".pyzw", ".pex")
FORMS = frozenset(("zip", "script"))

_SITES = ("/site-packages", "/dist-packages")
_LIBRARY = re.compile(r"/lib(?:64)?/python\d[^/]*/|/(?:site|dist)-packages/")
_HEAD_USUAL = 8 * 1024
_HEAD_LIMIT = 1024 * 1024
_RECORD_LIMIT = 4 * 1024 * 1024


def packages(found: Found) -> Iterator[Finding | Gap]:
    """Give the distribution that a file describes, or those that are in a zip file.

    A directory of metadata counts wherever it lies: what one distribution vendors is software too.
    """
    folder, _, name = found.path.rpartition("/")
    base, _, directory = folder.rpartition("/")
    try:
        if name == "METADATA":
            if directory.endswith(".dist-info") and not directory.startswith("~"):  # pip's mark of what it removes
                yield from _described(found, "RECORD", base)
        elif name == "PKG-INFO":
            yield from _of_egg(found, base, directory)
        elif name.lower().endswith(".egg-info"):
            yield _finding(_manifest(found), found.path)
        elif not (name.lower().endswith(".egg") and _is_data(folder)):
            yield from python_archives.packages(found)
    except (OSError, LimitReached, ValueError) as error:
        yield gap(found.path, error, found.path)


def _of_egg(found: Found, base: str, directory: str) -> Iterator[Finding | Gap]:
    """Read what setuptools wrote: beside the packages in *.egg-info, or with them in the folder *.egg."""
    if directory.endswith(".egg-info") and not directory.startswith("~"):
        yield from _described(found, "installed-files.txt", base)
    elif directory == "EGG-INFO" and base.endswith(".egg") and not _is_data(base.rpartition("/")[0]):
        yield _finding(_manifest(found), found.path, (f"{base}/",))


def _is_data(folder: str) -> bool:
    """Tell whether an egg in a folder is data of tests, as in setuptools and CPython.

    Within a library of Python those that can be imported lie in site-packages itself.
    """
    return not folder.endswith(_SITES) and bool(_LIBRARY.search(folder))


def _described(found: Found, listing: str, base: str) -> Iterator[Finding | Gap]:
    manifest = _manifest(found)
    read = python_record.claims if listing == "RECORD" else python_record.installed_files
    claims: tuple[str, ...] = ()
    try:
        claims = read(found.sibling(listing, _RECORD_LIMIT), base)
    except FileNotFoundError:  # distributions leave it out: their own package manager knows the files
        pass
    except (OSError, LimitReached) as error:
        yield gap(f"{found.path.rpartition('/')[0]}/{listing}", error, None)
    yield _finding(manifest, found.path, claims)


def _manifest(found: Found) -> Manifest:
    """Read the head alone: a description of a hundred kilobytes may follow it."""
    start = found.read_at(0, _HEAD_USUAL)
    head = python_metadata.head(start)
    if head is None and len(start) == _HEAD_USUAL:
        start = found.read_at(0, _HEAD_LIMIT)
        head = python_metadata.head(start)
    if head is None and len(start) == _HEAD_LIMIT:
        raise LimitReached(f"its head is longer than {_HEAD_LIMIT} bytes")
    return python_metadata.parse(start if head is None else head)


def _finding(manifest: Manifest, location: str, claims: tuple[str, ...] = ()) -> Finding:
    return Finding("pypi", None, manifest.name, manifest.version, *manifest.license, location, claims)
