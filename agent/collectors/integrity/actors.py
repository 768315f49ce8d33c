"""Names for who did it: the package of the program, and the user who logged in."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from agent.formats.passwd import users
from agent.host.errors import LimitReached, gap
from agent.model.record import replace
from agent.model.records import File

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from agent.host import Host
    from agent.model.records import FileEvent, Gap
    from agent.model.spec import Options

_PASSWD = "/etc/passwd"  # noqa: S105 - a path
_NEIGHBOURS = 8
"""Records looked at for a program's own: a name that goes on with a blank comes before it."""


def named(host: Host, options: Options, events: dict[str, FileEvent]) -> Iterator[FileEvent | Gap]:
    """Give the events with package and login name, as far as these are known, and what kept them from being known.

    Each is taken out of the dictionary, so that not all are in memory here and where they go at once.
    Programs of containers are in another root, so that they have no package here.
    """
    gaps: dict[str, Gap] = {}

    def report(failure: Gap) -> None:
        gaps[failure.key] = failure

    programs = {event.executable for event in events.values() if event.executable and not event.container}
    packages = _packages(host, options, programs, report)
    logins = _logins(host, {event.login_uid for event in events.values() if event.login_uid is not None}, report)
    for key in sorted(events):
        event = events.pop(key)
        package = None if event.container else packages.get(event.executable or "", event.package)
        login = event.login_user if event.login_uid is None else logins.get(event.login_uid, event.login_user)
        yield replace(event, package=package, login_user=login)
    yield from gaps.values()


def _packages(host: Host, options: Options, programs: Iterable[str], report: Callable[[Gap], None]) -> dict[str, str]:
    """Give the packages of programs: from their own records of the last snapshot, else from the package databases."""
    found = {}
    unknown = []
    for program in sorted(programs):
        record = _record(options, program)
        if record is None or record.verdict is None:
            unknown.append(program)
        elif record.owner:
            found[program] = record.owner
    if unknown:
        from agent.collectors.integrity.databases import present  # noqa: PLC0415 - most programs have a record
        from agent.databases.owners import owners  # noqa: PLC0415

        found.update(owners(present(host.root, report)[0], host.root, unknown, report))
    return found


def _record(options: Options, path: str) -> File | None:
    """Give a path's record in the last snapshot."""
    near = islice(options.previous(path), _NEIGHBOURS)
    return next((record for record in near if isinstance(record, File) and record.path == path), None)


def _logins(host: Host, wanted: set[int], report: Callable[[Gap], None]) -> dict[int, str]:
    """Give the names of users in the root's own /etc/passwd."""
    if not wanted:
        return {}
    try:
        return {number: name for number, name in users(host.root.lines(_PASSWD)) if number in wanted}
    except FileNotFoundError:
        return {}  # such a root has no names
    except (LimitReached, OSError) as error:
        report(gap(_PASSWD, error, None))
        return {}
