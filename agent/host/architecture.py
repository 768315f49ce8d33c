"""The machine that a tree's programs are for."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from agent.formats.elf import HEAD, machine
from agent.host.errors import NotAFile

if TYPE_CHECKING:
    from agent.host import Host
    from agent.host.root import HostRoot

PROGRAMS = ("/bin/sh", "/usr/bin/env", "/sbin/init", "/usr/bin/python3", "/lib*/ld-*.so*", "/lib/*/ld-*.so*")
"""Files that most trees have, the loader last: an image without a shell still has that."""


def architecture(host: Host) -> str | None:
    """Give the running kernel's machine, or of a tree that does not run the machine of its own programs.

    None when none of PROGRAMS is an ELF file. OSError as HostRoot's.
    """
    return os.uname().machine if host.proc else _of_programs(host.root)


def _of_programs(root: HostRoot) -> str | None:
    for pattern in PROGRAMS:
        for path in root.glob(pattern):
            found = _of_program(root, path)
            if found:
                return found
    return None


def _of_program(root: HostRoot, path: str) -> str | None:
    try:
        with root.open(path) as program:
            return machine(program.read(HEAD))
    except (FileNotFoundError, NotAFile):
        return None
