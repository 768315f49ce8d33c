"""The repositories that dnf, yum and zypper are told of; their addresses stay unread, which may hold passwords."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.formats.ini import sections
from agent.host.errors import LimitReached, gap
from agent.model.records import Repository

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.collectors.packages.facts import Known
    from agent.formats.ini import Section
    from agent.host import Host
    from agent.model.records import Record

READS = ("/etc/yum.repos.d", "/etc/yum.repos.d/*.repo", "/etc/zypp/repos.d", "/etc/zypp/repos.d/*.repo")
FILES = tuple(pattern for pattern in READS if pattern.endswith(".repo"))

_MANAGER = "rpm"
_MAIN = "main"
_OFF = frozenset(("0", "no", "false", "off"))
_ON = frozenset(("1", "yes", "true", "on"))
_LIMIT = 1024 * 1024


def facts(host: Host, _known: Known) -> Iterator[Record]:
    """Give the repositories; whose they are is told of the packages alone, by the keys that signed them."""
    for pattern in FILES:
        try:
            paths = list(host.root.glob(pattern))
        except (OSError, LimitReached) as error:
            yield gap(pattern, error, f"repository/{_MANAGER}/")
            continue
        for path in paths:
            try:
                content = host.root.read(path, _LIMIT)
            except (OSError, LimitReached) as error:
                yield gap(path, error, f"repository/{_MANAGER}/")
                continue
            yield from (_repository(section) for section in sections(content, ("enabled",)) if section.name != _MAIN)


def _repository(section: Section) -> Repository:
    return Repository(_MANAGER, section.name, None, None, None, _enabled(section.values.get("enabled", "1")), None)


def _enabled(value: str) -> bool | None:
    """Read dnf's truth values; a repository that says nothing is used."""
    word = value.lower()
    if word in _ON:
        return True
    return False if word in _OFF else None
