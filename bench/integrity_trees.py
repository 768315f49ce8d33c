"""Trees for the benchmark of file integrity."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SMALL = 43_000
SMALL_BYTES = 573_000_000
_FOLDER = 1000
"""Files of one directory."""
_CONTENTS = 64


def small_files(tree: Path) -> Path:
    """Make files whose sizes are spread evenly from nothing to twice their mean, each with a content of its own."""
    mean = SMALL_BYTES // SMALL
    for number in range(SMALL):
        folder = tree / f"{number // _FOLDER:03}"
        if number % _FOLDER == 0:
            folder.mkdir(parents=True)
        size = number * 7919 % (2 * mean)
        (folder / f"file-{number:05}").write_bytes(b"%010d" % number + b"\0" * max(0, size - 10))
    return tree


def many_links(tree: Path, count: int) -> Path:
    """Make as many names of few files: each is a path to be looked at and read, and costs no inode."""
    tree.mkdir(parents=True)
    contents = []
    for number in range(_CONTENTS):
        path = tree / f"content-{number}"
        path.write_bytes(b"%d" % number * 100)
        contents.append(str(path))
    for number in range(count - _CONTENTS):
        folder = f"{tree}/{number // _FOLDER:05}"
        if number % _FOLDER == 0:
            os.mkdir(folder)
        os.link(contents[number % _CONTENTS], f"{folder}/{number:07}")
    return tree
