"""installed.json of Composer: what lies in a vendor folder (getcomposer.org, src/Composer/Repository/FilesystemRepository)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.formats import json_text
from agent.formats.manifest import Manifest, any_of, license_in, name_in, text

if TYPE_CHECKING:
    from collections.abc import Iterator

_BINARIES_LIMIT = 100


class Installed(NamedTuple):
    """A package that Composer installed.

    manifest: Its name (vendor/name), version and licence; of several licences one may be chosen.
    install_path: Where it lies, relative to the file; None in the format of Composer 1 and for a metapackage.
    binaries: Paths of its commands, relative to where it lies.
    """

    manifest: Manifest
    install_path: str | None
    binaries: tuple[str, ...]


def parse(content: bytes) -> Iterator[Installed | None]:
    """Give the packages, and None for each entry that is none; ValueError when the file is no such list.

    Composer 2 writes an object with packages, Composer 1 the list alone.
    """
    written = json_text.read(content)
    entries = written.get("packages") if isinstance(written, dict) else written
    if not isinstance(entries, list):
        raise ValueError("it holds no list of packages")
    return map(_installed, entries)


def _installed(entry: object) -> Installed | None:
    if not isinstance(entry, dict):
        return None
    try:
        licenses = entry.get("license")
        declared = any_of(map(license_in, licenses if isinstance(licenses, list) else [licenses]))
        manifest = Manifest(name_in(entry.get("name")), text(entry.get("version")), declared)
        binaries = entry.get("bin")
        paths = binaries[:_BINARIES_LIMIT] if isinstance(binaries, list) else [binaries]
        return Installed(manifest, text(entry.get("install-path")), tuple(filter(None, map(text, paths))))
    except ValueError:
        return None
