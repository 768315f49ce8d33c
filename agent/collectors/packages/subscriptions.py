"""Ubuntu Pro: whether the host is attached to it, and which services are enabled (pro status --format json).

The state that its client keeps for everybody to read is read; the tokens beside it are not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.formats.json_text import read
from agent.host.errors import LimitReached, gap
from agent.model.records import Subscription

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.collectors.packages.facts import Known
    from agent.host import Host
    from agent.model.records import Record

STATUS = "/var/lib/ubuntu-advantage/status.json"
READS = (STATUS,)

_NAME = "ubuntu-pro"
_LIMIT = 1024 * 1024
_SERVICES_LIMIT = 100
_LONGEST = 100
_IN_FORCE = ("enabled", "warning", "active")
"""What the client calls a service that is in force; before 2020 it was active."""


def facts(host: Host, _known: Known) -> Iterator[Record]:
    """Give the subscription; nothing where its client has never told its status."""
    try:
        status = read(host.root.read(STATUS, _LIMIT))
        if not isinstance(status, dict):
            raise ValueError("it holds no object")
    except (FileNotFoundError, NotADirectoryError):
        return
    except (OSError, LimitReached, ValueError) as error:
        yield gap(STATUS, error, f"subscription/{_NAME}")
        return
    attached = status.get("attached")
    yield Subscription(_NAME, attached if isinstance(attached, bool) else None, _enabled(status.get("services")))


def _enabled(services: object) -> tuple[str, ...]:
    """Name the services that are in force, sorted."""
    named = services[:_SERVICES_LIMIT] if isinstance(services, list) else []
    return tuple(sorted({service["name"][:_LONGEST] for service in named if _is_enabled(service)}))


def _is_enabled(service: object) -> bool:
    return isinstance(service, dict) and isinstance(service.get("name"), str) and service.get("status") in _IN_FORCE
