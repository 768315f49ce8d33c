"""Opens the sink that the settings name; requests is imported when it is the backend and something is to be sent."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from agent.delivery.sinks import FileSink, StdoutSink, Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.delivery.sinks import Sink
    from agent.model.settings import Settings


def open_sink(settings: Settings, agent: str, evidence: Mapping[str, str | None]) -> Sink:
    """Give the sink to deliver to; Unavailable when the settings do not suffice for one.

    agent: Id of the agent.
    evidence: What an enrolment shows of the host, by name.
    """
    if settings.sink == "stdout":
        return StdoutSink()
    if settings.sink == "file":
        if not settings.sink_path:
            raise Unavailable("delivery.path is not set, so that the file sink has no file")
        return FileSink(settings.sink_path)
    from agent.delivery.backend import BackendSink  # noqa: PLC0415 - requests costs 20 MiB
    from agent.delivery.https import Times  # noqa: PLC0415

    return BackendSink(settings, agent, evidence, time.time, Times())
