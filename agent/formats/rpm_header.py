"""The header of an installed package as rpm's database holds it (rpm's lib/header.c, docs/manual/format_header.md).

It begins with two numbers, those of its tags and of its bytes of data; an index follows, of which each entry gives a
tag, the type of its values, where in the data they begin and how many they are. All numbers are big-endian.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from agent.formats.rpmdb import Damaged

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from agent.formats.rpmdb import Value

LIMIT = 16 * 1024 * 1024
"""Bytes that a header may have: some 100,000 files."""
COUNT_LIMIT = 250_000
"""Values that a tag may have."""
TEXT_LIMIT = 16 * 1024
"""Bytes that a single text may have; the longest are licences."""

NAME, VERSION, RELEASE, EPOCH = 1000, 1001, 1002, 1003
INSTALL_TIME, VENDOR, LICENSE, GROUP, ARCH = 1008, 1011, 1014, 1016, 1022
OLD_FILE_NAMES, FILE_STATES, FILE_MODES, FILE_DIGESTS, FILE_FLAGS = 1027, 1029, 1030, 1035, 1037
FILE_VERIFY_FLAGS = 1045
SOURCE_RPM, DIR_INDEXES, BASE_NAMES, DIR_NAMES = 1044, 1116, 1117, 1118
FILE_DIGEST_ALGORITHM, MODULARITY_LABEL = 5011, 5096
SIG_PGP, SIG_GPG, DSA_HEADER, RSA_HEADER, OPENPGP = 259, 262, 267, 268, 278
"""Tags (rpm's include/rpm/rpmtag.h); those of signatures are the ones of the signature header, which rpm merges in."""

_CHAR, _INT8, _INT16, _INT32, _INT64, _STRING, _BINARY, _STRINGS, _I18N = range(1, 10)
_NUMBERS = {_CHAR: "B", _INT8: "B", _INT16: "H", _INT32: "L", _INT64: "Q"}
_TEXTS = frozenset((_STRING, _STRINGS, _I18N))
_TAGS_LIMIT = 0xFFFF
_START = struct.Struct(">LL")
_ENTRY_BYTES = 16
_PIECE = 64 * 1024
"""Bytes of texts that are taken apart at once; one of them is shorter than that."""


class Header:
    """The tags of one package, decoded when they are asked for.

    A tag that comes twice has its last values: what rpm adds as it installs replaces what the package came with.
    Every method raises Damaged where the header is not what it says.

    ahead: Bytes of it that were read at first.
    """

    def __init__(self, value: Value, ahead: int) -> None:
        """Read the first so many bytes of a header; the rest follows if a tag that is asked for is there."""
        self._value = value
        self._bytes = value(ahead)
        self.ahead = len(self._bytes)
        if self.ahead < _START.size:
            raise Damaged("the header is cut off")
        tags, length = _START.unpack_from(self._bytes)
        self._data = _START.size + tags * _ENTRY_BYTES
        self._end = self._data + length
        if not 0 < tags <= _TAGS_LIMIT:
            raise Damaged("the header has no tags, or more than there can be")
        self._require(self._data)
        self._entries = struct.unpack_from(f">{tags * 4}L", self._bytes, _START.size)
        self._index = dict(zip(self._entries[::4], range(0, tags * 4, 4)))

    def text(self, tag: int) -> str | None:
        """Give the text of a tag, the first if it has several; None without the tag."""
        place = self._place(tag, _TEXTS)
        if not place:
            return None
        start = place[1]
        last = min(self._end, start + TEXT_LIMIT)
        end = self._bytes.find(b"\0", start, last)
        if end < 0:
            self._require(last)
            end = self._bytes.find(b"\0", start, last)
        if end < 0:
            raise Damaged(f"a text of the header is longer than {TEXT_LIMIT} bytes, or has no end")
        return self._bytes[start:end].decode("utf-8", "surrogateescape")

    def texts(self, tag: int) -> Iterator[str]:
        """Give the texts of a tag, of which there are count(tag); none without the tag."""
        place = self._place(tag, _TEXTS)
        if place:
            self._require(self._end)
            yield from self._split(place[1], self.count(tag))

    def number(self, tag: int) -> int | None:
        """Give the number of a tag, the first if it has several; None without the tag."""
        place = self._place(tag, _NUMBERS)
        if not place:
            return None
        kind, start = place
        return int.from_bytes(self._cut(start, struct.calcsize(f">{_NUMBERS[kind]}")), "big")

    def numbers(self, tag: int) -> tuple[int, ...]:
        """Give the numbers of a tag; none without the tag."""
        place = self._place(tag, _NUMBERS)
        if not place:
            return ()
        layout = struct.Struct(f">{self.count(tag)}{_NUMBERS[place[0]]}")
        return layout.unpack(self._cut(place[1], layout.size))

    def binary(self, tag: int) -> bytes | None:
        """Give the bytes of a tag; None without the tag."""
        place = self._place(tag, (_BINARY, _CHAR, _INT8))
        return self._cut(place[1], self.count(tag)) if place else None

    def count(self, tag: int) -> int:
        """Tell how many values a tag has; 0 without the tag."""
        entry = self._index.get(tag)
        count = 0 if entry is None else self._entries[entry + 3]
        if count > COUNT_LIMIT:
            raise Damaged(f"a tag of the header has more than {COUNT_LIMIT} values")
        return count

    def _place(self, tag: int, kinds: Container[int]) -> tuple[int, int] | None:
        """Give the type of a tag and where its values begin."""
        entry = self._index.get(tag)
        if entry is None:
            return None
        kind, offset = self._entries[entry + 1 : entry + 3]
        if kind not in kinds:
            raise Damaged("a tag of the header is of another type than it should be")
        self._require(self._data + offset)
        return kind, self._data + offset

    def _cut(self, start: int, length: int) -> bytes:
        self._require(start + length)
        return self._bytes[start : start + length]

    def _split(self, start: int, count: int) -> Iterator[str]:
        """Take apart so many texts, a piece of them at a time."""
        while count > 0:
            piece = self._bytes[start : min(start + _PIECE, self._end)]
            end = piece.rfind(b"\0")
            if end < 0:
                raise Damaged("a text of the header has no end")
            found = piece[:end].decode("utf-8", "surrogateescape").split("\0")
            yield from found[:count]
            count -= len(found)
            start += end + 1

    def _require(self, end: int) -> None:
        """Have the header's bytes up to a place."""
        if end <= len(self._bytes):
            return
        if self._end > LIMIT:
            raise Damaged(f"the header is longer than {LIMIT} bytes")
        if end <= self._end:
            self._bytes = self._value(self._end)
        if end > len(self._bytes):
            raise Damaged("the header is cut off")
