"""Starts one of our modules in a fresh interpreter, fast: python -I -S .../agent/start.py PATH MODULE [WORD ...].

A worker lives for a tenth of a second, a third of which would go into finding out where modules are (site), into
running one of them by name (runpy), and into code that modules of the standard library load for the rare case
(see stand_in). So the parent hands its module path down, and such code is put off until somebody uses it.
"""

from __future__ import annotations

import gc
import os
import sys
from types import ModuleType

GARBAGE = 50_000
"""Objects between two searches for cycles: imports and records make few, and searching costs a tenth of a scan."""


class Deferred(ModuleType):
    """Stands for a module that is no package until something of it is asked for."""

    def __getattr__(self, name: str) -> object:
        """Load the module and give what is asked for; __path__ is what every import asks for."""
        if name == "__path__":
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(__import__(self.__name__), name)


def words(module: str) -> list[str]:
    """Give the words that start a module of ours with this process's interpreter and module path."""
    path = os.pathsep.join(entry for entry in sys.path if entry.startswith("/"))
    return [sys.executable, "-I", "-S", __file__, path, module]


def start(path: str, module: str) -> None:
    """Be a module's process: call its main with the words that follow, and end."""
    gc.set_threshold(GARBAGE)
    sys.path[:] = path.split(os.pathsep)
    stand_in()
    __import__(module)
    end(sys.modules[module].main(sys.argv[1:]))


def stand_in() -> None:
    """Put off what dataclasses needs for classes without a docstring (inspect) and for asdict (copy).

    And argparse, which writes its messages through gettext, for which nobody ships a translation, is spared a search
    for one in the folders of the locale.
    """
    translations = Deferred("gettext")
    translations.__dict__.update(gettext=str, ngettext=_one_or_many)
    for module in (Deferred("inspect"), Deferred("copy"), translations):
        sys.modules.setdefault(module.__name__, module)


def end(code: int) -> None:
    """End this process now: what is written is out, and tidying up memory that goes anyway is not waited for."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            pass  # the reader went away; the exit code is all that is left to tell
    os._exit(code)


def _one_or_many(one: str, many: str, count: int) -> str:
    return one if count == 1 else many


if __name__ == "__main__":
    _, module_path, module_name, *sys.argv[1:] = sys.argv
    start(module_path, module_name)
