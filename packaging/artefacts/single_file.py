"""stocktake in one file that any Python from 3.9 on runs, for hosts where nothing may be installed.

Compiled code cannot be loaded out of an archive, so there is none in it: the agent then does without psutil.
"""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from artefacts import provenance, wheels
from artefacts.bill import bill
from artefacts.source import ROOT, VERSION, moment, work_folder
from artefacts.tree import AGENT, LINUX, copy_sources
from artefacts.vendored import stand_in, unpack

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from pathlib import Path

_FIRST_LINE = b"#!/usr/bin/env python3\n"
_COMPILED = ("psutil",)


def build(target: str, folder: Path, _asked: argparse.Namespace) -> Iterator[Path]:
    """Build stocktake-VERSION.pyz with its bill and provenance beside it."""
    with work_folder() as work:
        yield _build(target, folder, work)


def _build(target: str, folder: Path, tree: Path) -> Path:
    taken = [
        wheel
        for wheel in wheels.fetch(LINUX / AGENT.lock, "x86_64", f"3.{AGENT.lowest}")
        if not wheel.name.startswith(_COMPILED)
    ]
    parts = unpack(taken, tree, compiled=False)
    stand_in(tree)
    copy_sources(AGENT.sources, tree)
    shutil.copyfile(ROOT / "packaging" / "zipapp" / "__main__.py", tree / "__main__.py")
    artefact = folder / f"stocktake-{VERSION}.pyz"
    _write(tree, artefact)
    artefact.with_name(f"{artefact.name}.cdx.json").write_bytes(bill("stocktake", "Apache-2.0", parts))
    provenance.write(artefact, target, parts)
    return artefact


def _write(tree: Path, artefact: Path) -> None:
    """Write an archive with a first line that starts it, its files in order and of one time."""
    with artefact.open("wb") as file:
        file.write(_FIRST_LINE)
        with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=9) as archive:
            for path in sorted(path for path in tree.rglob("*") if path.is_file()):
                entry = ZipInfo(path.relative_to(tree).as_posix(), time.gmtime(moment())[:6])
                entry.external_attr = 0o100644 << 16
                entry.compress_type = ZIP_DEFLATED
                archive.writestr(entry, path.read_bytes())
    artefact.chmod(0o755)
