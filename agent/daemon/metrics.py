"""The daemon's numbers for Prometheus, in its text format 0.0.4: no name of a file, package or address is among them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from agent import __version__
from agent.daemon.usage import cpu_seconds, resident_kib

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.daemon.loop import Daemon

STATUSES = ("complete", "partial", "failed", "timed_out", "out_of_memory", "unsupported")
METRICS = {
    "stocktake_build_info": ("gauge", "1; version of the agent and of its Python."),
    "stocktake_start_time_seconds": ("gauge", "When the daemon started, seconds since 1970."),
    "stocktake_jobs_total": ("counter", "Workers that have ended since then."),
    "stocktake_cpu_seconds_total": ("counter", "Processor time of the daemon and its ended workers."),
    "stocktake_resident_memory_bytes": ("gauge", "Resident memory of the daemon alone."),
    "stocktake_watcher_running": (
        "gauge",
        "Whether the process that watches files or opens runs; absent where none is wanted.",
    ),
    "stocktake_section_period_seconds": ("gauge", "Seconds between two collections of a section."),
    "stocktake_section_status": ("gauge", "1 for the status with which the last attempt ended, 0 for the others."),
    "stocktake_section_records": ("gauge", "Records of the last attempt's snapshot, gaps among them."),
    "stocktake_section_gaps": ("gauge", "Gaps of the last attempt's snapshot: what could not be seen."),
    "stocktake_section_last_attempt_timestamp_seconds": ("gauge", "When the last attempt began."),
    "stocktake_section_last_success_timestamp_seconds": ("gauge", "When the last attempt that gave a snapshot began."),
    "stocktake_section_duration_seconds": ("gauge", "How long the last attempt took."),
    "stocktake_section_cpu_seconds": ("gauge", "Processor time of the last attempt."),
    "stocktake_section_peak_memory_bytes": ("gauge", "Most resident memory of the last attempt."),
    "stocktake_deliveries_total": ("counter", "Deliveries by result: delivered, failed."),
    "stocktake_delivery_sent_bytes_total": ("counter", "Bytes of bodies that were sent."),
    "stocktake_delivery_failing": ("gauge", "Whether the last delivery failed."),
    "stocktake_delivery_waiting_sections": ("gauge", "Sections that wait to be sent."),
    "stocktake_delivery_last_success_timestamp_seconds": ("gauge", "When the last delivery succeeded."),
}
"""Each metric's type and help."""
_SECTION = "stocktake_section_"


def render(daemon: Daemon, started_at: float) -> bytes:
    """Give the page, metrics that are not known yet left out.

    started_at: When the daemon started, seconds since 1970.
    """
    lines = []
    told = set()
    for name, labels, value in sorted(_samples(daemon, started_at), key=lambda sample: sample[0]):
        if name not in told:
            told.add(name)
            kind, text = METRICS[name]
            lines += [f"# HELP {name} {text}", f"# TYPE {name} {kind}"]
        lines.append(f"{name}{_written(labels)} {value:.15g}")
    return "\n".join([*lines, ""]).encode()


def _samples(daemon: Daemon, started_at: float) -> Iterator[tuple[str, dict[str, str], float]]:
    python = ".".join(map(str, sys.version_info[:3]))
    yield "stocktake_build_info", {"version": __version__, "python": python}, 1
    yield "stocktake_start_time_seconds", {}, started_at
    yield "stocktake_jobs_total", {}, daemon.jobs_done
    yield "stocktake_cpu_seconds_total", {}, cpu_seconds()
    yield "stocktake_resident_memory_bytes", {}, resident_kib() * 1024
    for name in daemon.plan.watches:
        yield "stocktake_watcher_running", {"watches": name}, name in daemon.watchers
    yield from _sections(daemon)
    yield from _deliveries(daemon)


def _sections(daemon: Daemon) -> Iterator[tuple[str, dict[str, str], float]]:
    for section, period in daemon.plan.sections.items():
        label = {"section": section}
        yield f"{_SECTION}period_seconds", label, period.every
        known = daemon.health.sections.get(section)
        if known is None:
            continue
        for status in STATUSES:
            yield f"{_SECTION}status", {**label, "status": status}, status == known.status
        yield f"{_SECTION}records", label, known.records
        yield f"{_SECTION}gaps", label, known.gaps
        yield f"{_SECTION}last_attempt_timestamp_seconds", label, known.attempted_at
        if known.succeeded_at is not None:
            yield f"{_SECTION}last_success_timestamp_seconds", label, known.succeeded_at
        yield f"{_SECTION}duration_seconds", label, known.seconds
        yield f"{_SECTION}cpu_seconds", label, known.cpu_seconds
        yield f"{_SECTION}peak_memory_bytes", label, known.peak_bytes


def _deliveries(daemon: Daemon) -> Iterator[tuple[str, dict[str, str], float]]:
    health = daemon.health
    yield "stocktake_deliveries_total", {"result": "delivered"}, health.delivered
    yield "stocktake_deliveries_total", {"result": "failed"}, health.failed
    yield "stocktake_delivery_sent_bytes_total", {}, health.sent_bytes
    yield "stocktake_delivery_failing", {}, health.is_failing
    yield "stocktake_delivery_waiting_sections", {}, health.waiting
    if health.delivered_at is not None:
        yield "stocktake_delivery_last_success_timestamp_seconds", {}, health.delivered_at


def _written(labels: dict[str, str]) -> str:
    """Write labels; their values are names of ours, in which nothing needs to be escaped."""
    return "{" + ",".join(f'{name}="{value}"' for name, value in labels.items()) + "}" if labels else ""
