"""Settings as they are given, before they are checked: by files, the environment or flags."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Union

from agent.model.keys import KEYS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Raw = Union[str, "tuple[tuple[str, str], ...]", "list[str]", None]
"""A scalar's text, a mapping's names with their texts, a list's texts, or None for null."""


class Given(NamedTuple):
    """One setting as it is given.

    name: Name of the setting.
    value: What was given for it.
    where: Where: agent.yaml:12, an environment variable, or a flag.
    """

    name: str
    value: Raw
    where: str


class Problem(NamedTuple):
    """One reason to refuse the configuration.

    where: File and line, variable or flag.
    name: Name of the setting; empty when the whole file is meant.
    text: What was expected.
    """

    where: str
    name: str
    text: str

    def __str__(self) -> str:
        return ": ".join(part for part in self if part)


class Source(NamedTuple):
    """What one source gives, and what is wrong with it."""

    given: tuple[Given, ...]
    problems: tuple[Problem, ...]


def from_environment(environment: Mapping[str, str]) -> Source:
    """Take the variables that are named like settings."""
    return Source(
        tuple(Given(key.name, environment[key.variable], key.variable) for key in KEYS if key.variable in environment),
        (),
    )


def from_flags(flags: Sequence[str]) -> Source:
    """Take name=value words, as of --set."""
    names = {key.name for key in KEYS}
    given = []
    problems = []
    for flag in flags:
        name, sign, value = flag.partition("=")
        if sign and name in names:
            given.append(Given(name, value, "--set"))
        else:
            problems.append(Problem("--set", name, "expected NAME=VALUE with the name of a setting"))
    return Source(tuple(given), tuple(problems))
