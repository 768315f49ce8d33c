"""What two containers show of one file system."""

import pytest

from agent.watch.opens.watched import Volume, Watched, shared


def watched(*volumes):
    made = Watched(1, 1)
    made.volumes = [Volume(*volume) for volume in volumes]
    return made


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ((1, "/a"), (1, "/a"), {1}),
        ((1, "/a"), (1, "/a/b"), {1}),
        ((1, "/"), (1, "/a"), {1}),
        ((1, "/a"), (1, "/ab"), set()),
        ((1, "/a"), (2, "/a"), set()),
    ],
)
def test_parts_that_overlap_are_shared(one, other, found):
    assert shared({"a": watched(one), "b": watched(other)}) == found


def test_what_one_container_shows_twice_is_its_own():
    assert shared({"a": watched((1, "/a"), (1, "/a/b"))}) == frozenset()
