"""What a site changes in a benchmark: a plain value, which agent.config reads from YAML and the worker from JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Waiver(NamedTuple):
    """A failure that somebody answers for, for a time.

    reason: Why it is accepted.
    owner: Who answers for it.
    expires: The last day on which it counts, YYYY-MM-DD in UTC.
    """

    reason: str
    owner: str
    expires: str


class Custom(NamedTuple):
    """A check of the site's own.

    id: Its name, which no check of ours has.
    level: 1 or 2.
    rule: What is judged: words of agent.checks.engine.vocabulary.
    """

    id: str
    title: str
    why: str
    fix: str
    level: int
    rule: Mapping[str, Any]


class Tailoring(NamedTuple):
    """All that a site changes.

    skipped: Reason by id of a check or number of a section.
    waived: Waiver by id of a check or number of a section.
    parameters: What differs from the parameters of the benchmark, by id of a check.
    choices: What the site chose where a benchmark leaves a choice, by the name of the choice.
    custom: Checks of its own.
    """

    skipped: Mapping[str, str] = {}
    waived: Mapping[str, Waiver] = {}
    parameters: Mapping[str, Mapping[str, Any]] = {}
    choices: Mapping[str, str] = {}
    custom: tuple[Custom, ...] = ()


NONE = Tailoring()


def write(tailoring: Tailoring) -> str:
    """Write it as JSON."""
    fields = tailoring._asdict()
    fields["waived"] = {name: waiver._asdict() for name, waiver in tailoring.waived.items()}
    fields["custom"] = [custom._asdict() for custom in tailoring.custom]
    return json.dumps(fields)


def read(text: str | None) -> Tailoring:
    """Read what write wrote; without text nothing is changed."""
    if not text:
        return NONE
    fields: dict[str, Any] = json.loads(text)
    return Tailoring(
        skipped=fields["skipped"],
        waived={name: Waiver(**waiver) for name, waiver in fields["waived"].items()},
        parameters={name: _values(changed) for name, changed in fields["parameters"].items()},
        choices=fields["choices"],
        custom=tuple(Custom(**custom) for custom in fields["custom"]),
    )


def _values(changed: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in changed.items()}
