"""What chronyd is told (chrony.conf(5)): its configuration with what that includes, and the options it is started with."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.sources import drop_ins, shell_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.checks.engine.system import System

CONFIGS = ("/etc/chrony/chrony.conf", "/etc/chrony.conf")
OPTIONS = ("/etc/default/chrony", "/etc/sysconfig/chronyd")
_COMMENTS = "!;#%"
_DEEPEST = 10
"""Levels of include that chronyd follows."""


class Directive(NamedTuple):
    """A directive, in small letters, with the words behind it."""

    name: str
    words: tuple[str, ...]
    where: str


def directives(system: System) -> tuple[Directive, ...]:
    """Give all directives, in the order in which they are read."""
    return tuple(each for path in CONFIGS for each in _of_file(system, path, 0))


def options(system: System) -> list[str]:
    """Give the words that chronyd is started with beside those of its unit."""
    values = system.get(shell_values.assigned, OPTIONS)
    return f"{values.get('DAEMON_OPTS', '')} {values.get('OPTIONS', '')}".split()


def _of_file(system: System, path: str, depth: int) -> Iterator[Directive]:
    for line in drop_ins.lines(system, path, _COMMENTS):
        name, *words = line.text.split()
        directive = Directive(name.lower(), tuple(words), line.where)
        yield directive
        if depth < _DEEPEST and words:
            for each in _included(system, directive):
                yield from _of_file(system, each, depth + 1)


def _included(system: System, directive: Directive) -> Iterator[str]:
    """Give the files that a directive brings in: by a pattern, or all of a kind in directories, each name once."""
    if directive.name == "include":
        yield from system.root.glob(directive.words[0])
        return
    suffix = {"confdir": ".conf", "sourcedir": ".sources"}.get(directive.name)
    seen: dict[str, str] = {}
    for folder in directive.words if suffix else ():
        for path in system.root.glob(f"{folder}/*{suffix}"):
            seen.setdefault(path.rpartition("/")[2], path)
    yield from (seen[name] for name in sorted(seen))
