"""What a section could not see; any section may have it."""

from __future__ import annotations

from typing import ClassVar

from agent.model.record import record


@record(frozen=True)
class Gap:
    """Something that could not be read, was skipped, or was cut off at a limit.

    subject: What is missing: a path, a process, a kind of thing.
    reason: One word for why: absent, changed, denied, escapes, io_error, limit, malformed, not_a_file, remote (somebody else would have to answer, so that it was not touched), unsupported, vanished.
    detail: What happened and what to do about it, for a person.
    hides: Prefix of the keys of records that may exist unseen because of this gap, empty for the whole section; null when no record is missing and only fields are.
    """

    KIND: ClassVar[str] = "gap"
    VOLATILE: ClassVar[tuple[str, ...]] = ()

    subject: str
    reason: str
    detail: str
    hides: str | None

    @property
    def key(self) -> str:
        """gap:<subject>"""
        return f"gap:{self.subject}"
