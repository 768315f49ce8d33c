"""Starts one of our modules in a fresh interpreter, fast: python -I -S .../agent/start.py PATH MODULE [WORD ...].

Where the modules are in one archive there is no such file, and python -I -S -c starts it with the same words.

A worker lives for a tenth of a second, a third of which would go into finding out where modules are (site), into
running one of them by name (runpy), and into code that modules of the standard library load for the rare case
(see stand_in). So the parent hands its module path down, and such code is put off until somebody uses it (agent.deferred).
"""

from __future__ import annotations

import gc
import os
import sys

GARBAGE = 50_000
"""Objects between two searches for cycles: imports and records make few, and searching costs a tenth of a scan."""


_FROM_ARCHIVE = "import sys; sys.path[:] = sys.argv[1].split(':'); from agent.start import main; main()"
"""Does what executing this file does, where it is in an archive."""


def words(module: str) -> list[str]:
    """Give the words that start a module of ours with this process's interpreter and module path."""
    path = os.pathsep.join(entry for entry in sys.path if entry.startswith("/"))
    flags = ["-I", "-S", *(["-B"] if sys.flags.dont_write_bytecode else [])]
    from_where = ["-c", _FROM_ARCHIVE] if hasattr(globals()["__loader__"], "archive") else [__file__]
    return [sys.executable, *flags, *from_where, path, module]


def main() -> None:
    """Start what the command line names."""
    _, path, module, *sys.argv[1:] = sys.argv
    start(path, module)


def start(path: str, module: str) -> None:
    """Be a module's process: call its main with the words that follow, and end."""
    gc.set_threshold(GARBAGE)
    sys.path[:] = path.split(os.pathsep)
    stand_in()
    __import__(module)
    end(sys.modules[module].main(sys.argv[1:]))


def stand_in() -> None:
    """Put off what dataclasses needs for classes without a docstring (inspect) and for asdict (copy), and typing.

    And argparse, which writes its messages through gettext, for which nobody ships a translation, is spared a search
    for one in the folders of the locale.
    """
    from agent.deferred import Deferred, Untyped  # noqa: PLC0415 - it needs the path that was handed down

    translations = Deferred("gettext")
    translations.__dict__.update(gettext=str, ngettext=_one_or_many)
    for module in (Deferred("inspect"), Deferred("copy"), Untyped("typing"), translations):
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
    main()
