"""The Helm chart as an archive: the same bytes every time, its versions those of the agent."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

from artefacts import provenance
from artefacts.source import ROOT, VERSION, moment

if TYPE_CHECKING:
    from collections.abc import Iterator

CHART = ROOT / "packaging" / "chart"
_UNVERSIONED = "0.0.0"


def build(target: str, output: str, _release: str) -> Iterator[Path]:
    """Build stocktake-VERSION.tgz with its provenance beside it."""
    os.makedirs(output, exist_ok=True)
    artefact = Path(output) / f"stocktake-{VERSION}.tgz"
    artefact.write_bytes(gzip.compress(_packed(), 9, mtime=0))
    provenance.write(artefact, target, ())
    yield artefact


def files() -> Iterator[tuple[str, bytes]]:
    """Give the chart's files by their paths in it."""
    for path in sorted(path for path in CHART.rglob("*") if path.is_file()):
        content = path.read_bytes()
        if path.name == "Chart.yaml":
            content = content.replace(_UNVERSIONED.encode(), VERSION.encode())
        yield path.relative_to(CHART).as_posix(), content


def _packed() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, content in files():
            member = tarfile.TarInfo(f"stocktake/{name}")
            member.size, member.mode, member.mtime = len(content), 0o644, moment()
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()
