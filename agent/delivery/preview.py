"""What the next report of a section would hold, without sending anything."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from agent.delivery import replica
from agent.delivery.exchange import Subject, envelope_for, lines_between, next_base
from agent.delivery.reading import CURRENT, check
from agent.model.envelope import write_envelope

if TYPE_CHECKING:
    from collections.abc import Iterator


def preview(subject: Subject) -> Iterator[bytes]:
    """Give the lines of the report: exactly what is sent, before it is split into parts and compressed.

    When nothing waits to be sent it is the snapshot that the backend gets when it asks for the section again.
    FileNotFoundError when the section was never collected; CorruptSnapshot when its snapshot is damaged.
    """
    newer = os.path.join(subject.folder, CURRENT)
    footer = check(newer)
    base = next_base(replica.acknowledged(subject.folder), whole=not replica.pending(subject.folder))
    yield write_envelope(envelope_for(subject, footer, base))
    yield from lines_between(base.path, newer)
