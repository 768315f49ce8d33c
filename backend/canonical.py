"""Checks records without knowing their kinds: canonical JSON as agent.model.codec defines it, with kind and key.

Kinds of newer agents are stored as well, so that nothing here asks agent.model.records.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from backend.errors import Refused

LARGEST_RECORD = 256 * 1024
"""Bytes of one record's canonical JSON."""

_ONE_NUMBER = re.compile(rb'\{(?:"[a-z_]+":(?:null|0|[1-9][0-9]{0,17}))?\}')
"""The volatile fields of most records, told without parsing them."""

_KIND = re.compile(r"[a-z][a-z0-9_]{0,63}")


def identity(stable: bytes) -> tuple[str, bytes]:
    """Give the kind and the key, in UTF-8, of a record's canonical JSON; Refused with 422 for anything else."""
    fields = _canonical_object(stable)
    kind, key = fields.get("kind"), fields.get("key")
    if not isinstance(kind, str) or not valid_kind(kind):
        raise _invalid("a record's kind is not a word of lower-case letters, digits and underscores")
    if not isinstance(key, str):
        raise _invalid("a record's key is not a string")
    return kind, key.encode()


def valid_kind(name: object) -> bool:
    """Tell whether something can be the name of a kind of record."""
    return isinstance(name, str) and _KIND.fullmatch(name) is not None


def check_volatile(volatile: bytes) -> None:
    """Refuse with 422 what is not the canonical JSON of an object."""
    if not _ONE_NUMBER.fullmatch(volatile):
        _canonical_object(volatile)


def key_of(key_json: bytes) -> bytes:
    """Read the key of a delete line, in UTF-8; Refused with 422 when it is not a canonical JSON string."""
    key = _canonical(key_json)
    if not isinstance(key, str):
        raise _invalid("a delete line's key is not a string")
    return key.encode()


def _canonical_object(text: bytes) -> dict[str, Any]:
    value = _canonical(text)
    if not isinstance(value, dict):
        raise _invalid("a record is not an object")
    return value


def _canonical(text: bytes) -> Any:
    if len(text) > LARGEST_RECORD:
        raise _invalid(f"a record is longer than {LARGEST_RECORD} bytes")
    try:
        value = _DECODER.decode(text.decode())
        same = _ENCODER.encode(value).encode() == text
    except (ValueError, RecursionError):
        raise _invalid("a line is not JSON of strings, integers, booleans and null") from None
    if not same:
        raise _invalid("a record is not in canonical form")
    return value


def _not_in_records(_text: str) -> NoReturn:
    raise ValueError("records hold no fractions, NaN or Infinity")


_DECODER = json.JSONDecoder(parse_float=_not_in_records, parse_constant=_not_in_records)
_ENCODER = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"), sort_keys=True)


def _invalid(error: str) -> Refused:
    return Refused(422, error, "send the section again as a snapshot; if that is refused too, report it as an error")
