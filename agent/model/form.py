"""JSON objects that have the same names: these are laid out once, and only the values are written each time."""

from __future__ import annotations

from json import JSONEncoder
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ENCODER = JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"))


class Form:
    """The object of some names, one at least, with places for their values."""

    def __init__(self, names: Sequence[str]) -> None:
        self._pieces = [piece for name in names for piece in (f",{encode_basestring(name)}:", "")]
        self._pieces[0] = "{" + self._pieces[0][1:]
        self._pieces.append("}")

    def fill(self, values: Iterable[Any]) -> str:
        """Give the object with its values in the order of the names."""
        pieces = self._pieces.copy()
        pieces[1::2] = [
            encode_basestring(value) if type(value) is str else "null" if value is None else _other(value)
            for value in values
        ]
        return "".join(pieces)


def _other(value: Any) -> str:
    return str(value) if type(value) is int else ENCODER.encode(value)
