"""Files of an image before they are packed: what lies at each path."""

from __future__ import annotations

import io
import os
import stat
import tarfile
from typing import TYPE_CHECKING, NamedTuple

from artefacts.source import moment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Entry(NamedTuple):
    """A file, folder or link, of root.

    mode: Permissions; of a link they say nothing.
    content: Of a file; None for others.
    target: Of a symbolic link; None for others.
    """

    mode: int
    content: bytes | None = None
    target: str | None = None


Tree = dict[str, Entry]
"""Entries by their paths, which are relative to the root."""
FOLDER = Entry(0o755)


def read_tree(folder: Path) -> Tree:
    """Give what lies below a folder; programs are executable, nothing else is."""
    tree: Tree = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            tree[name] = Entry(0o777, target=os.readlink(path))
        elif path.is_dir():
            tree[name] = FOLDER
        else:
            tree[name] = Entry(0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644, path.read_bytes())
    return tree


def write_tree(tree: Mapping[str, Entry], folder: Path) -> None:
    """Write entries below a folder."""
    for name in sorted(tree):
        entry, path = tree[name], folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if entry.target is not None:
            path.symlink_to(entry.target)
        elif entry.content is None:
            path.mkdir(exist_ok=True)
        else:
            path.write_bytes(entry.content)
            path.chmod(entry.mode)


def pack(tree: Mapping[str, Entry]) -> bytes:
    """Give a tar archive of entries, in order, of root and of the one time of the build."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name in sorted(tree):
            entry = tree[name]
            member = tarfile.TarInfo(name)
            member.mtime, member.mode = moment(), entry.mode
            if entry.target is not None:
                member.type, member.linkname = tarfile.SYMTYPE, entry.target
            elif entry.content is None:
                member.type = tarfile.DIRTYPE
            else:
                member.size = len(entry.content)
            archive.addfile(member, io.BytesIO(entry.content or b""))
    return out.getvalue()
