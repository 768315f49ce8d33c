"""What the daemon has heard of its workers since it started: a few numbers of each section, and of deliveries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class SectionHealth(NamedTuple):
    """The last attempt at a section.

    status: How it ended.
    records, gaps: Of its snapshot, the records with the gaps among them; 0 without one.
    attempted_at, succeeded_at: When it, and the last one that gave a snapshot, began, seconds since 1970; None for never.
    seconds, cpu_seconds, peak_bytes: What it took; 0 where its worker died without a word.
    """

    status: str
    records: int
    gaps: int
    attempted_at: float
    succeeded_at: float | None
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_bytes: int = 0


class Health:
    """The numbers.

    wall: Gives seconds since 1970.
    sections: The last attempt at each section.
    delivered, failed: Deliveries that succeeded and that did not.
    sent_bytes: Bytes of bodies that were sent.
    delivered_at: When the last delivery succeeded, seconds since 1970; None for never.
    is_failing: Whether the last delivery failed.
    waiting: Sections that wait to be sent.
    """

    def __init__(self, wall: Callable[[], float]) -> None:
        self.sections: dict[str, SectionHealth] = {}
        self.delivered = self.failed = self.sent_bytes = self.waiting = 0
        self.delivered_at: float | None = None
        self.is_failing = False
        self._wall = wall

    def collected(self, section: str, report: Mapping[str, Any]) -> None:
        """Take note of a worker's report on a section."""
        status = str(report.get("status"))
        at = _number(report, "started_at") or self._wall()
        before = self.sections.get(section)
        succeeded_at = at if status in ("complete", "partial") else before and before.succeeded_at
        self.sections[section] = SectionHealth(
            status=status,
            records=int(_number(report, "count")),
            gaps=int(_number(report, "gaps")),
            attempted_at=at,
            succeeded_at=succeeded_at,
            seconds=_number(report, "seconds"),
            cpu_seconds=_number(report, "cpu_seconds"),
            peak_bytes=int(_number(report, "peak_mib") * 1024 * 1024),
        )

    def died(self, section: str, status: str) -> None:
        """Take note of a worker that ended without a report."""
        self.collected(section, {"status": status})

    def sent(self, report: Mapping[str, Any], *, failed: bool) -> None:
        """Take note of a delivery."""
        self.is_failing = failed
        self.failed += failed
        self.delivered += not failed
        self.sent_bytes += int(_number(report, "bytes"))
        if "undelivered" in report:
            self.waiting = len(report["undelivered"])
        if not failed:
            self.delivered_at = self._wall()

    def summary(self) -> str:
        """Say in one line how things stand."""
        good = sum(known.status in ("complete", "unsupported") for known in self.sections.values())
        delivery = (
            "the last delivery failed" if self.is_failing else "delivered" if self.delivered else "not delivered yet"
        )
        return f"{good} of {len(self.sections)} sections complete; {delivery}"


def _number(report: Mapping[str, Any], name: str) -> float:
    value = report.get(name)
    return value if isinstance(value, (int, float)) else 0
