"""Landlock (Linux 5.13): a process that can write nowhere but below its own folders, and execute nothing.

Reading stays free, because reading the host is the job, but for a process that reads one container: that reads nothing
else. See Documentation/userspace-api/landlock.rst.
"""

from __future__ import annotations

import ctypes
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_CREATE_RULESET = 444
_ADD_RULE = 445
_RESTRICT_SELF = 446
"""System call numbers, the same on every architecture."""
_VERSION = 1
_PATH_BENEATH = 1

_EXECUTE = 1 << 0
_WRITE_FILE = 1 << 1
_READ = (1 << 2) | (1 << 3)
"""LANDLOCK_ACCESS_FS_READ_FILE and READ_DIR."""
_REMOVE_AND_MAKE = sum(1 << bit for bit in range(4, 13))
"""LANDLOCK_ACCESS_FS_REMOVE_DIR to LANDLOCK_ACCESS_FS_MAKE_SYM."""
_REFER = 1 << 13
_TRUNCATE = 1 << 14
_SINCE = {2: _REFER, 3: _TRUNCATE}
"""Rights that came with a later version of the interface."""


class _Ruleset(ctypes.Structure):
    _fields_ = (("handled_access_fs", ctypes.c_uint64),)


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


def confine_writes(libc: ctypes.CDLL, writable: tuple[str, ...]) -> bool:
    """Forbid this process to write outside of some folders and to execute; False where Landlock is missing."""
    writing = _writing(libc)
    if writing is None:
        return False
    folders = [os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC) for folder in writable]
    try:
        return _restrict(libc, writing | _EXECUTE, writing, folders)
    finally:
        for fd in folders:
            os.close(fd)


def confine_to(libc: ctypes.CDLL, trees: Sequence[int]) -> bool:
    """Forbid this process to read but below some open directories, to write and to execute; False where Landlock is missing."""
    writing = _writing(libc)
    return writing is not None and _restrict(libc, writing | _EXECUTE | _READ, _READ, trees)


def has_landlock(libc: ctypes.CDLL) -> bool:
    """Tell whether this kernel has Landlock."""
    return _writing(libc) is not None


def _writing(libc: ctypes.CDLL) -> int | None:
    """Give the rights of writing that this kernel knows; None where it has no Landlock."""
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION)
    if version < 1:
        return None
    return _WRITE_FILE | _REMOVE_AND_MAKE | sum(right for since, right in _SINCE.items() if version >= since)


def _restrict(libc: ctypes.CDLL, handled: int, allowed: int, folders: Sequence[int]) -> bool:
    """Deny what is handled but for what is allowed below some open directories."""
    rules = _Ruleset(handled)
    ruleset = libc.syscall(_CREATE_RULESET, ctypes.byref(rules), ctypes.c_size_t(ctypes.sizeof(rules)), 0)
    if ruleset < 0:
        return False
    try:
        granted = all(_allow(libc, ruleset, folder, allowed) for folder in folders)
        return bool(granted and libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _allow(libc: ctypes.CDLL, ruleset: int, folder: int, rights: int) -> bool:
    rule = _PathBeneath(rights, folder)
    return bool(libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0) == 0)
