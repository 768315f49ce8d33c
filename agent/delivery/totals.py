"""What the footer of a snapshot counts, of a whole one or kept up with each line that comes or goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.model.digest import SetDigest

if TYPE_CHECKING:
    from agent.model.codec import Line
    from agent.model.snapshot import Footer

GAPS = b'"gap:'
"""Start of the keys of all gaps, and of no other record, as they are stored."""


class Totals:
    """Number of records, number of gaps among them, and set digest.

    before: Footer of the snapshot to go on from; None to begin with nothing.
    """

    def __init__(self, before: Footer | None = None) -> None:
        self.count = before.count if before else 0
        self.gaps = before.gaps if before else 0
        self.digest = SetDigest(before.digest) if before else SetDigest()

    def add(self, line: Line) -> None:
        """Count a line in."""
        self.count += 1
        self.gaps += line.key_json.startswith(GAPS)
        self.digest.add(line.stable)

    def remove(self, line: Line) -> None:
        """Count a line out."""
        self.count -= 1
        self.gaps -= line.key_json.startswith(GAPS)
        self.digest.remove(line.stable)
