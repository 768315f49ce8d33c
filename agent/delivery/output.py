"""A snapshot in the making: what is written of it, and the checksum of that."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO
from zlib import crc32

from agent.model.snapshot import Footer, Header, write_footer, write_header
from agent.model.status import COMPLETE, PARTIAL

if TYPE_CHECKING:
    from agent.delivery.totals import Totals


class Output:
    """The file of a snapshot, which begins with its header and ends with its footer."""

    def __init__(self, file: BinaryIO, header: Header) -> None:
        self._file = file
        self._taken_at = header.taken_at
        self._checksum = 0
        self.write(write_header(header))

    def write(self, lines: bytes | memoryview) -> None:
        """Write lines, any number of them."""
        self._file.write(lines)
        self._checksum = crc32(lines, self._checksum)

    def end(self, totals: Totals, hides: tuple[str | None, ...]) -> Footer:
        """Write the footer."""
        status = PARTIAL if hides else COMPLETE
        digest = totals.digest.hex()
        footer = Footer(status, totals.count, totals.gaps, hides, digest, self._checksum, self._taken_at)
        self._file.write(write_footer(footer))
        return footer
