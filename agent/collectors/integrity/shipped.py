"""What packages shipped, in the order of snapshot keys, so that it is merged with a walk in that order."""

from __future__ import annotations

from json.encoder import encode_basestring
from typing import TYPE_CHECKING

from agent.collectors.integrity.runs import Runs
from agent.collectors.integrity.transaction import Calm
from agent.collectors.integrity.verdict import Candidate, compared
from agent.databases import Shipped
from agent.databases.merged import merged
from agent.host.errors import LimitReached, Unsettled, gap
from agent.model.codec import dumps
from agent.model.record import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from agent.databases import Database
    from agent.host import Host
    from agent.model.records import Gap

_SUBJECT = "files as packages shipped them"
_EDITED, _KEPT = "~", "="
"""How lines mark files that are meant to be edited, and all others."""


class Shipments:
    """Every file that packages shipped, by the key of its path; to be used as a context, and by one thread.

    The databases are read when the first path is asked for.

    databases: Those of the root.
    folder: Where a folder for temporary files is; None keeps all in memory.
    report: Takes the gaps, which hide no record.
    all_seen: Whether those are all databases that the root may have; False where one could not be looked for.
    """

    def __init__(
        self,
        host: Host,
        databases: Sequence[Database],
        folder: str | None,
        report: Callable[[Gap], None],
        all_seen: bool = True,
    ) -> None:
        self._host = host
        self._databases = databases
        self._report = report
        self._runs = Runs(folder)
        self._owners: list[str] = []
        self._lines: Iterator[bytes] = iter(())
        self._line: bytes | None = None
        self._opened = False
        self._complete = all_seen
        self._calm: Calm | None = None

    def __enter__(self) -> Shipments:
        return self

    def __exit__(self, *_: object) -> None:
        self._runs.close()

    def open(self) -> None:
        """Read the databases, unless that was done."""
        if not self._opened:
            self._opened = True
            self._read()
            self._lines = self._runs.lines()
            self._line = next(self._lines, None)
            self._complete &= self._line is not None

    def at(self, key: bytes) -> tuple[Candidate, ...]:
        """Give the packages that ship a path, of which the key (agent.model.codec.dumps) is above all asked for before.

        OSError where a run that was spilled cannot be read.
        """
        self.open()
        start = key + b"\t"
        line = self._line
        while line is not None and line < start:
            line = next(self._lines, None)
        found = []
        while line is not None and line.startswith(start):
            found.append(self._candidate(line[len(start) : -1].decode()))
            line = next(self._lines, None)
        self._line = line
        return _known(found)

    def verdict(self, candidates: tuple[Candidate, ...], digests: Mapping[str, str]) -> tuple[str | None, str | None]:
        """Give the verdict on a file or a link, and the key of the package that owns it.

        packaged, configured, contradicts (see agent.collectors.integrity.verdict), unowned where no package ships it, pending while
        a package manager is at work or has been since the databases were read; None where that is not known.
        """
        if self._opened and not (self._calm and self._calm.holds()):
            return "pending", candidates[0].owner if candidates else None
        if candidates:
            return compared(candidates, digests)
        return ("unowned" if self._complete else None), None

    def _read(self) -> None:
        self._calm = Calm(self._host, self._databases)
        real = merged(self._host.root).real
        try:
            for shipped in self._shipped():
                self._runs.add(_line(real(shipped.path), self._number(shipped.owner), shipped))
        except Unsettled:
            self._calm = None
        except (OSError, LimitReached) as error:
            self._complete = False
            self._report(gap(_SUBJECT, error, None))

    def _shipped(self) -> Iterator[Shipped]:
        for database in self._databases:
            for shipped in database.shipped(self._host.root):
                if isinstance(shipped, Shipped):
                    yield shipped
                else:
                    self._note(shipped)

    def _number(self, owner: str) -> int:
        """Give the number of an owner, of which the files come together."""
        if not self._owners or self._owners[-1] != owner:
            self._owners.append(owner)
        return len(self._owners) - 1

    def _candidate(self, rest: str) -> Candidate:
        number, _, digest = rest.partition("\t")
        return Candidate(self._owners[int(number)], digest[1:] or None, digest[0] == _EDITED)

    def _note(self, problem: Gap) -> None:
        """Report a gap. For one that hides something the owners of files are missing, but no record is."""
        self._complete &= problem.hides is None
        self._report(replace(problem, hides=None))


def _line(path: str, number: int, shipped: Shipped) -> bytes:
    key = encode_basestring(path)
    rest = f"\t{number}\t{_EDITED if shipped.configuration else _KEPT}{shipped.digest or ''}\n"
    if "\\\\x" not in key:
        try:
            return f"{key}{rest}".encode()
        except UnicodeEncodeError:
            pass
    return dumps(path) + rest.encode()


def _known(found: list[Candidate]) -> tuple[Candidate, ...]:
    """Give packages once: a database may list a file twice, with and without a digest."""
    if len(found) < 2:
        return tuple(found)
    told = {candidate.owner for candidate in found if candidate.digest}
    return tuple(candidate for candidate in found if candidate.digest or candidate.owner not in told)
