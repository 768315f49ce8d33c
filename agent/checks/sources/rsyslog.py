"""The configuration of rsyslog: rsyslog.conf(5) with all that it includes, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.formats import rsyslog_conf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.checks.engine.system import System
    from agent.formats.rsyslog_conf import Statement

CONFIG = "/etc/rsyslog.conf"
_DEPTH = 16
_LIMIT = 1024 * 1024


class Said(NamedTuple):
    """A statement with where it stands."""

    statement: Statement
    where: str


def statements(system: System) -> tuple[Said, ...]:
    """Give all statements in the order in which rsyslog reads them."""
    return tuple(_of_file(system, CONFIG, 0))


def files(system: System) -> list[str]:
    """Give the files that messages are written to and that are there."""
    named = (rsyslog_conf.file_of(each.statement) for each in system.get(statements))
    return list(dict.fromkeys(path for path in named if path and path.startswith("/") and system.root.exists(path)))


def _of_file(system: System, path: str, depth: int) -> Iterator[Said]:
    try:
        content = system.root.read(path, _LIMIT)
    except (FileNotFoundError, NotADirectoryError):
        return
    for each in rsyslog_conf.statements(content):
        pattern = _included(each)
        if pattern is None:
            yield Said(each, f"{path}:{each.number}")
        elif depth < _DEPTH:
            for included in system.root.glob(pattern if pattern.startswith("/") else f"/etc/{pattern}"):
                yield from _of_file(system, included, depth + 1)


def _included(statement: Statement) -> str | None:
    if statement.kind == "include":
        return statement.parameters.get("file", "")
    return statement.value if statement.name == "includeconfig" else None
