"""The heartbeat: how each section stands, of which a kilobyte is enough for all of them once it is compressed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent import __version__
from agent.delivery.attempts import read_attempt
from agent.delivery.replica import acknowledged
from agent.delivery.store import folder_of
from agent.model.envelope import SCHEMA, Heartbeat, SectionState, write_heartbeat

if TYPE_CHECKING:
    from collections.abc import Iterable


def heartbeat(state_dir: str, agent: str, sections: Iterable[str], cpu_seconds: float, now: float) -> bytes:
    """Give the body of a heartbeat; a section that was never attempted is not in it.

    cpu_seconds: Processor seconds that the agent and its workers used since the daemon started.
    """
    states = {section: _state(folder_of(state_dir, section)) for section in sections}
    known = {section: state for section, state in states.items() if state}
    return write_heartbeat(Heartbeat(SCHEMA, agent, int(now), __version__, known, int(cpu_seconds)))


def _state(folder: str) -> SectionState | None:
    attempt, confirmed = read_attempt(folder), acknowledged(folder)
    if attempt is None:
        return None
    return SectionState(
        status=attempt.status,
        attempted_at=attempt.started_at,
        epoch=confirmed.epoch if confirmed else None,
        seq=confirmed.seq if confirmed else None,
        digest=confirmed.footer.digest if confirmed else None,
        error=attempt.error,
    )
