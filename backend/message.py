"""A part of a report as values: its envelope, checked, and what its lines put and delete."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from agent.model.envelope import DELETE_START, PUT_START, PUT_VOLATILE, Envelope, read_envelope
from agent.model.status import SNAPSHOT_STATUSES
from backend.canonical import check_volatile, key_of
from backend.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST_PARTS = 64
LARGEST_NUMBER = 2**53
"""JSON numbers are exact up to here."""

_AGENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")
_SECTION = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_EPOCH = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_NUMBERS = ("seq", "parts", "taken_at", "count")


class Message(NamedTuple):
    """A report, or a part of one.

    envelope: The first line.
    stables: Of each put record the canonical JSON; not checked yet, which is done once per content.
    volatiles: Of each put record the canonical JSON of its volatile fields; None for none.
    deletes: Keys in UTF-8.
    """

    envelope: Envelope
    stables: Sequence[bytes]
    volatiles: Sequence[bytes | None]
    deletes: Sequence[bytes]


def read_message(plain: bytes) -> Message:
    """Read a part; Refused with 400 for what is no report at all, 422 for a report that breaks the contract."""
    head, *lines = plain.split(b"\n")
    if not lines or lines.pop() != b"":
        raise Refused(400, "the body is not lines, or its end is missing", "send it again")
    envelope = _checked_envelope(head)
    puts, deletes = _sorted_out(lines)
    stables, volatiles = _read_puts(puts)
    return Message(envelope, stables, volatiles, [key_of(line[len(DELETE_START) : -1]) for line in deletes])


def join_parts(parts: Sequence[Message]) -> Message:
    """Make one message of all its parts, in their order; 422 when their envelopes contradict each other."""
    first = replace(parts[0].envelope, part=1)
    if any(replace(part.envelope, part=1) != first for part in parts):
        raise _broken("the parts of the message contradict each other")
    return Message(
        first,
        [stable for part in parts for stable in part.stables],
        [volatile for part in parts for volatile in part.volatiles],
        [key for part in parts for key in part.deletes],
    )


def valid_agent(name: object) -> bool:
    """Tell whether something can be the id of an agent."""
    return isinstance(name, str) and _AGENT.fullmatch(name) is not None


def valid_section(name: object) -> bool:
    """Tell whether something can be the name of a section."""
    return isinstance(name, str) and _SECTION.fullmatch(name) is not None


def valid_number(value: object) -> bool:
    """Tell whether something is a number that every store can hold."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_NUMBER


def _checked_envelope(line: bytes) -> Envelope:
    try:
        envelope = read_envelope(line)
    except (ValueError, RecursionError):
        raise Refused(400, "the first line is not an envelope of schema 1", "see Envelope in /openapi.json") from None
    wrong = next(_faults(envelope), None)
    if wrong is not None:
        raise _broken(f"envelope: {wrong}")
    return envelope


def _faults(envelope: Envelope) -> Iterator[str]:
    checks = (
        ("agent is not an id", valid_agent(envelope.agent)),
        ("section is not a name", valid_section(envelope.section)),
        ("epoch is not a name", _EPOCH.fullmatch(envelope.epoch)),
        ("digest is not 64 hexadecimal digits", _DIGEST.fullmatch(envelope.digest)),
        ("a number is out of range", all(valid_number(getattr(envelope, name)) for name in _NUMBERS)),
        ("base_seq is not below seq", _follows(envelope)),
        (f"there are more than {MOST_PARTS} parts", envelope.parts <= MOST_PARTS),
        ("status: only complete and partial attempts are reports", envelope.status in SNAPSHOT_STATUSES),
        (
            "hides: expected strings and null",
            all(hidden is None or isinstance(hidden, str) for hidden in envelope.hides),
        ),
    )
    return (fault for fault, good in checks if not good)


def _follows(envelope: Envelope) -> bool:
    base = envelope.base_seq
    return base is None or (valid_number(base) and base < envelope.seq)


def _sorted_out(lines: Sequence[bytes]) -> tuple[Sequence[bytes], Sequence[bytes]]:
    """Tell put lines from delete lines, which a snapshot does not have."""
    starts, ends = {line[: len(PUT_START)] for line in lines}, {line[-1:] for line in lines}
    if starts == {PUT_START} and ends == {b"}"}:
        return lines, ()
    puts = [line for line in lines if line.startswith(PUT_START)]
    deletes = [line for line in lines if line.startswith(DELETE_START)]
    if len(puts) + len(deletes) != len(lines) or not ends <= {b"}"}:
        raise _broken("a line neither puts nor deletes a record")
    return puts, deletes


def _read_puts(lines: Sequence[bytes]) -> tuple[list[bytes], list[bytes | None]]:
    """Split put lines without parsing them: a canonical object cannot hold ,"volatile": but as its own field's name."""
    start, gap = len(PUT_START), len(PUT_VOLATILE)
    middles = [line.rfind(PUT_VOLATILE) for line in lines]
    if -1 in middles:
        raise _broken("a line puts a record without its volatile fields")
    stables = [line[start:middle] for line, middle in zip(lines, middles)]
    volatiles = [line[middle + gap : -1] for line, middle in zip(lines, middles)]
    for volatile in set(volatiles):
        check_volatile(volatile)
    return stables, [None if volatile == b"{}" else volatile for volatile in volatiles]


def _broken(error: str) -> Refused:
    return Refused(422, error, "send the section again as a snapshot; if that is refused too, report it as an error")
