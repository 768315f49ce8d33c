"""The job that reads a section for `stocktake scan`: nothing is written but the lines that it gives."""

from __future__ import annotations

import os
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from agent import limits
from agent.model.codec import as_object, dumps
from agent.model.spec import Options
from agent.model.status import COMPLETE, PARTIAL
from agent.worker.collectors import load, wants
from agent.worker.observe import failure, host_of, require

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.model.settings import Settings

_BLOCK = 64 * 1024


def scan_child(settings: Settings, section: str, fd: int) -> None:
    """Write a section's records and its closing line to a descriptor, as NDJSON; to be called in a child process."""
    block = bytearray()
    for line in _objects(settings, section):
        block += dumps(line, canonical=False)
        block += b"\n"
        if len(block) >= _BLOCK:
            _write(fd, block)
            block.clear()
    _write(fd, block)


def closing(section: str, status: str, count: int, gaps: int, started_at: float, error: str | None) -> dict[str, Any]:
    """Give the line that ends a section: count tells its records, gaps not among them."""
    return {
        "section": section,
        "kind": "section",
        "status": status,
        "count": count,
        "gaps": gaps,
        "taken_at": int(started_at),
        "error": error,
    }


def _objects(settings: Settings, section: str) -> Iterator[dict[str, Any]]:
    started_at = time.time()
    counted = {False: 0, True: 0}
    status, error = COMPLETE, None
    try:
        collector = load(section)
        spec = collector.SPEC
        host = host_of(settings)
        limits.apply(spec.memory, spec.seconds, (), network=False, traces=spec.traces)
        require(collector, host)
        for record in collector.collect(host, Options(labels=settings.labels, wants=partial(wants, settings))):
            yield as_object(record, section)
            counted[record.KIND == "gap"] += 1
        status = PARTIAL if counted[True] else COMPLETE
    except Exception as problem:  # noqa: BLE001 - the worker is where the unforeseen is turned into a status
        status, error = failure(problem)
    yield closing(section, status, counted[False], counted[True], started_at, error)


def _write(fd: int, block: bytearray) -> None:
    rest = memoryview(block)
    while rest:
        rest = rest[os.write(fd, rest) :]
    rest.release()
