"""Databases of bbolt: pages that a test writes as the format wants them; a real one is read in the tests of containerd."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.formats import boltdb

SIZE = 4096
LEAF, BRANCH, META = 2, 1, 4


def page(number, kind, count, body, overflow=0):
    return (struct.pack("<QHHI", number, kind, count, overflow) + body).ljust(SIZE * (overflow + 1), b"\0")


def meta(number, root, transaction):
    return page(number, META, 0, struct.pack("<IIIIQQQQQ", 0xED0CDAED, 2, SIZE, 0, root, 0, 2, 9, transaction))


def leaf(number, entries, overflow=0):
    heads = b""
    content = b""
    for index, (flags, key, value) in enumerate(entries):
        position = 16 * (len(entries) - index) + len(content)
        heads += struct.pack("<IIII", flags, position, len(key), len(value))
        content += key + value
    return page(number, LEAF, len(entries), heads + content, overflow)


def branch(number, entries):
    heads = b""
    content = b""
    for index, (key, below) in enumerate(entries):
        heads += struct.pack("<IIQ", 16 * (len(entries) - index) + len(content), len(key), below)
        content += key
    return page(number, BRANCH, len(entries), heads + content)


def bucket(root, inline=b""):
    return struct.pack("<QQ", root, 0) + inline


DATABASE = b"".join(
    (
        meta(0, 3, 7),
        meta(1, 4, 8),
        page(2, 16, 0, b""),
        leaf(3, [(1, b"v1", bucket(99))]),
        leaf(4, [(1, b"v1", bucket(5)), (0, b"x", b"plain")]),
        branch(5, [(b"a", 6), (b"m", 7)]),
        leaf(6, [(0, b"a", b"1"), (1, b"inline", bucket(0, leaf(0, [(0, b"key", b"within")]).rstrip(b"\0")))]),
        leaf(7, [(0, b"m", b"2"), (0, b"z", b"\xff" * 5000)], overflow=1),
    )
)


def get(buckets, key, database=DATABASE):
    return boltdb.get(lambda offset, count: database[offset : offset + count], buckets, key)


@pytest.mark.parametrize(
    ("buckets", "key", "value"),
    [
        ([], b"x", b"plain"),
        ([b"v1"], b"a", b"1"),
        ([b"v1"], b"m", b"2"),
        ([b"v1"], b"z", b"\xff" * 5000),
        ([b"v1", b"inline"], b"key", b"within"),
        ([b"v1"], b"nothing", None),
        ([b"v1"], b"0", None),
        ([b"v2"], b"a", None),
        ([b"x"], b"a", None),
        ([], b"v1", None),
    ],
)
def test_values_are_found_in_buckets_branches_and_pages_that_overflow(buckets, key, value):
    assert get(buckets, key) == value


def test_the_later_of_two_transactions_holds():
    later = meta(0, 3, 9) + DATABASE[SIZE:]
    with pytest.raises(ValueError, match=r"where it should be|cut off"):
        get([b"v1"], b"a", later)


def test_a_page_of_meta_that_is_damaged_leaves_the_other():
    assert get([], b"x", b"\0" * SIZE + DATABASE[SIZE:]) == b"plain"


def test_a_database_that_changes_meanwhile_counts_for_nothing():
    metas, pages = 8, 6
    reads = iter(range(1000))

    def read_at(offset, count):
        content = DATABASE if next(reads) < metas + pages else meta(0, 3, 10) + DATABASE[SIZE:]
        return content[offset : offset + count]

    with pytest.raises(ValueError, match="changed"):
        boltdb.get(read_at, [b"v1"], b"a")


@pytest.mark.parametrize("content", [b"", b"\0" * 100_000, DATABASE[: 3 * SIZE], b"SQLite format 3\0" * 1000])
def test_what_is_no_database_raises(content):
    with pytest.raises(ValueError, match="database"):
        get([b"v1"], b"a", content)


def test_pages_that_go_round_in_circles_end():
    circle = DATABASE[: 5 * SIZE] + branch(5, [(b"a", 5)]) + DATABASE[6 * SIZE :]
    with pytest.raises(ValueError, match="deep"):
        get([b"v1"], b"a", circle)


@given(st.integers(0, len(DATABASE) - 1), st.binary(min_size=1, max_size=16))
def test_damage_anywhere_raises_value_error_alone(offset, damage):
    damaged = DATABASE[:offset] + damage + DATABASE[offset + len(damage) :]
    for buckets in ([b"v1"], [b"v1", b"inline"]):
        try:
            get(buckets, b"key", damaged)
        except ValueError:
            pass
