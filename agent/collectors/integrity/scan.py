"""One scan: the walk is merged with the last snapshot, what is to be read is read, judged and compared."""

from __future__ import annotations

import os
import stat
import time
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from agent.collectors.integrity import databases, last, trees
from agent.collectors.integrity.changes import Changes
from agent.collectors.integrity.due import due
from agent.collectors.integrity.events import events
from agent.collectors.integrity.merge import Merge, Met
from agent.collectors.integrity.record import AGAIN, Judged, names_of, record, stamp_of
from agent.collectors.integrity.shipped import Shipments
from agent.collectors.integrity.verdict import algorithms
from agent.host.attributes import AttributeReader, Attributes, opened
from agent.host.entries import EntryWalk
from agent.host.entry_budget import Budget
from agent.host.errors import gap
from agent.model.codec import dumps, encode
from agent.model.record import replace
from agent.model.records import Gap, IntegrityScan
from agent.model.snapshot import write_line
from agent.model.spec import Gone, Unchanged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.collectors.integrity.readers import Readers
    from agent.collectors.integrity.reading import Content
    from agent.collectors.integrity.verdict import Candidate
    from agent.host import Host
    from agent.host.entries import Entry
    from agent.model.records import File, Record
    from agent.model.spec import Options

PROCESSOR_SECONDS = 480.0
"""For reading, in one run; what it does not get to is read in the next."""
BYTES = 256 * 1024 * 1024 * 1024
_WALK = Budget(processor_seconds=PROCESSOR_SECONDS + 60, seconds=5400.0)
"""For the walk with all that is done on its way; less than what the worker itself may take (SPEC.seconds)."""
_CLOCK = 32
"""Files between two looks at the clock."""
_GROUPS = 200
"""Changes that are kept."""
_GAPS = 5000
"""Gaps that are told one by one."""
_NO_ATTRIBUTES = Attributes(None, None, None, None, None)
"""Of what is not looked at again: its record has them."""


class _Subject(NamedTuple):
    """A path on its way to its record.

    path: Below the root.
    met: As the merge gave it.
    attributes: Its attributes.
    candidates: Packages that ship it.
    unread: Why its content is not read though it should be.
    """

    path: str
    met: Met
    attributes: Attributes
    candidates: tuple[Candidate, ...]
    unread: str | None


