"""Looks up to which packages files of one container belong, in a process of its own that can reach nothing but its tree.

What it finds it says in lines of JSON, which its parent takes for hostile (see agent.collectors.usage.apart).
"""

from __future__ import annotations

import json
import zlib
from importlib import import_module
from pkgutil import walk_packages
from typing import TYPE_CHECKING

from agent.host.errors import Unsettled
from agent.host.root import HostRoot
from agent.inventory.ownership import IN_CONTAINERS, ownership, present

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agent.model.records import Gap

FILE, PACKAGE, GAP, UNSETTLED, END = "file", "package", "gap", "unsettled", "end"


def load() -> None:
    """Load all code that looking up may need: later its files are out of reach."""
    for package in ("agent.databases", "agent.inventory", "agent.formats", "agent.host"):
        found = import_module(package)
        for module in walk_packages(found.__path__, f"{package}."):
            import_module(module.name)
    for encoding in ("ascii", "latin-1", "utf-16", "cp437", "idna"):
        "".encode(encoding)


def read(trees: Sequence[int], words: bytes) -> Iterator[bytes]:
    """Give what is found as lines: files, what their packages are, gaps, and at last that this was all.

    words: Compressed JSON: files with whether they are programs that ran, and keys of packages.
    """
    files, packages = json.loads(zlib.decompress(words))
    root = HostRoot(f"/proc/self/fd/{trees[0]}")
    gaps: list[Gap] = []
    try:
        found = ownership(root, present(root, gaps.append, IN_CONTAINERS), files, gaps.append, packages)
    except Unsettled as error:
        yield _line(UNSETTLED, str(error))
        return
    for path, belongings in found.files.items():
        yield _line(FILE, path, belongings)
    for key, known in found.packages.items():
        yield _line(PACKAGE, key, *known)
    for unseen in gaps:
        yield _line(GAP, unseen.subject, unseen.reason, unseen.detail, unseen.hides)
    yield _line(END)


def _line(*values: object) -> bytes:
    return json.dumps(values, separators=(",", ":")).encode() + b"\n"
