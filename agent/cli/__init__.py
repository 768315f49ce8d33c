"""The command stocktake: what is asked becomes one call, and what went wrong becomes one clear line."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from agent.cli import exit as codes
from agent.cli.parser import parse
from agent.config import ConfigurationError
from agent.worker.observe import failure
from agent.worker.state import Locked, StateRefused

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(words: Sequence[str] | None = None) -> int:
    """Run the command; give its exit code."""
    arguments = parse(sys.argv[1:] if words is None else words)
    try:
        return int(arguments.command(arguments))
    except ConfigurationError as error:
        return _refuse(codes.USAGE, *(str(problem) for problem in error.problems))
    except StateRefused as error:
        return _refuse(codes.USAGE, str(error))
    except Locked as error:
        return _refuse(codes.LOCKED, str(error))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return codes.OK
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - users get a line, not a traceback
        return _refuse(codes.INTERNAL, failure(error).error)


def _refuse(code: int, *lines: str) -> int:
    for line in lines:
        sys.stderr.write(f"stocktake: {line}\n")
    return code
