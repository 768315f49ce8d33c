"""The command stocktake: what is asked becomes one call, and what went wrong becomes one clear line."""

from __future__ import annotations

import gc
import io
import os
import sys
from typing import TYPE_CHECKING

from agent.cli import exit as codes
from agent.cli.parser import parse
from agent.cli.table import shown
from agent.config import ConfigurationError
from agent.start import GARBAGE, end

if TYPE_CHECKING:
    from collections.abc import Sequence


def command() -> None:
    """Be the process of the command."""
    end(main())


def main(words: Sequence[str] | None = None) -> int:
    """Run the command; give its exit code."""
    _require_streams()
    gc.set_threshold(GARBAGE)
    try:
        return _call(sys.argv[1:] if words is None else words)
    finally:
        _let_go_of_output()


def _call(words: Sequence[str]) -> int:
    arguments = parse(words)
    try:
        code = int(arguments.command(arguments))
        sys.stdout.flush()
        return code
    except ConfigurationError as error:
        return _refuse(codes.USAGE, *(str(problem) for problem in error.problems))
    except BrokenPipeError:
        return codes.OK
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - users get a line, not a traceback
        return _failed(error)


def _failed(error: Exception) -> int:
    """Say what went wrong; only a command that fails pays for knowing."""
    from agent.worker.observe import failure  # noqa: PLC0415
    from agent.worker.state import Locked, StateRefused  # noqa: PLC0415

    if isinstance(error, StateRefused):
        return _refuse(codes.USAGE, str(error))
    if isinstance(error, Locked):
        return _refuse(codes.LOCKED, str(error))
    return _refuse(codes.INTERNAL, failure(error).error)


def _refuse(code: int, *lines: str) -> int:
    for line in lines:
        sys.stderr.write(f"stocktake: {shown(line)}\n")
    return code


def _require_streams() -> None:
    """See that there is an output and an error stream, and that every name can be written in any locale."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - for the rest of the process
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - for the rest of the process
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _let_go_of_output() -> None:
    """Send what nobody took nowhere: the interpreter would try once more as it ends, and complain."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
