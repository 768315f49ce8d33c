"""Canonical JSON of records: the bytes that are stored, compared, digested and sent.

Objects are written as RFC 8785 prescribes for what records hold (strings, integers, booleans, null,
arrays of these): sorted names, no white space, UTF-8. The same fact is the same bytes everywhere.
"""

from __future__ import annotations

import json
import re
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from agent.model.form import ENCODER, Form
from agent.model.record import names
from agent.model.records import class_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agent.model.records import Record


class Line(NamedTuple):
    """A record as it is stored and sent; lines sort by key_json, as bytes.

    key_json: The key as a JSON string.
    stable: Canonical JSON object of kind, key and every field that is not volatile.
    volatile: Canonical JSON object of the volatile fields.
    """

    key_json: bytes
    stable: bytes
    volatile: bytes


_CANONICAL = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"), sort_keys=True)
_AMBIGUOUS = r"\\(?=x5c|x[89a-f][0-9a-f])"
_SURROGATE = "[\ud800-\udfff]"
_ESCAPE = r"\\x(5c|[89a-f][0-9a-f])"
"""Patterns that are compiled when a name needs them, which few hosts have."""


def dumps(value: Any, *, canonical: bool = True) -> bytes:
    """Write a JSON value; names that are not UTF-8 are made printable (see printable).

    canonical: Whether the names in objects are sorted; if not they stay in their order.
    """
    return _utf8((_CANONICAL if canonical else ENCODER).encode, value)


def printable(text: str) -> str:
    r"""Write bytes that are not UTF-8 (surrogate escapes) as \xNN, without ambiguity.

    A backslash that would look like such an escape is itself written \x5c, so that two different
    names never become one.
    """
    return re.sub(_SURROGATE, _escape_surrogate, re.sub(_AMBIGUOUS, r"\\x5c", text))


def original(text: str) -> str:
    """Undo printable."""
    return re.sub(_ESCAPE, _unescape, text)


def encode(record: Record) -> Line:
    """Write a record as the line that represents it."""
    plan = _plan(type(record))
    stable = _utf8(plan.stable.fill, plan.stable_of(record))
    volatile = _utf8(plan.volatile.fill, plan.volatile_of(record)) if plan.volatile else b"{}"
    return Line(dumps(record.key), stable, volatile)


def decode(stable: bytes, volatile: bytes = b"{}") -> Record:
    """Read a record back; ValueError when it is not one of this version's records."""
    try:
        columns = json.loads(stable)
        columns.update(json.loads(volatile))
        if b"\\\\x" in stable or b"\\\\x" in volatile:
            columns = _each_text(original, columns)
        kind = class_of(columns.pop("kind"))
        del columns["key"]
        record: Record = kind(
            **{name: tuple(value) if isinstance(value, list) else value for name, value in columns.items()}
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"not a record: {error}") from None
    return record


def as_line(record: Record, section: str) -> bytes:
    """Give the line that `--format ndjson` prints for a record; its own field section, where it has one, is the section."""
    plan = _plan(type(record))
    values = vars(record)
    if plan.has_section:
        values = dict(values)
        section = values.pop("section")
    return _utf8(plan.printed.fill, (section, record.KIND, record.key, *values.values())) + b"\n"


class _Plan(NamedTuple):
    """How records of a kind are written: forms, and what gives the values that fill them."""

    stable: Form
    stable_of: Callable[[Record], tuple[Any, ...]]
    volatile: Form | None
    volatile_of: Callable[[Record], tuple[Any, ...]]
    printed: Form
    has_section: bool


@cache
def _plan(kind: type[Record]) -> _Plan:
    declared = names(kind)
    volatile = sorted(kind.VOLATILE)
    stable = sorted({"kind", "key", *declared}.difference(volatile))
    return _Plan(
        Form(stable),
        _getter(stable),
        Form(volatile) if volatile else None,
        _getter(volatile),
        Form(tuple(dict.fromkeys(("section", "kind", "key", *declared)))),
        "section" in declared,
    )


def _getter(names: Sequence[str]) -> Callable[[Record], tuple[Any, ...]]:
    """Fetch several attributes in one call; attrgetter alone gives no tuple for a single name."""
    attributes = ["KIND" if name == "kind" else name for name in names]
    if len(attributes) > 1:
        return attrgetter(*attributes)
    return lambda record: tuple(getattr(record, attribute) for attribute in attributes)


def _utf8(write: Callable[[Any], str], value: Any) -> bytes:
    """Write a value; what holds names that are not UTF-8, or look like their escapes, is made printable first."""
    text = write(value)
    if "\\\\x" not in text:
        try:
            return text.encode()
        except UnicodeEncodeError:
            pass
    return write(_each_text(printable, value)).encode()


def _each_text(change: Callable[[str], str], value: Any) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {change(name): _each_text(change, inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_each_text(change, inner) for inner in value]
    return value


def _unescape(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return "\\" if code == ord("\\") else chr(0xDC00 + code)


def _escape_surrogate(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else "\N{REPLACEMENT CHARACTER}"
