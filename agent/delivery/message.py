"""Builds the parts of a report: an envelope, then put and delete lines, each part within a limit.

Every envelope holds the number of parts. A message of one part, nearly all of them, is built in one pass;
a longer one is measured first and built in a second pass over the same lines, one part at a time.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple
from zlib import DEFLATED, Z_SYNC_FLUSH, compressobj

from agent.delivery.delta import delta
from agent.model.envelope import Envelope, write_delete, write_envelope, write_put

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from agent.model.codec import Line

LIMIT = 1024 * 1024
"""Bytes that a part may have as it is sent."""
GZIP = 31
"""zlib's window bits for a gzip wrapper, which it writes without name and time: the same part is the same bytes."""


class Packing(NamedTuple):
    """How parts are packed.

    limit: Bytes that a part may have as it is sent; a single line that is longer is a part of its own.
    compress: Whether parts are gzip'd.
    """

    limit: int = LIMIT
    compress: bool = True


class Part(NamedTuple):
    """A part of a report, ready to be sent.

    envelope: Its first line.
    body: All of it, as it is sent.
    compressed: Whether the body is gzip'd.
    """

    envelope: Envelope
    body: bytes
    compressed: bool

    @property
    def idempotency_key(self) -> str:
        """The same for the same part of the same message, however often it is sent."""
        sent = self.envelope
        name = f"{sent.agent}\n{sent.section}\n{sent.epoch}\n{sent.seq}\n{sent.part}\n".encode()
        return sha256(name + sha256(self.body).digest()).hexdigest()


def operations(older: Iterable[Line], newer: Iterable[Line]) -> Iterator[bytes]:
    """Give the put and delete lines of a message that turns the older snapshot into the newer one."""
    for before, after in delta(older, newer):
        if after is not None:
            yield write_put(after)
        elif before is not None:
            yield write_delete(before.key_json)


def parts(envelope: Envelope, lines: Callable[[], Iterator[bytes]], packing: Packing) -> Iterator[Part]:
    """Give the parts of a message.

    envelope: That of the first part if it were the only one.
    lines: Gives the same put and delete lines each time it is called.
    """
    counts, first = _measure(envelope, lines(), packing)
    if len(counts) == 1:
        yield Part(envelope, first, packing.compress)
        return
    stream = lines()
    for number, count in enumerate(counts, 1):
        numbered = replace(envelope, part=number, parts=len(counts))
        body = _Body(numbered, packing)
        for line in islice(stream, count):
            body.add(line)
        yield Part(numbered, body.finish(), packing.compress)


def _measure(envelope: Envelope, lines: Iterator[bytes], packing: Packing) -> tuple[list[int], bytes]:
    """Give the number of lines of each part, and the last part's body, which is the first when there is but one."""
    counts = []
    body = _Body(envelope, packing)
    for line in lines:
        if body.lines and not body.has_room_for(line):
            counts.append(body.lines)
            body = _Body(envelope, packing)
        body.add(line)
    return [*counts, body.lines], body.finish()


class _Body:
    """The body of a part in the making, which knows how long it will be at most."""

    def __init__(self, envelope: Envelope, packing: Packing) -> None:
        self.lines = 0
        self._limit = packing.limit
        self._compressor = compressobj(wbits=GZIP, method=DEFLATED) if packing.compress else None
        self._written = bytearray()
        self._pending = 0
        self._take(write_envelope(envelope))

    def has_room_for(self, line: bytes) -> bool:
        """Tell whether the body stays within its limit with another line."""
        if len(self._written) + _longest(self._pending + len(line)) <= self._limit:
            return True
        if self._compressor and self._pending:
            self._written += self._compressor.flush(Z_SYNC_FLUSH)
            self._pending = 0
        return len(self._written) + _longest(len(line)) <= self._limit

    def add(self, line: bytes) -> None:
        """Take a put or delete line."""
        self.lines += 1
        self._take(line)

    def finish(self) -> bytes:
        """Give the body; nothing can be added after."""
        if self._compressor:
            self._written += self._compressor.flush()
        return bytes(self._written)

    def _take(self, line: bytes) -> None:
        if self._compressor:
            self._written += self._compressor.compress(line)
            self._pending += len(line)
        else:
            self._written += line


def _longest(size: int) -> int:
    """Give the most bytes that zlib makes of size bytes: its deflateBound with wrapper and trailer, rounded up.

    More than 39 bytes of it are room for the numbers of parts, which are longer in an envelope than when it was measured.
    """
    return size + (size >> 10) + 64
