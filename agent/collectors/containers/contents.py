"""The software of containers: read once for all that have the same, and not again while the last snapshot has it."""

from __future__ import annotations

import errno
import time
from typing import TYPE_CHECKING, NamedTuple

from agent.collectors.containers.answer import Answer
from agent.collectors.containers.inside import BUDGET, Request
from agent.containers.image import Image, Layers, layered, plain
from agent.formats.proc_pid import parse_stat
from agent.host.errors import gap
from agent.model.codec import dumps
from agent.model.records import ContainerContents, Gap
from agent.model.spec import Unchanged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.collectors.containers.describe import Seen
    from agent.host.procfs import ProcFS
    from agent.model.records import Record
    from agent.model.spec import Options

SECONDS = 360.0
"""Time on the wall after which no further container is read in this look."""
AGAIN = 3600
"""Seconds after which what could not be read whole is tried again."""
_POINTS = 1024
"""Mount points of one container that its reader is told of."""
_PATHS = 64
"""Changed databases that it is told of."""
_LONGEST = 60 * 1024
"""Characters of both."""


class _Turn(NamedTuple):
    """Contents that have to be read, and a container that has them."""

    image: Image
    seen: Seen
    failed_before: bool


class Contents:
    """The contents of the containers of one look."""

    def __init__(self, proc: ProcFS, options: Options, remote: tuple[str, ...]) -> None:
        """Prepare.

        remote: Mount points of the host for which somebody else answers, so that no layer there is touched.
        """
        self._proc = proc
        self._options = options
        self._remote = remote
        self._turns: dict[str, _Turn] = {}
        self._known: set[str] = set()

    def identify(self, seen: Seen) -> Image:
        """Identify the software of a container and note that it is wanted."""
        image = None
        if seen.root and seen.root.file_system == "overlay" and seen.is_mounted_by_root:
            image = layered(seen.tree, seen.root, self._remote)
        image = image or plain(seen.running.id, seen.root)
        if image.contents not in self._known and image.contents not in self._turns:
            self._note(image, seen)
        return image

    def records(self) -> Iterator[Record | Unchanged]:
        """Give all that is wanted: what the last snapshot has as unchanged, the rest as it is read.

        What failed last time comes last, so that nobody's container keeps those of others from being read.
        """
        for contents in sorted(self._known):
            yield from map(Unchanged, (f"contents/{contents}", f"gap:contents/{contents} "))
        end = time.monotonic() + SECONDS
        for turn in sorted(self._turns.values(), key=lambda turn: turn.failed_before):
            if self._options.read_apart is None:
                yield _unread(turn.image.contents, "unsupported", "no process could be started to read it in")
            elif time.monotonic() > end:
                yield _unread(turn.image.contents, "limit", f"the {SECONDS:g} seconds of one look were over")
            else:
                yield from self._read(turn)

    def _note(self, image: Image, seen: Seen) -> None:
        last = self._last(image.contents)
        now = time.time()
        if last is None:
            self._turns[image.contents] = _Turn(image, seen, failed_before=False)
        elif now - last.read_at < self._holds(image, last) and last.read_at <= now:
            self._known.add(image.contents)
        else:
            self._turns[image.contents] = _Turn(image, seen, failed_before=not last.complete)

    def _last(self, contents: str) -> ContainerContents | None:
        """Give what the last snapshot has; nothing where records are not kept, so that nothing can be unchanged."""
        if not self._options.is_kept:
            return None
        record = next(self._options.previous(f"contents/{contents}"), None)
        return record if isinstance(record, ContainerContents) and record.id == contents else None

    def _holds(self, image: Image, last: ContainerContents) -> float:
        """Give the seconds for which a reading holds."""
        if not last.complete:
            return AGAIN
        return float("inf") if image.is_lasting else self._options.walk_every

    def _read(self, turn: _Turn) -> Iterator[Record]:
        """Have a container read; it may end meanwhile, and its reader may say anything."""
        contents, seen = turn.image.contents, turn.seen
        answer = Answer(contents)
        try:
            yield from answer.records(self._ask(turn))
        except OSError as error:
            answer.is_complete = False
            yield gap(f"contents/{contents} {seen.running.id}", error, f"contents/{contents}/")
        yield ContainerContents(
            id=contents,
            image_digest=seen.state.image_digest,
            distribution=answer.distribution,
            distribution_version=answer.distribution_version,
            managers=answer.managers,
            packages=answer.packages,
            complete=answer.is_complete,
            read_at=int(time.time()),
        )

    def _is_same_process(self, seen: Seen) -> bool:
        """Tell whether the process that was looked at is still there, and not another one that got its id."""
        try:
            return parse_stat(self._proc.read(f"{seen.running.first}/stat")).started == seen.confinement.ticks
        except ValueError:
            return False

    def _ask(self, turn: _Turn) -> int:
        """Open the trees of a container and hand them to a reader; OSError where it has ended."""
        image, seen = turn.image, turn.seen
        read_apart = self._options.read_apart
        assert read_apart is not None
        root = self._proc.root_of(seen.running.first)
        if not self._is_same_process(seen):
            raise ProcessLookupError(errno.ESRCH, "the container ended before it was read")
        trees = [root]
        has_below = False
        if seen.root and image.drift:
            layers = Layers(seen.tree, seen.root, self._remote)
            trees.append(seen.tree.at(layers.upper or "/"))
            below = layers.below(image.databases[0]) if image.databases else None
            has_below = below is not None
            trees += [below] if below else []
        request = Request(
            _few(seen.mounted.points), image.databases[:_PATHS], image.drift is not None, has_below, BUDGET
        )
        return read_apart([tree.fileno() for tree in trees], dumps(list(request)))


def _few(points: tuple[str, ...]) -> tuple[str, ...]:
    """Give the mount points that a reader is told of: the upper ones first, as far as their names are not made to be too long."""
    kept = []
    left = _LONGEST
    for point in sorted(points, key=len)[:_POINTS]:
        left -= len(point.encode("utf-8", "surrogateescape"))
        if left < 0:
            break
        kept.append(point)
    return tuple(kept)


def _unread(contents: str, reason: str, detail: str) -> Gap:
    return Gap(f"contents/{contents} packages", reason, detail, f"contents/{contents}")
