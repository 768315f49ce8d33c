"""deps.json of a .NET application or framework: the libraries that it runs with.

Written by the SDK, read by the host (github.com/dotnet/sdk, documentation/specs/runtime-configuration-file.md).
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from agent.formats import json_text
from agent.formats.manifest import name_in, text

if TYPE_CHECKING:
    from collections.abc import Iterator

_RUNTIME_PACK = "runtimepack."
_FILES_LIMIT = 1000


class Library(NamedTuple):
    """A library that the file lists.

    name: Its name; that of a runtime pack without the mark before it.
    version: Its version.
    kind: Its type: package, project, runtimepack, reference or another.
    files: Native files that it brings, relative to the file.
    """

    name: str
    version: str | None
    kind: str
    files: tuple[str, ...]


def parse(content: bytes) -> Iterator[Library | None]:
    """Give the libraries, and None for each entry that is none; ValueError when the file lists none.

    What an application was only compiled with is left out: it is not there at run time.
    """
    written = json_text.read(content)
    if not isinstance(written, dict) or not isinstance(written.get("libraries"), dict):
        raise ValueError("it holds no libraries")
    assets = _assets(written.get("targets"))
    for identity, entry in written["libraries"].items():
        used = assets.get(identity, {})
        if not used.get("compileOnly"):
            yield _library(identity, entry, used)


def _assets(targets: object) -> dict[str, dict[str, object]]:
    """Give what each library brings, of all targets; the target with a runtime in its name counts, as it comes last."""
    assets: dict[str, dict[str, object]] = {}
    for target in targets.values() if isinstance(targets, dict) else ():
        if isinstance(target, dict):
            assets.update((name, brought) for name, brought in target.items() if isinstance(brought, dict))
    return assets


def _library(identity: str, entry: object, used: dict[str, object]) -> Library | None:
    kind = entry.get("type") if isinstance(entry, dict) else None
    name, slash, version = identity.rpartition("/")
    if not isinstance(kind, str) or not slash:
        return None
    if kind == "runtimepack" and name.startswith(_RUNTIME_PACK):
        name = name[len(_RUNTIME_PACK) :]
    try:
        return Library(name_in(name), text(version), kind, tuple(_files(used)))
    except ValueError:
        return None


def _files(used: dict[str, object]) -> Iterator[str]:
    """Give native files: those for the one runtime lie beside the application, those for several in their folders."""
    native, several = used.get("native"), used.get("runtimeTargets")
    for path in islice(native if isinstance(native, dict) else (), _FILES_LIMIT):
        yield path.rpartition("/")[2]
    yield from islice(several if isinstance(several, dict) else (), _FILES_LIMIT)
