"""What a message changes in a section's set of records: pure, so that it can be tested against a plain model."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from agent.model.status import absence_is_removal

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

GAP = b"gap:"
"""Keys of gaps: facts about one attempt, which the next attempt replaces."""


class Member(NamedTuple):
    """A record of a section.

    content_id: What it says.
    volatile: Canonical JSON of its volatile fields; None for none.
    last_seen: None while confirmed, else when it was last seen, seconds since 1970.
    """

    content_id: int
    volatile: bytes | None
    last_seen: int | None


def make_members(
    key_ids: Iterable[int],
    content_ids: Iterable[int],
    volatiles: Iterable[bytes | None],
    last_seen: Iterable[int | None],
) -> dict[int, Member]:
    """Make members of columns; as Member._make does, but thousands at a time."""
    rows = zip(content_ids, volatiles, last_seen)
    return dict(zip(key_ids, map(partial(tuple.__new__, Member), rows)))


class Edit(NamedTuple):
    """The members to insert, to update and to remove, by the id of their key."""

    inserted: Mapping[int, Member]
    updated: Mapping[int, Member]
    removed: Collection[int]

    def unconfirmed(self, before: Mapping[int, Member]) -> int:
        """Give by how many the number of unconfirmed members grows."""
        grown = sum(new.last_seen is not None for new in self.updated.values())
        touched = [*self.updated, *self.removed]
        return grown - sum(before[key].last_seen is not None for key in touched)


def edit(
    before: Mapping[int, Member],
    puts: Mapping[int, Member],
    absent: Collection[int],
    removable: Callable[[int], bool],
    last_seen: int,
) -> Edit:
    """Compare a section with a message.

    before: The members that the message may touch.
    absent: Keys of members that the message does not put and whose absence it vouches for.
    removable: Whether the absence of a key proves that the record is gone; otherwise it becomes unconfirmed.
    last_seen: When the members before were last seen.
    """
    different = {key: new for key, new in puts.items() if before.get(key) != new}
    inserted = {key: new for key, new in different.items() if key not in before}
    updated = {key: new for key, new in different.items() if key in before}
    removed = {key for key in absent if removable(key)}
    for key in absent:
        if key not in removed and before[key].last_seen is None:
            updated[key] = before[key]._replace(last_seen=last_seen)
    return Edit(inserted, updated, removed)


def is_removal(status: str, hides: Sequence[str | None], key: bytes) -> bool:
    """Tell whether a record of this key, in UTF-8, that an attempt did not see is gone."""
    return key.startswith(GAP) or absence_is_removal(status, hides, key.decode())
