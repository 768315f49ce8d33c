"""The job that brings a section's snapshot up to date."""

from __future__ import annotations

import os
import resource
import time
from functools import partial
from typing import TYPE_CHECKING

from agent import limits
from agent.delivery.attempts import Attempt, read_attempt, write_attempt
from agent.delivery.last import LastSnapshot
from agent.delivery.store import Committed, folder_of, write_snapshot
from agent.model.spec import Cloud, Options
from agent.worker import cloud
from agent.worker.collectors import load, wants
from agent.worker.observe import Failure, compliance_of, failure, host_of, integrity_of, open_readers, parts_of, require

if TYPE_CHECKING:
    from agent.model.settings import Settings


def collect(settings: Settings, section: str) -> tuple[Attempt, bool]:
    """Collect a section under limits and commit its snapshot; give the attempt and whether anything changed.

    Whatever goes wrong becomes the attempt's status, and the snapshot before stays.
    """
    started_at = int(time.time())
    folder = folder_of(settings.state_dir, section)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    result: Committed | Failure
    refused: tuple[str, ...] = ()
    readers = None
    reserve = bytes(limits.RESERVE)
    try:
        collector = load(section)
        spec = collector.SPEC
        host = host_of(settings)
        readers = open_readers(spec)
        known = cloud.know(host, settings.state_dir, may_ask=settings.cloud_metadata) if spec.cloud else Cloud()
        refused = limits.apply(spec.memory, spec.seconds, (folder,), network=False, traces=spec.traces)
        refused += readers.refused if readers else ()
        require(collector, host)
        options = options_for(settings, section)
        options = options._replace(read_apart=readers.read if readers else None, cloud=known)
        records = collector.collect(host, options)
        result = write_snapshot(folder, section, started_at, records)
    except Exception as error:  # noqa: BLE001 - the worker is where the unforeseen is turned into a status
        del reserve
        result = failure(error)
    if readers:
        readers.close()
    attempt = _attempt(section, started_at, result, refused)
    write_attempt(folder, attempt)
    return attempt, isinstance(result, Committed) and result.changed


def options_for(settings: Settings, section: str) -> Options:
    """Give what a collector is told, with its own last snapshot; nothing of it when that is not sound."""
    folder = folder_of(settings.state_dir, section)
    last = LastSnapshot(folder)
    attempt = read_attempt(folder) if last.footer else None
    return Options(
        labels=settings.labels,
        previous=last.records,
        previous_at=last.footer.taken_at if last.footer else None,
        wants=partial(wants, settings),
        is_kept=True,
        parts=parts_of(settings),
        walk_every=settings.packages_walk_every,
        lines=last.lines,
        succeeded_at=attempt.last_success_at if attempt else None,
        folder=folder,
        integrity=integrity_of(settings),
        compliance=compliance_of(settings),
        watches_usage=settings.usage_watch,
    )


def _attempt(section: str, started_at: int, result: Committed | Failure, refused: tuple[str, ...]) -> Attempt:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    footer = result.footer if isinstance(result, Committed) else None
    return Attempt(
        section=section,
        status=result.footer.status if isinstance(result, Committed) else result.status,
        started_at=started_at,
        seconds=round(max(0.0, time.time() - started_at), 3),
        cpu_seconds=round(sum(usage.ru_utime + usage.ru_stime for usage in used), 3),
        peak_mib=round(max(_peak_kib(), used[1].ru_maxrss) / 1024, 1),
        count=footer.count if footer else 0,
        gaps=footer.gaps if footer else 0,
        error=result.error if isinstance(result, Failure) else None,
        unconfined=refused,
    )


def _peak_kib() -> int:
    """Give this process's own peak (VmHWM of proc(5)): ru_maxrss counts in what its parent had when it forked."""
    with open("/proc/self/status", "rb") as status:
        for line in status:
            if line.startswith(b"VmHWM:"):
                return int(line.split()[1])
    return 0
