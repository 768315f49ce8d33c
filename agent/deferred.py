"""Modules of the standard library that are loaded when something of them is used, and not by the import that names them."""

from __future__ import annotations

import sys
from collections import namedtuple
from types import ModuleType

_OURS = __name__.partition(".")[0] + "."


class Deferred(ModuleType):
    """Stands for a module that is no package until something of it is asked for."""

    def __getattr__(self, name: str) -> object:
        """Load the module and give what is asked for; __path__ is what every import asks for."""
        if name == "__path__":
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(__import__(self.__name__), name)


class Untyped(Deferred):
    """Stands for typing, of which our modules use next to nothing when they run: a tenth of a small scan.

    typing compiles each annotation of every named tuple, too. What annotates is a Hint here; whoever is no module
    of ours is given the real thing.
    """

    def __getattr__(self, name: str) -> object:
        """Give the stand-in to a module of ours that asks for something that has one."""
        if name in _STAND_INS and str(sys._getframe(1).f_globals.get("__name__")).startswith(_OURS):
            return _STAND_INS[name]
        return super().__getattr__(name)


class _Hint:
    """Stands for what types are made of."""

    def __getitem__(self, _: object) -> _Hint:
        return self

    def __call__(self, *_: object, **__: object) -> _Hint:
        return self


class _Base:
    """Stands for Protocol and Generic, which give a class nothing when it runs."""

    def __class_getitem__(cls, _: object) -> type:
        return cls


class _TupleType(type):
    """Makes the class that a NamedTuple is declared as, as typing does but for its annotations, which stay text."""

    def __new__(cls, name: str, _: tuple[type, ...], namespace: dict[str, object]) -> type:
        annotations: dict[str, str] = namespace.get("__annotations__", {})  # type: ignore[assignment]
        defaults = [namespace[field] for field in annotations if field in namespace]
        made = namedtuple(name, annotations, defaults=defaults, module=str(namespace["__module__"]))  # type: ignore[misc]
        for attribute, value in namespace.items():
            if attribute not in annotations and attribute not in _OF_EVERY_CLASS:
                setattr(made, attribute, value)
        made.__annotations__ = annotations
        return made


class _NamedTuple:
    def __mro_entries__(self, _: tuple[object, ...]) -> tuple[type]:
        return (_TUPLE,)


def _cast(_: object, value: object) -> object:
    return value


_OF_EVERY_CLASS = frozenset(("__module__", "__qualname__", "__annotations__", "__dict__", "__weakref__"))
_TUPLE = type.__new__(_TupleType, "NamedTuple", (), {})
_HINT = _Hint()
_STAND_INS: dict[str, object] = {
    **dict.fromkeys(("Any", "BinaryIO", "Callable", "ClassVar", "NoReturn", "TextIO", "TypeVar", "Union"), _HINT),
    **dict.fromkeys(("Generic", "Protocol"), _Base),
    "NamedTuple": _NamedTuple(),
    "TYPE_CHECKING": False,
    "cast": _cast,
}
