"""The difference of two snapshots: a merge of two streams of lines that are sorted by key."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from agent.model.codec import Line


class Pair(NamedTuple):
    """What two snapshots say of one key.

    before: Its line in the older one, None when it is not there; after is never None then.
    after: Its line in the newer one.
    """

    before: Line | None
    after: Line | None


def pairs(older: Iterable[Line], newer: Iterable[Line]) -> Iterator[Pair]:
    """Give every key of either stream, in order."""
    befores, afters = iter(older), iter(newer)
    before, after = next(befores, None), next(afters, None)
    while before is not None or after is not None:
        if after is None or (before is not None and before.key_json < after.key_json):
            yield Pair(before, None)
            before = next(befores, None)
        elif before is None or after.key_json < before.key_json:
            yield Pair(None, after)
            after = next(afters, None)
        else:
            yield Pair(before, after)
            before, after = next(befores, None), next(afters, None)


def delta(older: Iterable[Line], newer: Iterable[Line]) -> Iterator[Pair]:
    """Give the keys that appeared, vanished, or whose stable fields changed.

    A change of volatile fields alone is none.
    """
    for pair in pairs(older, newer):
        if pair.before is None or pair.after is None or pair.before.stable != pair.after.stable:
            yield pair
