"""What a collector declares about itself, and what it is given besides the host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

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


class Glance(NamedTuple):
    """What tells the daemon cheaply that a section would find other things than last time.

    folders: Directories below the root of the host; directories in them, however deep, are looked at.
    pattern: Regular expression that the names of those match somewhere that count.
    most: Seconds after which the section is collected though they are the same.
    """

    folders: Sequence[str]
    pattern: str
    most: int


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
    glance: Gives what is looked at every so many seconds instead of running, told by a function whether paths below the
        root exist; None for a section that then runs.
    reader: Module that reads single trees for it, each in a process that can reach nothing else (agent.worker.readers).
    cloud: Whether it is told what the cloud's metadata service says, which a worker is not let ask (agent.worker.cloud).
    """

    summary: str
    every: int
    needs: frozenset[str]
    reads: Callable[[], tuple[str, ...]]
    memory: int
    seconds: int
    wants: tuple[Want, ...] = ()
    traces: bool = False
    glance: Callable[[Callable[[str], bool]], Glance] | None = None
    reader: str | None = None
    cloud: bool = False


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


class Compliance(NamedTuple):
    """What the section compliance is told.

    benchmark: Name of the benchmark that is applied; auto for that of the distribution.
    level: 1 or 2; 2 holds all of level 1.
    profile: server or workstation.
    tailoring: What the site changes, as agent.model.tailoring writes it; None for nothing.
    """

    benchmark: str = "auto"
    level: int = 1
    profile: str = "server"
    tailoring: str | None = None


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


class Cloud(NamedTuple):
    """What is known of the cloud that the host runs in.

    provider: ec2, gce or azure, as the firmware says; None where it names none of them.
    facts: Fields of CloudInstance that the metadata service told, now or before; empty where it told none.
    problem: Why it did not answer as it should when it was asked last; None where it did.
    reason: The one word for that of a Gap.
    """

    provider: str | None = None
    facts: Mapping[str, Any] = {}
    problem: str | None = None
    reason: str = "io_error"


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
    compliance: What the section compliance is told.
    watches_usage: Whether the watcher of the section usage is wanted.
    read_apart: Has open directories read by the module that the section's Spec names, in a process of their own: takes
        them and words about them, and gives a descriptor to read its lines from. None where that cannot be done.
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
    compliance: Compliance = Compliance()
    watches_usage: bool = True
    read_apart: Callable[[Sequence[int], bytes], int] | None = None
    cloud: Cloud = Cloud()

    def asks_for(self, part: str) -> bool:
        """Tell whether a part of the section is asked for."""
        return self.parts is None or part in self.parts
