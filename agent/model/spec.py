"""What a collector declares about itself, and what it is given besides the host."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from agent.model.records import Record

ROOT = "root"
"""A tree to read: every host offers it."""

PROC = "proc"
"""The process file system of a running system."""


class Want(NamedTuple):
    """A privilege without which a section sees less, but works.

    capability: The Linux capability, for example cap_sys_ptrace; uid 0 without it does not help.
    effect: What the section does not report without it.
    """

    capability: str
    effect: str


class Spec(NamedTuple):
    """A collector's contract.

    summary: What the section holds, one line for people.
    every: Seconds between two runs by default.
    needs: What the host must offer (ROOT, PROC); without it the section is unsupported.
    reads: Gives globs of all that is read below the root; any other read fails the collector's test.
    memory: Most memory that a run may use, MiB.
    seconds: Most processor seconds that a run may use; ten times as many may pass on the wall.
    wants: Privileges without which the section is degraded.
    traces: Whether it looks into other processes (their descriptors, namespaces), which a process
        under Landlock may not; the other confinements hold all the same.
    """

    summary: str
    every: int
    needs: frozenset[str]
    reads: Callable[[], tuple[str, ...]]
    memory: int
    seconds: int
    wants: tuple[Want, ...] = ()
    traces: bool = False


class Unchanged(NamedTuple):
    """Given among the records: those of the last snapshot whose keys start with a prefix still hold.

    prefix: Start of their keys. Gaps that it names so hide again what they hid.
    """

    prefix: str


class Gone(NamedTuple):
    """Given among the records beside Unchanged(""): the record of the last snapshot with this key is no more.

    key: Its key. A record of the same key that is given, too, counts.
    """

    key: str


class Integrity(NamedTuple):
    """What the section integrity is told.

    trees: Absolute paths below the root that are watched, each with all below it, or where a colon and a number follow
        to that depth: /opt:2; empty for the defaults of the distribution.
    excludes: Patterns of absolute paths that are left out with all below them, beside the defaults: * stands for any
        characters of one name, ** for any number of names.
    reread_every: Seconds over which the reading of all that is unchanged is spread.
    changes_kept: Seconds for which changes and events stay in the section.
    watch: Whether the watcher is wanted.
    """

    trees: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    reread_every: int = 7 * 86400
    changes_kept: int = 7 * 86400
    watch: bool = True


class Previous(Protocol):
    """Gives the records of the section's last snapshot; nothing when there is none."""

    def __call__(self, prefix: str = "") -> Iterator[Record]:
        """Give those whose keys start with a prefix; the others are not decoded."""
        ...


def _nothing(prefix: str = "") -> Iterator[Record]:  # noqa: ARG001
    return iter(())


def _no_lines() -> Iterator[bytes]:
    return iter(())


def _no_wants() -> Mapping[str, tuple[Want, ...]]:
    return {}


class Options(NamedTuple):
    """What a collector is told beside the host.

    labels: Labels of the configuration, each written name=value, sorted.
    previous: Gives the records of the section's last snapshot, for collectors that can verify
        cheaper than find; nothing when there is none.
    previous_at: When that snapshot was taken, seconds since 1970; None without one.
    wants: Gives the wants of every enabled section, for the host section's report of what they miss.
    is_kept: Whether the records become the next snapshot, so that some may be said to be unchanged.
    parts: Names of the parts of the section packages that are asked for (see agent.model.parts); None for all.
    walk_every: Seconds for which what a walk over the file tree found holds without another.
    lines: Gives the lines of the section's last snapshot as they are stored (agent.model.snapshot.write_line), in the
        order of their keys; nothing when there is none. For collectors that compare bytes.
    succeeded_at: When the last collection that succeeded began, seconds since 1970; None without one. It may be later
        than previous_at: a snapshot of which everything holds is not written again.
    folder: A folder in which temporary files may be made (nameless, or removed at once); None where nothing may be written.
    integrity: What the section integrity is told.
    """

    labels: tuple[str, ...] = ()
    previous: Previous = _nothing
    previous_at: int | None = None
    wants: Callable[[], Mapping[str, tuple[Want, ...]]] = _no_wants
    is_kept: bool = False
    parts: frozenset[str] | None = None
    walk_every: int = 0
    lines: Callable[[], Iterator[bytes]] = _no_lines
    succeeded_at: int | None = None
    folder: str | None = None
    integrity: Integrity = Integrity()

    def asks_for(self, part: str) -> bool:
        """Tell whether a part of the section is asked for."""
        return self.parts is None or part in self.parts
