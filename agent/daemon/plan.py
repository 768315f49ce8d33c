"""What the daemon is to do and how: a small JSON file that the command `run` writes from the settings."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LIMIT = 256 * 1024


class Period(NamedTuple):
    """How a section is collected.

    every: Seconds between two collections.
    wall: Seconds after which a worker that is still running is ended.
    """

    every: int
    wall: int


class Look(NamedTuple):
    """What is looked at instead of running a section each time (see agent.daemon.glance).

    folders: Directories.
    pattern: What names in them match that count.
    most: Seconds after which the section runs all the same.
    """

    folders: list[str]
    pattern: str
    most: int


class Plan(NamedTuple):
    """The whole plan.

    state_dir: The agent's state folder.
    worker: Words of the command that runs a job; the job's own words follow.
    reload: Words of the command that checks the configuration and writes this file anew.
    sections: The period of each section.
    heartbeat: Seconds between two deliveries when nothing changed.
    splay: Longest random wait before the first delivery, seconds.
    seed: Text that spreads the periods of hosts apart; the same at every start.
    log_level: error, warning, info or debug.
    watches: Words of the commands that watch, by what they watch: files, opens; of each that is wanted.
    looks: What is looked at for some of the sections.
    metrics_file: File that the daemon's numbers are written to; None for none.
    metrics_listen: HOST:PORT on which they are served; None for nowhere.
    """

    state_dir: str
    worker: list[str]
    reload: list[str]
    sections: dict[str, Period]
    heartbeat: int
    splay: int
    seed: str
    log_level: str
    watches: Mapping[str, Sequence[str]] = {}
    looks: Mapping[str, Look] = {}
    metrics_file: str | None = None
    metrics_listen: str | None = None

    @property
    def status_path(self) -> str:
        """Where the daemon says what it is doing."""
        return os.path.join(self.state_dir, "daemon.json")


def path_in(state_dir: str) -> str:
    """Give the place of the plan in a state folder."""
    return os.path.join(state_dir, "plan.json")


def read(state_dir: str) -> Plan:
    """Read the plan of a state folder; OSError or ValueError when there is none that is whole."""
    with open(path_in(state_dir), "rb") as file:
        fields = json.loads(file.read(_LIMIT))
    try:
        fields["sections"] = {name: Period(*period) for name, period in fields["sections"].items()}
        fields["looks"] = {name: Look(*look) for name, look in fields.get("looks", {}).items()}
        return Plan(**fields)
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"{path_in(state_dir)} is no plan: {error}") from None


def write(plan: Plan) -> bytes:
    """Give the bytes of the file."""
    return json.dumps(plan._asdict()).encode()
