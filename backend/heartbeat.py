"""Takes a heartbeat in: the agent's health, the state of each section, and what the backend wants again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import update

from agent.model.envelope import Heartbeat, SectionState, read_heartbeat
from agent.model.status import SNAPSHOT_STATUSES, STATUSES
from backend.auth import Principal, close_enrolment
from backend.errors import Refused
from backend.message import valid_number, valid_section
from backend.sections import MOST_SECTIONS, locked_section, write_section
from backend.store.schema import agent

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from backend.sections import Section
    from backend.store.writer import Turn

LARGEST_HEARTBEAT = 64 * 1024
"""Bytes of a heartbeat's body."""

_LONGEST_TEXT = 500


class Beat(NamedTuple):
    """A request to POST /v1/heartbeat.

    sender: Whose token it came with.
    heartbeat: What it says.
    received_at: Seconds since 1970.
    """

    sender: Principal
    heartbeat: Heartbeat
    received_at: int


def checked_heartbeat(body: bytes) -> Heartbeat:
    """Read a heartbeat; Refused with 400 for what is none, 422 for one that breaks the contract."""
    try:
        heartbeat = read_heartbeat(body)
    except (ValueError, RecursionError):
        raise Refused(400, "the body is not a heartbeat of schema 1", "see Heartbeat in /openapi.json") from None
    if not (isinstance(heartbeat.version, str) and valid_number(heartbeat.cpu_seconds)):
        raise _broken("version or cpu_seconds")
    if len(heartbeat.sections) > MOST_SECTIONS or not all(valid_section(name) for name in heartbeat.sections):
        raise _broken("sections")
    if not all(_is_state(state) for state in heartbeat.sections.values()):
        raise _broken("the state of a section")
    return heartbeat


def take_heartbeat(beat: Beat, turn: Turn) -> dict[str, Any]:
    """Keep a heartbeat; give the sections of which the agent and the store have different sets."""
    heartbeat = beat.heartbeat
    if heartbeat.agent != beat.sender.agent:
        raise Refused(403, "an agent reports for itself alone", "send the token of the agent that the heartbeat names")
    close_enrolment(turn.connection, beat.sender)
    _write_health(turn.connection, beat)
    resend = []
    for name, state in sorted(heartbeat.sections.items()):
        section = locked_section(turn.connection, heartbeat.agent, name)
        _write_attempt(turn.connection, section, state)
        if state.digest is not None and state.digest != section.digest:
            resend.append(name)
    return {"resend": resend}


def _write_health(connection: Connection, beat: Beat) -> None:
    values = {
        "version": _text(beat.heartbeat.version),
        "heartbeat_at": beat.received_at,
        "cpu_seconds": beat.heartbeat.cpu_seconds,
    }
    connection.execute(update(agent).where(agent.c.id == beat.heartbeat.agent).values(values))


def _write_attempt(connection: Connection, section: Section, state: SectionState) -> None:
    """Note how the last attempt ended; one that found the same set again makes that set as recent as itself."""
    values: dict[str, Any] = {
        "attempt_status": state.status,
        "attempted_at": state.attempted_at,
        "error": None if state.error is None else _text(state.error),
    }
    if state.status in SNAPSHOT_STATUSES and state.digest is not None and state.digest == section.digest:
        values["as_of"] = max(section.as_of or 0, state.attempted_at)
    write_section(connection, section.id, **values)


def _is_state(state: SectionState) -> bool:
    texts = (state.digest, state.epoch, state.error)
    return (
        state.status in STATUSES
        and valid_number(state.attempted_at)
        and (state.seq is None or valid_number(state.seq))
        and all(text is None or isinstance(text, str) for text in texts)
    )


def _text(text: str) -> str:
    """One line of printable characters that every store can hold."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)[
        :_LONGEST_TEXT
    ]


def _broken(what: str) -> Refused:
    return Refused(422, f"heartbeat: not as the contract says: {what}", "see Heartbeat in /openapi.json")
