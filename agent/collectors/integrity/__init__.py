"""The section integrity: every watched path, what changed since the last scan, and whether a package explains it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.model.spec import ROOT, Spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.host import Host
    from agent.model.records import Record
    from agent.model.spec import Gone, Options, Unchanged

SPEC = Spec(
    summary="Files of the watched trees with digests, what changed, and whether the package databases explain it",
    every=3600,
    needs=frozenset((ROOT,)),
    reads=lambda: ("/**",),
    memory=64,
    seconds=600,
)


def collect(host: Host, options: Options) -> Iterator[Record | Unchanged | Gone]:
    """Give the files that are new or changed, what is gone, and what that was."""
    from agent.collectors.integrity.scan import Scan  # noqa: PLC0415 - whoever asks for the SPEC alone needs none of it

    return Scan(host, options).records()
