"""The headers in Packages.db are those that the same database has in SQLite."""

from __future__ import annotations

import shutil
import struct
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.formats.read_at import of
from agent.formats.rpmdb import Damaged
from agent.formats.rpmdb_ndb import values
from tests.hosts.rpm import build, centos, install, needs_rpm, to_ndb, trixie

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["centos", "trixie"]  # fixtures
pytestmark = needs_rpm

WHOLE = 1 << 24
MUTATIONS = st.lists(st.tuples(st.integers(0, 1 << 30), st.binary(min_size=1, max_size=6)), min_size=1, max_size=30)
SLOTS = 32
"""Where the slots begin."""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, trixie: Path) -> bytes:
    """A database of two packages."""
    folder = tmp_path_factory.mktemp("small")
    install(folder / "root", build(folder, "tea"), build(folder, "milk"))
    place = folder / "root/var/lib/rpm"
    to_ndb(place, trixie)
    return (place / "Packages.db").read_bytes()


def headers_of(content: bytes) -> list[bytes]:
    return [value(WHOLE) for value in values(of(content), len(content))]


def test_every_header_of_a_real_database_is_whole(centos: Path, trixie: Path, tmp_path: Path) -> None:
    shutil.copytree(centos / "centos6-plain", tmp_path / "db")
    to_ndb(tmp_path / "db", trixie)
    headers = headers_of((tmp_path / "db/Packages.db").read_bytes())
    assert len(headers) == 129
    for header in headers:
        tags, length = struct.unpack_from(">LL", header)
        assert len(header) == 8 + 16 * tags + length


def test_the_first_bytes_of_a_header_are_read_alone(small: bytes) -> None:
    for value in values(of(small), len(small)):
        assert value(100) == value(WHOLE)[:100]
        assert value(0) == b""


@pytest.mark.parametrize(
    ("place", "written", "message"),
    [
        (0, b"x", "no ndb database"),
        (4, b"\1", "unknown version"),
        (12, b"\0\0\0\0", "slots"),
        (12, b"\xff\xff\0\0", "slots"),
        (SLOTS, b"x", "overwritten"),
        (SLOTS + 4, b"\7", "no value of its own"),
        (SLOTS + 8, b"\xff\xff\xff\x0f", "leads out"),
        (SLOTS + 12, b"\1\0\0\0", "no value of its own"),
    ],
)
def test_what_is_not_as_the_format_says_is_damage(small: bytes, place: int, written: bytes, message: str) -> None:
    content = small[:place] + written + small[place + len(written) :]
    with pytest.raises(Damaged, match=message):
        headers_of(content)


@pytest.mark.parametrize("length", [0, 16, 4095])
def test_a_database_that_is_cut_off_is_damage(small: bytes, length: int) -> None:
    with pytest.raises(Damaged):
        headers_of(small[:length])


@settings(max_examples=200, deadline=None)
@given(MUTATIONS)
def test_a_changed_database_is_read_or_damaged(small: bytes, mutations: list[tuple[int, bytes]]) -> None:
    content = bytearray(small)
    for offset, written in mutations:
        content[offset % 200 : offset % 200 + len(written)] = written
    try:
        headers_of(bytes(content))
    except Damaged:
        pass
