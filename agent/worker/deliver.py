"""The job that delivers what changed, and the heartbeat."""

from __future__ import annotations

import os
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

from agent import limits
from agent.delivery.deliver import Delivery, Report, deliver
from agent.delivery.destination import open_sink
from agent.host.evidence import NODE_UID_VARIABLE, read_evidence
from agent.host.identity import Identity, identify
from agent.model.settings import sections
from agent.worker.cloud import kept_id
from agent.worker.observe import host_of

if TYPE_CHECKING:
    from agent.model.settings import Settings

_MEMORY = 192
_SECONDS = 300


def deliver_once(settings: Settings, cpu_seconds: int) -> Report:
    """Deliver under limits; foreseen failures are in the report, and nothing is lost by any.

    cpu_seconds: Processor seconds that the agent used since the daemon started, for the heartbeat.
    """
    identity = identity_of(settings)
    writable = [settings.state_dir]
    if settings.sink_path and os.path.isdir(os.path.dirname(settings.sink_path)):
        writable.append(os.path.dirname(settings.sink_path))
    limits.apply(_MEMORY, _SECONDS, tuple(writable), network=True, traces=False)
    return deliver(
        Delivery(
            state_dir=settings.state_dir,
            agent=identity.id,
            sections=tuple(sections(settings)),
            open_sink=partial(open_sink, settings, identity.id, asdict(identity.evidence)),
            heartbeat_every=settings.heartbeat,
            cpu_seconds=cpu_seconds,
        )
    )


def identity_of(settings: Settings) -> Identity:
    """Give the agent's identity on this host, drawing it the first time."""
    host = host_of(settings)
    cloud_id = kept_id(host, settings.state_dir)
    evidence = read_evidence(host, os.environ.get(NODE_UID_VARIABLE), cloud_id)
    return identify(settings.state_dir, evidence)
