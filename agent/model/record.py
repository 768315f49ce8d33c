"""Declares a kind of record: what dataclass(frozen=True) is, at a tenth of its cost.

dataclasses writes and compiles six methods for each class, which takes a millisecond of every start for one of 26
fields, and then sets each field of each record by a call. Here all kinds share the methods but __init__, which fills
all fields in. For type checkers it is the decorator of dataclasses itself, and its functions work on such classes.
"""

from __future__ import annotations

from dataclasses import MISSING, FrozenInstanceError, dataclass, fields
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import dataclass as record
else:

    def record(*, frozen: bool) -> Callable[[type], type]:
        """Make a class a frozen dataclass, which has to be said as the decorator of dataclasses wants it."""
        if not frozen:
            raise ValueError("a record never changes")
        return _declared


__all__ = ["record"]


def _declared(kind: type) -> type:
    declared: Any = dataclass(init=False, repr=False, eq=False)(kind)
    declared.__init__ = _init(declared)
    for name, method in _SHARED.items():
        setattr(declared, name, method)
    return kind


def _init(kind: Any) -> Callable[..., None]:
    """Write the method that takes the values of the fields."""
    names = [field.name for field in fields(kind)]
    lines = (f" values[{name!r}] = {name}" for name in names)
    source = "\n".join((f"def __init__(self, {', '.join(names)}):", " values = self.__dict__", *lines))
    written: dict[str, Any] = {}
    exec(source, {}, written)  # noqa: S102 - as dataclasses and namedtuple do: the names are those of our own fields
    init: Callable[..., None] = written["__init__"]
    init.__defaults__ = tuple(field.default for field in fields(kind) if field.default is not MISSING)
    init.__qualname__ = f"{kind.__qualname__}.__init__"
    return init


def _repr(self: Any) -> str:
    values = ", ".join(f"{name}={value!r}" for name, value in self.__dict__.items())
    return f"{type(self).__qualname__}({values})"


def _eq(self: Any, other: object) -> bool:
    return self.__dict__ == other.__dict__ if type(other) is type(self) else NotImplemented


def _hash(self: Any) -> int:
    return hash(tuple(self.__dict__.values()))


def _refuse(self: Any, name: str, *_: object) -> NoReturn:
    raise FrozenInstanceError(f"{type(self).__qualname__}.{name} cannot be changed")


_SHARED = {"__repr__": _repr, "__eq__": _eq, "__hash__": _hash, "__setattr__": _refuse, "__delattr__": _refuse}
