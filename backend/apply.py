"""Applies a whole message to its section, or refuses it and changes nothing.

The caller's transaction, or savepoint, takes back what a refusal leaves behind.
"""

from __future__ import annotations

from hashlib import sha256
from itertools import repeat
from typing import TYPE_CHECKING, Any, NamedTuple

from agent.model.digest import SetDigest
from agent.model.envelope import SNAPSHOT
from agent.model.status import COMPLETE
from backend.edit import Member, edit, is_removal, make_members
from backend.errors import Refused
from backend.history import baseline, changes, write_changes
from backend.sections import Section, all_members, member_keys, touched_members, write_members, write_section
from backend.store.contents import stored_keys

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection

    from agent.model.envelope import Envelope
    from backend.message import Message
    from backend.store.bulk import Bulk
    from backend.store.contents import Contents


class Target(NamedTuple):
    """Where messages are applied: the transaction, its bulk statements, the known contents, the time of day."""

    connection: Connection
    bulk: Bulk
    contents: Contents
    now: int


class _Outcome(NamedTuple):
    """The members that a message may touch, what becomes of them, and the set that results."""

    before: Mapping[int, Member]
    puts: Mapping[int, Member]
    absent: Collection[int]
    size: int
    digest: str


def is_applied(section: Section, envelope: Envelope) -> bool:
    """Tell whether a message is what the store has already; Refused with 409 when it does not fit to that."""
    same_epoch = envelope.epoch == section.epoch
    if same_epoch and envelope.seq == section.seq and envelope.digest == section.digest:
        return True
    if envelope.type == SNAPSHOT:
        fits = not same_epoch or section.seq is None or envelope.seq > section.seq
    else:
        fits = same_epoch and envelope.base_seq == section.seq
    if not fits:
        raise conflict(section, "the message does not follow what is here")
    return False


def apply(target: Target, section: Section, message: Message) -> dict[str, Any]:
    """Make a section what a message says; give what the store has then."""
    envelope = message.envelope
    outcome = _snapshot(target, section, message) if envelope.type == SNAPSHOT else _delta(target, section, message)
    _verify(section, envelope, outcome)
    last_seen = section.as_of or section.taken_at or envelope.taken_at
    change = edit(outcome.before, outcome.puts, outcome.absent, _removable(target, section, envelope), last_seen)
    write_members(target.connection, target.bulk, section.id, change)
    entries = iter([baseline(outcome.size)]) if section.epoch is None else changes(outcome.before, change)
    write_changes(target.connection, target.bulk, section.id, entries, envelope.taken_at, target.now)
    _write_state(target, section, envelope, section.unconfirmed + change.unconfirmed(outcome.before))
    return {"epoch": envelope.epoch, "seq": envelope.seq, "digest": envelope.digest}


def conflict(section: Section, error: str) -> Refused:
    """Give the refusal that makes an agent send a snapshot."""
    return Refused(409, error, "send the section as a snapshot of a new epoch", have={"have": section.have})


def _snapshot(target: Target, section: Section, message: Message) -> _Outcome:
    if message.deletes:
        raise _broken("a snapshot deletes nothing")
    puts, numbers = _puts(target, message)
    digest = SetDigest()
    digest.add_hashes(numbers)
    before = all_members(target.connection, target.bulk, section.id)
    return _Outcome(before, puts, before.keys() - puts.keys(), len(puts), digest.hex())


def _delta(target: Target, section: Section, message: Message) -> _Outcome:
    puts, numbers = _puts(target, message)
    deletes = _deleted(target, message)
    if not deletes.isdisjoint(puts):
        raise _broken("a key is put and deleted in one message")
    before, numbers_before = touched_members(target.connection, section.id, deletes | puts.keys())
    replaced = [key for key in before if before[key].last_seen is None]
    digest = SetDigest(section.digest or "0")
    digest.add_hashes(numbers)
    digest.remove_hashes(numbers_before[key] for key in replaced)
    return _Outcome(before, puts, before.keys() - puts.keys(), section.count - len(replaced) + len(puts), digest.hex())


def _puts(target: Target, message: Message) -> tuple[dict[int, Member], Sequence[int]]:
    """Give the members that a message puts, and the SHA-256 of their contents as numbers."""
    known = target.contents.intern(target.connection, message.stables)
    if not known:
        return {}, ()
    content_ids, key_ids, numbers = zip(*known)
    puts = make_members(key_ids, content_ids, message.volatiles, repeat(None))
    if len(puts) != len(known):
        raise _broken("a key is put twice in one message")
    return puts, numbers


def _deleted(target: Target, message: Message) -> set[int]:
    """Give the ids of the deleted keys; one that the store never saw shows in the digest."""
    envelope = message.envelope
    if not all(is_removal(envelope.status, envelope.hides, key) for key in message.deletes):
        raise _broken("a partial attempt deletes a record that one of its gaps may hide")
    return set(stored_keys(target.connection, target.bulk, [sha256(key).digest() for key in message.deletes]).values())


def _verify(section: Section, envelope: Envelope, outcome: _Outcome) -> None:
    if (outcome.size, outcome.digest) == (envelope.count, envelope.digest):
        return
    if envelope.type == SNAPSHOT:
        raise _broken("the records are not those of the envelope's count and digest")
    raise conflict(section, "the section after this delta is not that of the envelope's count and digest")


def _removable(target: Target, section: Section, envelope: Envelope) -> Any:
    if envelope.status == COMPLETE:
        return lambda _key_id: True
    keys = member_keys(target.connection, section.id)
    return lambda key_id: is_removal(envelope.status, envelope.hides, keys[key_id])


def _write_state(target: Target, section: Section, envelope: Envelope, unconfirmed: int) -> None:
    write_section(
        target.connection,
        section.id,
        epoch=envelope.epoch,
        seq=envelope.seq,
        digest=envelope.digest,
        count=envelope.count,
        unconfirmed=unconfirmed,
        status=envelope.status,
        taken_at=envelope.taken_at,
        received_at=target.now,
        as_of=envelope.taken_at,
        attempt_status=envelope.status,
        attempted_at=envelope.taken_at,
        error=None,
    )


def _broken(error: str) -> Refused:
    return Refused(422, error, "send the section again as a snapshot; if that is refused too, report it as an error")
