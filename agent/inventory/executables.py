"""Programs that no package owns, which is where software lies that nobody manages."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.host.errors import LimitReached, gap
from agent.host.file_digest import Changing, FileDigests
from agent.model.records import Executable, Gap

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from agent.host.walk import TreeWalk

FORMS = ("elf", "script")
"""What an executable file must be to count as a program."""

_FILE_LIMIT = 1024 * 1024 * 1024
_RUN_LIMIT = 4 * 1024 * 1024 * 1024


class Program(NamedTuple):
    """An executable file.

    path: Where it is, below the root.
    size: Its size, bytes.
    form: elf or script.
    """

    path: str
    size: int
    form: str


def executables(programs: Collection[Program], walk: TreeWalk) -> Iterator[Executable | Gap]:
    """Give the records of programs in the order in which they were met, each with its digest."""
    digests = FileDigests(sum(program.size for program in programs), _FILE_LIMIT)
    end = walk.reads.count + _RUN_LIMIT
    spent = False
    for program in programs:
        if walk.reads.count < end:
            yield from _with_digest(program, walk, digests)
            continue
        if not spent:
            spent = True
            yield Gap("digests of executables", "limit", f"{_RUN_LIMIT} bytes were read; the rest has no digest", None)
        yield Executable(program.path, None, program.size, program.form)


def _with_digest(program: Program, walk: TreeWalk, digests: FileDigests) -> Iterator[Executable | Gap]:
    path, size, form = program
    sha256 = None
    try:
        with walk.again(path, size) as found:
            sha256 = digests.sha256(found)
            size = found.status().st_size
    except FileNotFoundError:
        return
    except (OSError, LimitReached) as error:
        yield gap(path, error, None)
    except Changing as error:
        yield Gap(path, "changed", str(error), None)
    yield Executable(path, sha256, size, form)
