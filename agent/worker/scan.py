"""The job that reads a section for `stocktake scan`: nothing is written but the lines that it gives."""

from __future__ import annotations

import os
import signal
from functools import partial
from typing import TYPE_CHECKING

from agent import limits
from agent.host.errors import Unsettled
from agent.model.codec import as_line, dumps
from agent.model.spec import Cloud, Options
from agent.model.status import COMPLETE, PARTIAL
from agent.worker import cloud
from agent.worker.collectors import load, wants
from agent.worker.observe import compliance_of, failure, host_of, integrity_of, open_readers, parts_of, require

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.model.records import Record
    from agent.model.settings import Settings

_BLOCK = 2 * 1024 * 1024
"""Bytes that are held back, some 4,000 packages, so that nothing is said of a section that turns out to be changing."""
_OF_LIMITS = (signal.SIGALRM, signal.SIGXCPU)


def scan_child(settings: Settings, section: str, fd: int) -> None:
    """Write a section's records to a descriptor as NDJSON, then how it ended; to be called in a child process.

    The last line is {"section": ..., "kind": "section", "status": ..., "error": ...}.
    """
    block = bytearray()
    error = None
    reserve = bytes(limits.RESERVE)
    try:
        status = _write_records(settings, section, fd, block)
    except Unsettled as problem:
        status, error = failure(problem)
        block.clear()
    except Exception as problem:  # noqa: BLE001 - the worker is where the unforeseen is turned into a status
        del reserve
        status, error = failure(problem)
    signal.pthread_sigmask(signal.SIG_BLOCK, _OF_LIMITS)  # it is over: what remains is to say how
    ending = {"section": section, "kind": "section", "status": status, "error": error}
    block += dumps(ending, canonical=False) + b"\n"
    _write(fd, block)


def _write_records(settings: Settings, section: str, fd: int, block: bytearray) -> str:
    """Write the records, the last of which stay in the block, and give the status of the section.

    A function of its own, because the exception of a limit may come where a loop jumps back, which CPython 3.13
    does not count to the try statement around it.
    """
    status = COMPLETE
    for record in _records(settings, section):
        if record.KIND == "gap":
            status = PARTIAL
        block += as_line(record, section)
        if len(block) >= _BLOCK:
            _write(fd, block)
    return status


def _records(settings: Settings, section: str) -> Iterator[Record]:
    collector = load(section)
    spec = collector.SPEC
    host = host_of(settings)
    readers = open_readers(spec)
    known = cloud.know(host, None, may_ask=settings.cloud_metadata) if spec.cloud else Cloud()
    limits.apply(spec.memory, spec.seconds, (), network=False, traces=spec.traces)
    require(collector, host)
    options = Options(
        labels=settings.labels,
        wants=partial(wants, settings),
        parts=parts_of(settings),
        integrity=integrity_of(settings),
        compliance=compliance_of(settings),
        watches_usage=settings.usage_watch,
        read_apart=readers.read if readers else None,
        cloud=known,
    )
    yield from collector.collect(host, options)  # type: ignore[misc] # without a snapshot nothing is unchanged
    if readers:
        readers.close()


def _write(fd: int, block: bytearray) -> None:
    """Write a block and empty it; the signals of the limits wait, for one between two writes would leave half a line."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _OF_LIMITS)
    try:
        rest = memoryview(block)
        while rest:
            rest = rest[os.write(fd, rest) :]
        rest.release()
        block.clear()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
