"""What a language's parser makes of a tree: every file that it wants is shown to it, in sorted order."""

from __future__ import annotations

import os
import stat
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from agent.host.found import Found
from agent.inventory.languages import Finding, load
from agent.model.records import Gap

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from agent.inventory.languages import Parser


def take(language: str, top: Path, root: Path | None = None) -> list[Finding | Gap]:
    """Show the files below a directory to a parser, their paths below a root, which is the directory by default."""
    parser = load(language)
    told = []
    for folder, folders, names in os.walk(top):
        folders.sort()
        with _opened(folder) as fd:
            for name in sorted(names):
                found = _found(fd, f"/{os.path.relpath(os.path.join(folder, name), root or top)}")
                with closing(found):
                    if found.size >= 0 and _is_wanted(parser, found):
                        told += list(parser.packages(found))
    return told


def findings(told: list[Finding | Gap]) -> list[Finding]:
    """Give the packages; there must be no gap."""
    assert [gap for gap in told if isinstance(gap, Gap)] == []
    return [finding for finding in told if isinstance(finding, Finding)]


def one(language: str, root: Path, path: str, content: bytes) -> list[Finding | Gap]:
    """Write one file below a root, and give what its language's parser tells of it alone."""
    place = root / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    with _opened(str(place.parent)) as fd, closing(_found(fd, f"/{path}")) as found:
        return list(load(language).packages(found))


@contextmanager
def _opened(folder: str) -> Iterator[int]:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield fd
    finally:
        os.close(fd)


def _found(folder: int, path: str) -> Found:
    status = os.stat(path.rpartition("/")[2], dir_fd=folder, follow_symlinks=False)
    return Found(folder, path, status.st_size if stat.S_ISREG(status.st_mode) else -1, bool(status.st_mode & 0o111))


def _is_wanted(parser: Parser, found: Found) -> bool:
    if found.name in parser.NAMES or found.name.lower().endswith(parser.ENDINGS):
        return True
    return found.executable and bool(parser.FORMS) and found.form() in parser.FORMS
