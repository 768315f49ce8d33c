"""Landlock (Linux 5.13): a process that can write nowhere but below its own folders, and execute nothing.

Reading stays free, because reading the host is the job. See Documentation/userspace-api/landlock.rst.
"""

from __future__ import annotations

import ctypes
import os

_CREATE_RULESET = 444
_ADD_RULE = 445
_RESTRICT_SELF = 446
"""System call numbers, the same on every architecture."""
_VERSION = 1
_PATH_BENEATH = 1

_EXECUTE = 1 << 0
_WRITE_FILE = 1 << 1
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
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION)
    if version < 1:
        return False
    writing = _WRITE_FILE | _REMOVE_AND_MAKE
    for since, right in _SINCE.items():
        writing |= right if version >= since else 0
    rules = _Ruleset(writing | _EXECUTE)
    ruleset = libc.syscall(_CREATE_RULESET, ctypes.byref(rules), ctypes.c_size_t(ctypes.sizeof(rules)), 0)
    if ruleset < 0:
        return False
    try:
        allowed = all(_allow(libc, ruleset, folder, writing) for folder in writable)
        return bool(allowed and libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _allow(libc: ctypes.CDLL, ruleset: int, folder: str, rights: int) -> bool:
    fd = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        rule = _PathBeneath(rights, fd)
        return bool(libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0) == 0)
    finally:
        os.close(fd)
