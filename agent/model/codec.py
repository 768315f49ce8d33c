"""Canonical JSON of records: the bytes that are stored, compared, digested and sent.

Objects are written as RFC 8785 prescribes for what records hold (strings, integers, booleans, null,
arrays of these): sorted names, no white space, UTF-8. The same fact is the same bytes everywhere.
"""

from __future__ import annotations

import json
import re
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from agent.model.records import class_of

if TYPE_CHECKING:
    from collections.abc import Callable

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
_AS_GIVEN = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"))
_AMBIGUOUS = re.compile(r"\\(?=x5c|x[89a-f][0-9a-f])")
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPE = re.compile(r"\\x(5c|[89a-f][0-9a-f])")


def dumps(value: Any, *, canonical: bool = True) -> bytes:
    """Write a JSON value; names that are not UTF-8 are made printable (see printable).

    canonical: Whether the names in objects are sorted; if not they stay in their order.
    """
    encoder = _CANONICAL if canonical else _AS_GIVEN
    text = encoder.encode(value)
    if "\\\\x" not in text:
        try:
            return text.encode()
        except UnicodeEncodeError:
            pass
    return encoder.encode(_each_text(printable, value)).encode()


def printable(text: str) -> str:
    r"""Write bytes that are not UTF-8 (surrogate escapes) as \xNN, without ambiguity.

    A backslash that would look like such an escape is itself written \x5c, so that two different
    names never become one.
    """
    text = _AMBIGUOUS.sub(r"\\x5c", text)
    return _SURROGATE.sub(_escape_surrogate, text)


def original(text: str) -> str:
    """Undo printable."""
    return _ESCAPE.sub(_unescape, text)


def encode(record: Record) -> Line:
    """Write a record as the line that represents it."""
    plan = _plan(type(record))
    key = record.key
    stable = dict(zip(plan.stable, plan.stable_of(record)))
    stable["kind"] = record.KIND
    stable["key"] = key
    volatile = dict(zip(plan.volatile, plan.volatile_of(record))) if plan.volatile else {}
    return Line(dumps(key), dumps(stable), dumps(volatile))


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


def as_object(record: Record, section: str) -> dict[str, Any]:
    """Give the object that `--format json` and `--format ndjson` print for a record."""
    plan = _plan(type(record))
    shown: dict[str, Any] = {"section": section, "kind": record.KIND, "key": record.key}
    shown.update(zip(plan.declared, plan.all_of(record)))
    return shown


class _Plan(NamedTuple):
    declared: tuple[str, ...]
    stable: tuple[str, ...]
    volatile: tuple[str, ...]
    all_of: Any
    stable_of: Any
    volatile_of: Any


@cache
def _plan(kind: type) -> _Plan:
    declared = tuple(field.name for field in fields(kind))
    volatile = tuple(name for name in declared if name in kind.VOLATILE)  # type: ignore[attr-defined]
    stable = tuple(name for name in declared if name not in volatile)
    return _Plan(declared, stable, volatile, _getter(declared), _getter(stable), _getter(volatile))


def _getter(names: tuple[str, ...]) -> Any:
    """Fetch several attributes in one call; attrgetter alone gives no tuple for a single name."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda record: tuple(getattr(record, name) for name in names)


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
