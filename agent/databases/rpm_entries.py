"""Every package of the rpm database that counts, and the gaps that stand for what cannot be read of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from agent.databases.rpm_database import Database, found
from agent.databases.rpm_keys import MANAGER, identity, instance, known_key, newest
from agent.formats.rpmdb import Damaged
from agent.host.errors import LimitReached, gap
from agent.model.records import Gap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agent.databases.rpm_keys import Identity
    from agent.formats.rpm_header import Header
    from agent.host.root import HostRoot

_AHEAD_OF_NAMES = 8 * 1024
"""Bytes of a header among which its name and version mostly are."""
_AHEAD = 1024 * 1024
"""Bytes of a header that are read at once; few headers are longer."""

Given = TypeVar("Given")


class Entry(NamedTuple):
    """A package that the database lists.

    instance: What tells it from a newer version beside it; None for the newest.
    """

    header: Header
    package: Identity
    instance: str | None

    @property
    def key(self) -> str:
        """Key of its record."""
        return f"{self.package.key}~{self.instance}" if self.instance else self.package.key


def each(root: HostRoot, give: Callable[[Entry, str], Iterator[Given]], hides: str | None) -> Iterator[Given | Gap]:
    """Give something of every package, which give makes of its entry and the path of the database.

    hides: What a gap hides where it is not known which package is missing; None where no record is missing.
    Unsettled is raised where the database changed meanwhile.
    """
    try:
        paths = found(root)
    except OSError as error:
        yield gap("rpm database", error, hides)
        return
    if not paths:
        yield Gap("rpm database", "absent", "there are files of rpm's database, but not the database itself", hides)
    for path in paths:
        empty = False
        try:
            with Database(root, path) as database:
                empty = path != paths[-1] and database.is_empty()
                if not empty:
                    yield from _settled(database, give, hides)
        except (OSError, LimitReached, Damaged) as error:
            yield gap(path, error, hides)
        if not empty:
            return


def _settled(
    database: Database, give: Callable[[Entry, str], Iterator[Given]], hides: str | None
) -> Iterator[Given | Gap]:
    problem = None
    try:
        yield from _of_headers(database, give, hides)
    except (OSError, LimitReached, Damaged) as error:
        problem = error
    database.require_unchanged()
    if problem:
        raise problem


def _of_headers(
    database: Database, give: Callable[[Entry, str], Iterator[Given]], hides: str | None
) -> Iterator[Given | Gap]:
    """Give what is asked of each header; one that is damaged costs a gap, all of those without a name one together."""
    several = newest(database.headers(_AHEAD_OF_NAMES))
    nameless: Damaged | None = None
    for header in database.headers(_AHEAD):
        try:
            if isinstance(header, Damaged):
                raise header
            package = identity(header)
            if package:
                yield from give(Entry(header, package, instance(package, several)), database.path)
        except Damaged as error:
            key = known_key(header)
            if key:
                yield Gap(key, "malformed", str(error), hides and key)
            nameless = nameless or (None if key else error)
    if nameless:
        subject = f"{database.path}: headers that cannot be read"
        yield Gap(subject, "malformed", str(nameless), hides and f"{MANAGER}/")
