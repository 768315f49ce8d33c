"""One run of delivery: every section that changed, then the heartbeat, then what the backend asks for again."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from agent.delivery import replica
from agent.delivery.backoff import DeliveryState, read_delivery, write_delivery
from agent.delivery.channel import Channel
from agent.delivery.exchange import Subject, exchange
from agent.delivery.pulse import heartbeat
from agent.delivery.sinks import Unavailable
from agent.delivery.store import folder_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from agent.delivery.sinks import Sink


@dataclass(frozen=True)
class Report:
    """What a run achieved.

    sent: Sections whose current snapshot the backend confirmed in this run, in order.
    undelivered: Sections whose current snapshot it has not confirmed.
    sent_bytes: Bytes of bodies that were sent.
    next_attempt: Seconds until the destination may be asked again; None when it is not to be spared.
    error: What went wrong, one line for a person; None when nothing did.
    """

    sent: tuple[str, ...]
    undelivered: tuple[str, ...]
    sent_bytes: int
    next_attempt: int | None
    error: str | None


class Delivery(NamedTuple):
    """What is delivered, and with what.

    state_dir: The agent's state folder.
    agent: Id of the agent.
    sections: Names of the enabled sections.
    open_sink: Opens the destination; called only when it may be asked.
    heartbeat_every: Seconds between two heartbeats.
    cpu_seconds: Processor seconds that the agent and its workers used since the daemon started.
    clock: Gives the time, seconds since 1970.
    chance: Gives a random number from 0 up to 1.
    """

    state_dir: str
    agent: str
    sections: Sequence[str]
    open_sink: Callable[[], Sink]
    heartbeat_every: int = 900
    cpu_seconds: float = 0
    clock: Callable[[], float] = time.time
    chance: Callable[[], float] = lambda: int.from_bytes(os.urandom(6), "big") / (1 << 48)


def undelivered(state_dir: str, sections: Iterable[str]) -> tuple[str, ...]:
    """Name the sections whose current snapshot the destination has not confirmed."""
    return tuple(section for section in sections if replica.pending(folder_of(state_dir, section)))


def deliver(delivery: Delivery) -> Report:
    """Deliver what can be delivered now; all that fails as foreseen is told in the report and kept for later."""
    state = read_delivery(delivery.state_dir)
    wait = state.wait(delivery.clock())
    if wait:
        return Report((), undelivered(delivery.state_dir, delivery.sections), 0, wait, state.error)
    run = _Run(delivery, state)
    try:
        run.send_all()
        run.end(None)
    except Unavailable as error:
        run.end(error)
    except OSError as error:
        run.problems.append(f"{delivery.state_dir}: {error.strerror or error}")
    return run.report()


class _Run:
    """A run in progress."""

    def __init__(self, delivery: Delivery, state: DeliveryState) -> None:
        self.problems: list[str] = []
        self._delivery = delivery
        self._state = state
        self._sent: list[str] = []
        self._channel: Channel | None = None

    def send_all(self) -> None:
        """Send what changed, the heartbeat, and what its answer asks for."""
        delivery = self._delivery
        channel = self._channel = Channel(delivery.open_sink())
        for section in undelivered(delivery.state_dir, delivery.sections):
            self._exchange(section, channel, resend=False)
        if self._sent and not self._is_due():
            return
        asked = self._heartbeat(channel)
        for section in delivery.sections:
            if section in asked:
                self._exchange(section, channel, resend=True)

    def end(self, failure: Unavailable | None) -> None:
        """Keep how the run ended."""
        now = self._delivery.clock()
        if failure is None:
            self._state = self._state.succeeded(now)
        else:
            self.problems.append(str(failure))
            self._state = self._state.failed(now, str(failure), failure.retry_after, self._delivery.chance)
        try:
            write_delivery(self._delivery.state_dir, self._state)
        except OSError as error:
            self.problems.append(f"{self._delivery.state_dir}: {error.strerror or error}")

    def report(self) -> Report:
        """Give what was achieved."""
        return Report(
            sent=tuple(self._sent),
            undelivered=undelivered(self._delivery.state_dir, self._delivery.sections),
            sent_bytes=self._channel.sent_bytes if self._channel else 0,
            next_attempt=self._state.wait(self._delivery.clock()) or None,
            error="; ".join(self.problems) or None,
        )

    def _exchange(self, section: str, channel: Channel, resend: bool) -> None:
        delivery = self._delivery
        subject = Subject(delivery.agent, section, folder_of(delivery.state_dir, section))
        exchanged = exchange(subject, channel, delivery.clock(), resend)
        if exchanged.sent and section not in self._sent:
            self._sent.append(section)
        if exchanged.problem:
            self.problems.append(f"{section}: {exchanged.problem}")

    def _is_due(self) -> bool:
        last, now = self._state.heartbeat_at, self._delivery.clock()
        return last is None or not last <= now < last + self._delivery.heartbeat_every

    def _heartbeat(self, channel: Channel) -> tuple[str, ...]:
        delivery, now = self._delivery, self._delivery.clock()
        body = heartbeat(delivery.state_dir, delivery.agent, delivery.sections, delivery.cpu_seconds, now)
        answer = channel.heartbeat(body)
        self._state = replace(self._state, heartbeat_at=int(now))
        return answer.resend