class Scan:
    """A scan, to be made once.

    files_read: Regular files whose content it read so far.
    bytes_read: Bytes that it read of them.
    reread: Of those files, the unchanged ones that were due.
    """

    # What packages ship is asked for twice where it must be, both times in the order of keys: as the walk meets a path,
    # and for a file that was due when it turns out to be another. Mostly the databases need not be opened for either.

    def __init__(self, host: Host, options: Options) -> None:
        self._host = host
        self._root = host.root
        self._options = options
        self._asked = options.integrity
        self._started_at = int(time.time())
        self._processor_end = time.process_time() + PROCESSOR_SECONDS
        self._due = due(options.succeeded_at, self._started_at, self._asked.reread_every)
        self._spent = False
        self._gaps: dict[str, Gap] = {}
        self._looked_at: set[str] = set()
        self._unseen: tuple[bytes, ...] = ()
        self._before = last.rest(options)
        self._databases, self._all_seen = databases.present(self._root, self.report)
        self._stamps = databases.stamps(self._root, self._databases)
        known = self._before.scan
        self._trees = tuple(trees.trees_of(self._asked.trees))
        self._excluded = trees.excluded(self._asked.excludes)
        self._watched_before = known is not None and (known.trees, known.excluded) == (self._trees, self._excluded)
        self._packages_changed = databases.are_others(known.databases if known else None, self._stamps)
        self._pending = False
        self._shipments, self._late = (
            Shipments(host, self._databases, options.folder, self.report, self._all_seen) for _ in range(2)
        )
        self._changes = Changes(self._free_second(), packages_changed=self._packages_changed)
        self._attributes = AttributeReader(self.report)
        self._names = names_of(self._root, self.report)
        self.files_read = self.bytes_read = self.reread = 0

    def _free_second(self) -> int:
        """Give when the scan began, or a second of which no change is told yet: another scan may have begun in the same one."""
        told = {int(key.split("/")[1]) for key in self._before.changes}
        return next(second for second in count(self._started_at) if second not in told)

    def records(self) -> Iterator[Record | Unchanged | Gone]:
        """Give what is new or changed since the last snapshot, and what is gone; everything where there is none."""
        if self._before.exists:
            yield Unchanged("")
        merge = Merge(self._due, all_again=self._packages_changed)
        told = False
        with self._shipments, self._late:
            for found in self._found(merge):
                told = True
                yield found
        yield from self._beside(merge, told)

    def _found(self, merge: Merge) -> Iterator[Record | Gone]:
        """Give the files that are to be told of."""
        if self._packages_changed:  # before what digests files is loaded, so that the peaks of both do not add up
            self._shipments.open()
        from agent.collectors.integrity.readers import Readers  # noqa: PLC0415 - hashlib and threads for those alone

        patterns = trees.patterns(self._asked.excludes)
        try:
            walk = EntryWalk(self._root, trees.parsed(self._trees), patterns, self.report, _WALK)
        except (OSError, ValueError) as error:
            self.report(gap("mounts", error, "/"))
            return
        readers: Readers[_Subject] = Readers()
        with walk, readers:
            for met in merge.met(walk.entries(), last.files(self._options), lambda: self._unseen):
                if met.entry is None:
                    yield from self._gone(met)
                else:
                    for subject, content in self._taken(readers, met, met.entry):
                        yield from self._judged(subject, content)
            for subject, content in readers.rest():
                yield from self._judged(subject, content)

    def _taken(self, readers: Readers[_Subject], met: Met, entry: Entry) -> Iterator[tuple[_Subject, Content | None]]:
        """Take a path while its directory is open; give what the readers have done by now."""
        key, _, name, directory, status, _ = entry
        path = entry.path
        regular = stat.S_ISREG(status.st_mode)
        is_due_alone = met.unchanged and not self._packages_changed
        candidates = () if is_due_alone else self._shipments.at(key)
        wanted = _held(met) if is_due_alone else algorithms(candidates) if regular else frozenset()
        if met.unchanged and not self._must_read(met, wanted):
            yield from readers.ask(_Subject(path, met, _NO_ATTRIBUTES, candidates, None), None, status, wanted)
            return
        self.reread += met.unchanged
        self._look_at(path)
        attributes = self._attributes.read(directory, name, status, path)
        fd, unread = self._open(directory, name, status, path) if regular else (None, None)
        subject = _Subject(path, met, attributes, candidates, unread)
        yield from readers.ask(subject, fd, status, wanted)

    def _must_read(self, met: Met, wanted: frozenset[str]) -> bool:
        """Tell whether an unchanged file is read: it is due, or what its package has is a digest that is not known of it."""
        if not self._packages_changed:
            return True
        known = last.file_of(met.stored or b"")
        if known is None or met.due:
            return True
        held = (known.compared or "").partition(":")[0]
        return known.unread is None and not wanted <= {held}

    def _open(self, directory: int, name: str, status: os.stat_result, path: str) -> tuple[int | None, str | None]:
        if self.files_read % _CLOCK == 0 and time.process_time() > self._processor_end:
            self._spent = True
        if self._spent or self.bytes_read > BYTES:
            self.report(
                Gap("content", "limit", "the budget of this scan was used up; the rest is read in the next", None)
            )
            return None, "budget"
        try:
            return opened(directory, name, status), None
        except FileNotFoundError:
            return None, "vanished"
        except OSError as error:
            self.report(gap(path, error, None))
            return None, "unreadable"

    def _judged(self, subject: _Subject, content: Content | None) -> Iterator[Record]:
        """Give the record of a path if it is another than the last one; take note of the change."""
        if content:
            self.files_read += 1
            self.bytes_read += content.size
        before = last.file_of(subject.met.stored) if subject.met.stored else None
        unread = content.unread if content else subject.unread
        if before and subject.met.unchanged and unread:
            yield from self._due_again(subject, before, unread)
            return
        if before and subject.met.unchanged and content and not self._packages_changed:
            if _is_known(content.digests, before):
                return
            subject = subject._replace(candidates=self._late.at(dumps(subject.path)))
        after = self._record(subject, content, before)
        if after.verdict == "pending":
            self._pending = True
            if before and subject.met.unchanged and after.sha256 == before.sha256:
                return  # what was found of it holds until the package manager has ended
        if subject.met.stored and write_line(encode(after)) == subject.met.stored:
            return
        if before:
            self._changes.modified(before, after)
        elif self._watched_before:
            self._changes.created(after)
        yield after

    def _due_again(self, subject: _Subject, before: File, unread: str) -> Iterator[File]:
        """Leave a file that was due as it is; where it could not be read now it is tried in the next scan."""
        assert subject.met.entry is not None
        if unread in AGAIN:
            yield replace(before, stamp=stamp_of(subject.met.entry.status, Judged(unread=unread)))

    def _record(self, subject: _Subject, content: Content | None, before: File | None) -> File:
        entry = subject.met.entry
        assert entry is not None
        if subject.attributes is _NO_ATTRIBUTES and before:
            return self._judged_again(subject, before, entry.status)
        status = entry.status
        digests: dict[str, str] = {}
        unread = subject.unread
        if content:
            status = content.status or status
            digests, unread = content.digests, content.unread
        verdict, owner = self._shipments.verdict(subject.candidates, digests)
        if unread or not (stat.S_ISREG(status.st_mode) or subject.candidates):
            verdict = verdict if verdict == "pending" else None
        judged = Judged(digests.get("sha256"), unread, owner, verdict, _compared(digests))
        return record(subject.path, status, subject.attributes, entry.file_system, judged, self._names)

    def _judged_again(self, subject: _Subject, before: File, status: os.stat_result) -> File:
        """Look at the verdict alone, of a file that is unchanged while packages have changed."""
        digests = {"sha256": before.sha256} if before.sha256 else {}
        algorithm, _, digest = (before.compared or "").partition(":")
        if digest:
            digests[algorithm] = digest
        verdict, owner = self._shipments.verdict(subject.candidates, digests)
        judged = Judged(before.sha256, before.unread, owner, None if before.unread else verdict, before.compared)
        return replace(before, owner=owner, verdict=judged.verdict, stamp=stamp_of(status, judged))

    def _gone(self, met: Met) -> Iterator[Gone]:
        """Tell of a path that is no more."""
        before = last.file_of(met.stored or b"")
        key = last.key_of(met.stored or b"")
        self._look_at(key)
        if before and self._watched_before:
            self._changes.removed(before, self._still_shipped(before))
        yield Gone(key)

    def _still_shipped(self, before: File) -> bool | None:
        if before.owner is None:
            return None
        candidates = self._shipments.at(dumps(before.path))
        verdict, _ = self._shipments.verdict(candidates, {})
        if verdict == "pending" or (not candidates and verdict is None):
            return None
        return any(candidate.owner == before.owner for candidate in candidates)

    def _beside(self, merge: Merge, told: bool) -> Iterator[Record | Gone]:
        """Give all that is no file: changes, gaps and what was covered."""
        yield from self._changes.records()
        yield from self._events()
        yield from self._forgotten()
        yield from self._gaps.values()
        yield from (Gone(key) for key, hides in self._before.gaps.items() if self._is_over(key, hides))
        covered = IntegrityScan(
            trees=self._trees,
            excluded=self._excluded,
            databases=databases.untold(self._stamps) if self._pending else self._stamps,
            paths=merge.paths,
            files_read=self.files_read,
            bytes_read=self.bytes_read,
            reread=self.reread,
            scanned_at=self._started_at,
        )
        if told or not _covered_the_same(self._before.scan, covered):
            yield covered

    def _events(self) -> Iterator[Record | Gone]:
        """Give what the watcher saw; its gaps are of this scan like all others."""
        for found in events(self._host, self._options):
            if isinstance(found, Gap):
                self.report(found)
            else:
                yield found

    def _look_at(self, path: str) -> None:
        """Remember that a path was looked at of which the last snapshot has a gap."""
        if f"gap:{path}" in self._before.gaps:
            self._looked_at.add(f"gap:{path}")

    def _is_over(self, key: str, hides: str | None) -> bool:
        """Tell whether a gap of the last snapshot is one no more: not where it is of a path that was not looked at since."""
        if key in self._gaps:
            return False
        return hides is not None or not key.startswith("gap:/") or key in self._looked_at or self._packages_changed

    def _forgotten(self) -> Iterator[Gone]:
        """Give the changes that are too old or too many to be kept."""
        oldest = self._started_at - self._asked.changes_kept
        keys = self._before.changes
        for number, key in enumerate(keys):
            if number < len(keys) - _GROUPS or int(key.split("/")[1]) < oldest:
                yield Gone(key)

    def report(self, found: Gap) -> None:
        """Take a gap; of very many the rest is one that hides everything."""
        if len(self._gaps) >= _GAPS and found.key not in self._gaps:
            found = Gap("watched trees", "limit", f"more than {_GAPS} things could not be seen; those are named", "/")
            if found.key in self._gaps:
                return
        self._gaps[found.key] = found
        if found.hides is not None:
            self._unseen += (dumps(found.hides)[:-1],)


def _covered_the_same(before: IntegrityScan | None, now: IntegrityScan) -> bool:
    return before is not None and (before.trees, before.excluded, before.databases) == (
        now.trees,
        now.excluded,
        now.databases,
    )


def _compared(digests: dict[str, str]) -> str | None:
    return next((f"{name}:{digest}" for name, digest in digests.items() if name != "sha256"), None)


def _held(met: Met) -> frozenset[str]:
    """Name the digest that the record of a file has beside SHA-256."""
    before = last.file_of(met.stored or b"")
    return frozenset((before.compared.partition(":")[0],)) if before and before.compared else frozenset()


def _is_known(digests: dict[str, str], before: File) -> bool:
    return digests.get("sha256") == before.sha256 and _compared(digests) == before.compared
