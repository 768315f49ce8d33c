"""Sends messages, part by part, and packs them as small and as plain as the destination asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import compressobj

from agent.delivery.message import GZIP, LIMIT, Packing, parts
from agent.delivery.sinks import OK, Answer, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agent.delivery.sinks import Sink
    from agent.model.envelope import Envelope

CONFLICT = 409
_TOO_LARGE = 413
_UNSUPPORTED = 415
REFUSALS = (400, _TOO_LARGE, 422)
"""Answers that concern the message, not the destination."""
_FLOOR = 16 * 1024
"""Bytes of a part below which it is not halved any more."""


class Channel:
    """A destination during one run.

    sink: Where to send.
    sent_bytes: Bytes of bodies that were sent in this run.
    """

    def __init__(self, sink: Sink, limit: int = LIMIT) -> None:
        self.sink = sink
        self.sent_bytes = 0
        self._packing = Packing(limit, sink.compresses)

    def report(self, envelope: Envelope, lines: Callable[[], Iterator[bytes]]) -> Answer:
        """Send a message and give the answer that decides its fate: accepted, a conflict or a refusal.

        Any other answer raises Unavailable, as none does. After 413 the parts are halved for the rest of
        the run, after 415 they are not compressed, and the message starts anew.
        """
        while True:
            answer, size = self._send(envelope, lines)
            if answer.status == _TOO_LARGE and size >= 2 * _FLOOR:
                self._packing = self._packing._replace(limit=size // 2)
            elif answer.status == _UNSUPPORTED and self._packing.compress:
                self._packing = self._packing._replace(compress=False)
            else:
                return _decided(answer)

    def heartbeat(self, body: bytes) -> Answer:
        """Send a heartbeat; Unavailable unless it is accepted."""
        answer = self._beat(body)
        if answer.status == _UNSUPPORTED and self._packing.compress:
            self._packing = self._packing._replace(compress=False)
            answer = self._beat(body)
        if answer.problem:
            raise Unavailable(answer.problem, answer.retry_after)
        return answer

    def _beat(self, body: bytes) -> Answer:
        packed = _compressed(body) if self._packing.compress else body
        self.sent_bytes += len(packed)
        return self.sink.heartbeat(packed, self._packing.compress)

    def _send(self, envelope: Envelope, lines: Callable[[], Iterator[bytes]]) -> tuple[Answer, int]:
        """Give the last answer, and the size of the part that it answers."""
        answer, size = Answer(OK), 0
        for part in parts(envelope, lines, self._packing):
            size = len(part.body)
            self.sent_bytes += size
            answer = self.sink.report(part)
            if answer.problem:
                break
        return answer, size


def _compressed(body: bytes) -> bytes:
    compressor = compressobj(wbits=GZIP)
    return compressor.compress(body) + compressor.flush()


def _decided(answer: Answer) -> Answer:
    if answer.problem is None or answer.status == CONFLICT or answer.status in REFUSALS:
        return answer
    raise Unavailable(answer.problem, answer.retry_after)
