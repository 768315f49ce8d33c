"""JSON that anybody may have written: read within bounds of depth and of the number of values."""

from __future__ import annotations

import json
from codecs import BOM_UTF8

_DECODER = json.JSONDecoder(parse_int=str, parse_float=str)  # turning a million digits into a number takes seconds
_VALUES_LIMIT = 200_000


def read(content: bytes) -> object:
    """Read a JSON document; numbers stay the text that they are written as.

    Bytes that are no UTF-8 are replaced, and a byte order mark is skipped, as JavaScript does both.
    ValueError when it is malformed, nested too deep or holds too many values; it quotes nothing of the content.
    """
    if len(content) > _VALUES_LIMIT and content.count(b",") + content.count(b"[") + content.count(b"{") > _VALUES_LIMIT:
        raise ValueError(f"the JSON holds more than {_VALUES_LIMIT} values")
    text = content[3:] if content.startswith(BOM_UTF8) else content
    try:
        return _DECODER.decode(text.decode("utf-8", "replace"))
    except RecursionError:
        raise ValueError("the JSON is nested too deep") from None
