"""Values of a bbolt database, containerd's metadata for one, looked up by the names of nested buckets.

https://github.com/etcd-io/bbolt: a B+ tree of pages that are never changed in place; two meta pages take turns in naming the
root, of which that with the later transaction holds. Pages that a transaction gave up may be written again by a later one, so a
value counts only when the meta pages are the same afterwards.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    ReadAt = Callable[[int, int], bytes]

_MAGIC, _VERSION = 0xED0CDAED, 2
_LEAF, _BRANCH = 0x02, 0x01
_BUCKET = 1
"""Flag of an element whose value is a bucket."""
_PAGE = struct.Struct("<QHHI")
_META_BODY = struct.Struct("<IIIIQQQQQ")
_BRANCH_ELEMENT = struct.Struct("<IIQ")
_LEAF_ELEMENT = struct.Struct("<IIII")
_BUCKET_HEAD = struct.Struct("<QQ")
_PAGE_SIZES = (4096, 16384, 65536, 8192, 32768, 1024, 2048)
_DEPTH = 32
_LARGEST = 16 * 1024 * 1024
"""Bytes of one page with those that follow it."""


class _Meta(NamedTuple):
    page_size: int
    root: int
    transaction: int


def get(read_at: ReadAt, buckets: Sequence[bytes], key: bytes) -> bytes | None:
    """Give the value of a key in nested buckets, None where one of them is not there.

    read_at: Gives bytes at an offset. ValueError when it is no such database, or was changed meanwhile.
    """
    meta = _meta(read_at)
    found = _value(read_at, meta, buckets, key)
    if _meta(read_at) != meta:
        raise ValueError("the database was changed while it was read")
    return found


def _value(read_at: ReadAt, meta: _Meta, buckets: Sequence[bytes], key: bytes) -> bytes | None:
    root, inline = meta.root, b""
    for name in buckets:
        found = _find(read_at, meta, root, inline, name)
        if found is None or not found[0] & _BUCKET or len(found[1]) < _BUCKET_HEAD.size:
            return None
        root, _ = _BUCKET_HEAD.unpack_from(found[1])
        inline = b"" if root else found[1][_BUCKET_HEAD.size :]
    found = _find(read_at, meta, root, inline, key)
    return found[1] if found and not found[0] & _BUCKET else None


def _find(read_at: ReadAt, meta: _Meta, root: int, inline: bytes, key: bytes) -> tuple[int, bytes] | None:
    """Give flags and value of a key in one bucket."""
    page = inline or _page(read_at, meta, root)
    for _ in range(_DEPTH):
        _, flags, count, _ = _unpacked(_PAGE, page, 0)
        if flags & _LEAF:
            return _in_leaf(page, count, key)
        if not flags & _BRANCH:
            break
        page = _page(read_at, meta, _below(page, count, key))
    raise ValueError("a page of the database is neither a branch nor a leaf, or lies too deep")


def _below(page: bytes, count: int, key: bytes) -> int:
    """Give the page below a branch in which a key would be: that of the last key that is not greater."""
    found = None
    for number in range(count):
        at = _PAGE.size + number * _BRANCH_ELEMENT.size
        position, size, below = _unpacked(_BRANCH_ELEMENT, page, at)
        if found is not None and page[at + position : at + position + size] > key:
            break
        found = below
    if found is None:
        raise ValueError("a branch of the database is empty")
    return int(found)


def _in_leaf(page: bytes, count: int, key: bytes) -> tuple[int, bytes] | None:
    for number in range(count):
        at = _PAGE.size + number * _LEAF_ELEMENT.size
        flags, position, key_size, value_size = _unpacked(_LEAF_ELEMENT, page, at)
        start = at + position
        if page[start : start + key_size] == key:
            return flags, page[start + key_size : start + key_size + value_size]
    return None


def _page(read_at: ReadAt, meta: _Meta, number: int) -> bytes:
    """Read a page with those that it overflows into."""
    head = read_at(number * meta.page_size, _PAGE.size)
    own, _, _, overflow = _unpacked(_PAGE, head, 0)
    size = (overflow + 1) * meta.page_size
    if own != number or size > _LARGEST:
        raise ValueError("a page of the database is not where it should be")
    return read_at(number * meta.page_size, size)


def _meta(read_at: ReadAt) -> _Meta:
    """Give the meta page that holds; the first one tells the size of pages, where it is sound."""
    metas = [found for found in (_meta_at(read_at, 0), *(_meta_at(read_at, size) for size in _PAGE_SIZES)) if found]
    if not metas:
        raise ValueError("it is no bbolt database")
    return max(metas, key=lambda meta: meta.transaction)


def _meta_at(read_at: ReadAt, offset: int) -> _Meta | None:
    content = read_at(offset, _PAGE.size + _META_BODY.size)
    if len(content) < _PAGE.size + _META_BODY.size:
        return None
    magic, version, size, _, root, _, _, _, transaction = _META_BODY.unpack_from(content, _PAGE.size)
    sound = magic == _MAGIC and version == _VERSION and size in _PAGE_SIZES and offset in (0, size)
    return _Meta(size, root, transaction) if sound else None


def _unpacked(form: struct.Struct, content: bytes, offset: int) -> tuple[int, ...]:
    try:
        return form.unpack_from(content, offset)
    except struct.error:
        raise ValueError("a page of the database is cut off") from None
