"""Settings from credentials, a file, a folder of files, the environment and flags, in that order; the later one wins."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from agent.config.credentials import from_credentials
from agent.config.given import Given, Problem, Source, from_environment, from_flags
from agent.model.keys import KEYS, Key
from agent.model.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DEFAULT_FILE = "/etc/stocktake/agent.yaml"
OTHER_VARIABLES = ("STOCKTAKE_CONFIG", "STOCKTAKE_NODE_UID", "STOCKTAKE_BACKEND_STORE", "STOCKTAKE_BACKEND_READ_TOKEN")
"""Variables of ours that are no settings of the agent."""


class ConfigurationError(Exception):
    """The configuration was refused; problems holds every reason, not only the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class Loaded(NamedTuple):
    """Checked settings.

    settings: The settings.
    sources: Where each setting that is not at its default was given, by its name.
    warnings: What is suspicious without being wrong, a line each.
    """

    settings: Settings
    sources: Mapping[str, str]
    warnings: tuple[str, ...]


def load(path: str | None, environment: Mapping[str, str], flags: Sequence[str] = ()) -> Loaded:
    """Read all sources; ConfigurationError names everything that is wrong with them.

    path: The file; None takes DEFAULT_FILE where it is there. The folder conf.d beside it is read after it.
    flags: Settings as name=value.
    """
    sources = (_from_files(path), from_environment(environment), from_flags(flags))
    problems = [problem for source in sources for problem in source.problems]
    given = [one for source in sources for one in source.given]
    given = [*from_credentials(environment, {one.name for one in given}), *given]
    values, where = _checked(given, problems) if given else ({}, {})
    settings = Settings(**values)  # type: ignore[arg-type]
    problems.extend(_contradictions(settings, where))
    settings = _tailored(settings, where, problems)
    if problems:
        raise ConfigurationError(problems)
    return Loaded(settings, where, _unknown_variables(environment))


def _from_files(path: str | None) -> Source:
    """Read the files; YAML is loaded only when there is one, because it costs more than all the rest."""
    if path is None and not os.path.lexists(DEFAULT_FILE):
        return Source((), ())
    from agent.config.files import read_with_folder  # noqa: PLC0415

    return read_with_folder(path or DEFAULT_FILE)


def _checked(given: Sequence[Given], problems: list[Problem]) -> tuple[dict[str, object], dict[str, str]]:
    """Check what is given; the values by attribute, their sources by name, what is wrong added to problems."""
    known: dict[str, Key] = {key.name: key for key in KEYS}
    from agent.config.values import parse  # noqa: PLC0415 - without anything given there is nothing to parse

    values: dict[str, object] = {}
    where: dict[str, str] = {}
    for one in given:
        key = known[one.name]
        try:
            values[key.attribute] = parse(key, one.value)
        except ValueError as error:
            problems.append(Problem(one.where, key.name, str(error)))
        else:
            where[key.name] = one.where
    return values, where


def _contradictions(settings: Settings, where: Mapping[str, str]) -> list[Problem]:
    """Name what is wrong only together."""
    pairs = (
        ("backend.token", settings.backend_token, settings.backend_token_file),
        ("backend.join_token", settings.backend_join_token, settings.backend_join_token_file),
    )
    found = [
        Problem(where[name], name, f"expected either this or {name}_file, found both")
        for name, secret, file in pairs
        if secret and file
    ]
    if settings.sink == "file" and settings.sink_path is None:
        found.append(Problem(where["delivery.sink"], "delivery.path", "expected a path, because delivery.sink is file"))
    return found


def _tailored(settings: Settings, where: dict[str, str], problems: list[Problem]) -> Settings:
    """Read the tailoring; what it chooses counts where no setting does. What is wrong is added to problems."""
    if settings.compliance_tailoring is None:
        return settings
    from agent.config.tailoring import read_tailoring  # noqa: PLC0415 - it needs YAML and all checks
    from agent.model.tailoring import write  # noqa: PLC0415

    tailored, wrong = read_tailoring(settings.compliance_tailoring)
    problems.extend(wrong)
    chosen = {
        attribute: value for attribute, value in tailored.given.items() if attribute.replace("_", ".", 1) not in where
    }
    where.update((attribute.replace("_", ".", 1), settings.compliance_tailoring) for attribute in chosen)
    return settings._replace(compliance_tailored=write(tailored.tailoring), **chosen)  # type: ignore[arg-type]


def _unknown_variables(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Name variables that look like settings and are none; Kubernetes makes such of services' names."""
    known = {key.variable for key in KEYS}.union(OTHER_VARIABLES)
    unknown = sorted(name for name in environment if name.startswith("STOCKTAKE_") and name not in known)
    return tuple(f"{name}: no such setting; it is ignored" for name in unknown)
