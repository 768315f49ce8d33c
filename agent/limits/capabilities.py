"""Linux capabilities that a worker keeps: to read what others own, and nothing with which to change the host.

Only the effective set shrinks. The permitted one stays, for the host section tells of it; that nobody raises
a capability again is seccomp's part, which denies capset. See capset(2) and capabilities(7).
"""

from __future__ import annotations

import ctypes

_VERSION_3 = 0x20080522
DAC_OVERRIDE = 1
DAC_READ_SEARCH = 2
SYS_PTRACE = 19
SYS_ADMIN = 21


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Sets(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


def keep_effective(libc: ctypes.CDLL, kept: tuple[int, ...]) -> bool:
    """Let only some capabilities, of those that there are, stay effective; False when the kernel refuses.

    Nothing is asked of it where there are no others: a service manager that gave no more may forbid the call.
    """
    header = _Header(_VERSION_3, 0)
    sets = (_Sets * 2)()
    if libc.capget(ctypes.byref(header), ctypes.byref(sets)) != 0:
        return False
    mask = sum(1 << bit for bit in kept)
    before = [words.effective for words in sets]
    for half, words in enumerate(sets):
        words.effective &= mask >> 32 * half & 0xFFFFFFFF
    if before == [words.effective for words in sets]:
        return True
    return bool(libc.capset(ctypes.byref(header), ctypes.byref(sets)) == 0)
