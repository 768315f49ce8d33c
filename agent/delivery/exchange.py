"""Brings one section of the backend up to date: a delta where both sides agree on the base, else a snapshot."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from agent.delivery import replica
from agent.delivery.attempts import read_attempt
from agent.delivery.channel import CONFLICT
from agent.delivery.installment import installment
from agent.delivery.message import operations
from agent.delivery.quarantine import Refusal, clear_refusal, read_refusal, write_refusal
from agent.delivery.reading import CorruptSnapshot, read_snapshot
from agent.model.envelope import DELTA, SCHEMA, SNAPSHOT, Envelope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.delivery.channel import Channel
    from agent.delivery.replica import Acknowledged, Held
    from agent.delivery.sinks import Answer
    from agent.model.snapshot import Footer


class Subject(NamedTuple):
    """What is brought up to date.

    agent: Id of the agent.
    section: Name of the section.
    folder: Folder of its state.
    """

    agent: str
    section: str
    folder: str


class Exchanged(NamedTuple):
    """What became of it.

    sent: Whether the backend confirmed the current snapshot.
    problem: Why it did not, one line; None also when there is nothing to send.
    """

    sent: bool
    problem: str | None = None


class Base(NamedTuple):
    """Where a message stands; base_seq and path are those of the base of a delta, None for a snapshot."""

    epoch: str
    seq: int
    base_seq: int | None
    path: str | None

    @property
    def kind(self) -> str:
        """Type of the message."""
        return SNAPSHOT if self.path is None else DELTA


def exchange(subject: Subject, channel: Channel, now: float, resend: bool = False) -> Exchanged:
    """Send what the backend has not confirmed; all of it when resend is set.

    Unavailable when the destination takes nothing, OSError when the state cannot be kept; neither loses anything.
    """
    while True:
        try:
            held = replica.hold(subject.folder)
        except CorruptSnapshot as error:
            return Exchanged(False, f"{error}; it was set aside, the next collection replaces it")
        if held is None:
            return Exchanged(False)
        try:
            exchanged = _exchange(subject, held, channel, now, resend)
        except CorruptSnapshot as error:
            return Exchanged(False, f"{error}; the disk gives other bytes than a moment ago")
        finally:
            replica.release(subject.folder)
        if exchanged is not None:
            return exchanged
        resend = False


def _exchange(subject: Subject, held: Held, channel: Channel, now: float, resend: bool) -> Exchanged | None:
    """Send a message; None when it was accepted and was not all that there is to send."""
    refusal = read_refusal(subject.folder)
    if refusal and refusal.holds_back(held.footer.digest, now):
        return Exchanged(False, f"held back since the backend refused it: {refusal.reason}")
    base = next_base(replica.check_acknowledged(subject.folder), resend or refusal is not None)
    sent, answer = _send(subject, held, base, channel)
    if answer.status == CONFLICT:
        base = _base_after(answer, base, subject.folder)
        sent, answer = _send(subject, held, base, channel)
    if answer.problem is None:
        replica.commit(sent.path, base.epoch, base.seq)
        clear_refusal(subject.folder)
        return Exchanged(True) if sent == held else None
    if answer.status != CONFLICT:
        write_refusal(subject.folder, _refusal(answer, held, base, now))
    return Exchanged(False, answer.problem)


def _send(subject: Subject, held: Held, base: Base, channel: Channel) -> tuple[Held, Answer]:
    """Send what is held, or as much of it as a message takes; give what was sent, and the answer."""
    sent = installment(subject.section, held, base.path, replica.installment_of(subject.folder))
    envelope = envelope_for(subject, sent.footer, base)
    return sent, channel.report(envelope, partial(lines_between, base.path, sent.path))


def lines_between(older: str | None, newer: str) -> Iterator[bytes]:
    """Give the put and delete lines from one snapshot file to another; from nothing when there is no older."""
    return operations(read_snapshot(older) if older else (), read_snapshot(newer))


def next_base(known: Acknowledged | None, whole: bool) -> Base:
    """Give where the next message stands: on what was confirmed last, or on nothing.

    whole: Whether it is to be a snapshot all the same.
    """
    if known is None:
        return Base(_new_epoch(), 1, None, None)
    if whole:
        return Base(known.epoch, known.seq + 1, None, None)
    return Base(known.epoch, known.seq + 1, known.seq, known.path)


def _base_after(answer: Answer, refuted: Base, folder: str) -> Base:
    """Continue from what the backend says it has; what was believed of another epoch is void."""
    have = answer.have
    if have is None or have.epoch != refuted.epoch:
        replica.forget(folder)
    return Base(have.epoch, have.seq + 1, None, None) if have else Base(_new_epoch(), 1, None, None)


def _new_epoch() -> str:
    return os.urandom(8).hex()


def envelope_for(subject: Subject, footer: Footer, base: Base) -> Envelope:
    """Give the envelope of the message that brings the backend from a base to a snapshot with this footer.

    A delta is as old as what it changes, a snapshot as the last collection that found the same: that may have written none.
    """
    return Envelope(
        schema=SCHEMA,
        agent=subject.agent,
        section=subject.section,
        epoch=base.epoch,
        seq=base.seq,
        base_seq=base.base_seq,
        type=base.kind,
        part=1,
        parts=1,
        status=footer.status,
        hides=footer.hides,
        taken_at=footer.taken_at if base.path else _known_at(subject.folder, footer),
        count=footer.count,
        digest=footer.digest,
    )


def _known_at(folder: str, footer: Footer) -> int:
    attempt, latest = read_attempt(folder), replica.current(folder)
    if attempt is None or latest is None or latest.digest != footer.digest:
        return footer.taken_at
    return max(footer.taken_at, attempt.last_success_at or 0)


def _refusal(answer: Answer, held: Held, base: Base, now: float) -> Refusal:
    return Refusal(base.kind, held.footer.digest, answer.status, answer.problem or "", int(now))
