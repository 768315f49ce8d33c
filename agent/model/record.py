"""Declares a kind of record: what dataclass(frozen=True) is, at a fiftieth of its cost.

dataclasses writes and compiles six methods for each class, which takes a millisecond of every start for one of 26
fields, and then sets each field of each record by a call. Here all kinds share the methods but __init__, which fills
all fields in. For type checkers it is the decorator of dataclasses itself, and its functions work on such classes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import dataclass as record
else:

    def record(*, frozen: bool) -> Callable[[type], type]:
        """Make a class a frozen dataclass, which has to be said as the decorator of dataclasses wants it."""
        if not frozen:
            raise ValueError("a record never changes")
        return _declared


__all__ = ["names", "record", "replace"]

R = TypeVar("R")


def names(kind: type) -> tuple[str, ...]:
    """Give the names of the fields of a kind, in their order."""
    return tuple(name for name, annotation in kind.__annotations__.items() if not annotation.startswith("ClassVar"))


def replace(given: R, **changes: Any) -> R:
    """Give a record that differs in some fields, as replace of dataclasses does."""
    return type(given)(**{**given.__dict__, **changes})


class _Fields:
    """What dataclasses knows a dataclass by, made when it is asked for, which the agent itself never does."""

    def __get__(self, _: object, kind: Any) -> Any:
        from dataclasses import dataclass  # noqa: PLC0415 - a millisecond, and two of the watcher's MiB

        del kind.__dataclass_fields__
        return dataclass(init=False, repr=False, eq=False)(kind).__dataclass_fields__


def _declared(kind: type) -> type:
    declared: Any = kind
    declared.__init__ = _init(declared)
    declared.__dataclass_fields__ = _Fields()
    for name, method in _SHARED.items():
        setattr(declared, name, method)
    return kind


def _init(kind: Any) -> Callable[..., None]:
    """Write the method that takes the values of the fields."""
    fields = names(kind)
    lines = (f" values[{name!r}] = {name}" for name in fields)
    source = "\n".join((f"def __init__(self, {', '.join(fields)}):", " values = self.__dict__", *lines))
    written: dict[str, Any] = {}
    exec(source, {}, written)  # noqa: S102 - as dataclasses and namedtuple do: the names are those of our own fields
    init: Callable[..., None] = written["__init__"]
    init.__defaults__ = tuple(vars(kind)[name] for name in fields if name in vars(kind))
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
    from dataclasses import FrozenInstanceError  # noqa: PLC0415 - nobody tries

    raise FrozenInstanceError(f"{type(self).__qualname__}.{name} cannot be changed")


_SHARED = {"__repr__": _repr, "__eq__": _eq, "__hash__": _hash, "__setattr__": _refuse, "__delattr__": _refuse}
