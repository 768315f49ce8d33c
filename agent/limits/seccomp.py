"""A seccomp filter: system calls that no collector has a use for answer EPERM. Threads may be started, processes may not.

RLIMIT_NPROC does not stop fork as root, and Landlock knows nothing of processes, mounts, modules or
sockets; this does. See seccomp(2) and Documentation/userspace-api/seccomp_filter.rst.
"""

from __future__ import annotations

import ctypes
import errno
import os

_PR_SET_SECCOMP = 22
_MODE_FILTER = 2
_ALLOW = 0x7FFF0000
_KILL_PROCESS = 0x80000000
_EPERM = 0x00050000 | errno.EPERM
_ENOSYS = 0x00050000 | errno.ENOSYS
_LOAD_WORD = 0x20
_JUMP_EQUAL = 0x15
_JUMP_AT_LEAST = 0x35
_JUMP_IF_SET = 0x45
_RETURN = 0x06
_OFFSET_NUMBER = 0
_OFFSET_ARCHITECTURE = 4
_OFFSET_FIRST_ARGUMENT = 16
_X32 = 0x40000000
"""Bit of the numbers of x86-64's x32 calls, which would get round a list of the others."""

_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
"""Machine to its column in the tables below and its AUDIT_ARCH constant (linux/audit.h)."""

_DENIED: dict[str, tuple[int, int | None]] = {
    # starting programs and processes
    "fork": (57, None),
    "vfork": (58, None),
    "execve": (59, 221),
    "execveat": (322, 281),
    # acting on other processes
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kill": (62, 129),
    "tkill": (200, 130),
    "tgkill": (234, 131),
    "pidfd_send_signal": (424, 424),
    "pidfd_getfd": (438, 438),
    # changing what is mounted
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    # changing the system
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "perf_event_open": (298, 241),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    # changing who the process is
    "setuid": (105, 146),
    "setgid": (106, 144),
    "setreuid": (113, 145),
    "setregid": (114, 143),
    "setresuid": (117, 147),
    "setresgid": (119, 149),
    "setgroups": (116, 159),
    "capset": (126, 91),
    # a second way to make calls
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
}
"""System calls that no worker has a use for: number on x86-64, number on arm64 (None where it has none)."""
_NETWORK: dict[str, tuple[int, int | None]] = {
    "connect": (42, 203),
    "accept": (43, 202),
    "listen": (50, 201),
    "socketpair": (53, 199),
    "accept4": (288, 242),
}
"""System calls that only a worker which delivers may make."""
_CLONE = (56, 220)
"""Number of clone(2), which may start threads alone."""
_CLONE_THREAD = 0x00010000
_CLONE3 = (435, 435)
"""Number of clone3(2). It is not there, for a filter cannot see its flags; the C library takes clone(2) instead."""
_SOCKET = (41, 198)
"""Number of socket(2), which without the network gives netlink sockets alone."""
_AF_NETLINK = 16


class _Instruction(ctypes.Structure):
    _fields_ = (("code", ctypes.c_uint16), ("jt", ctypes.c_uint8), ("jf", ctypes.c_uint8), ("k", ctypes.c_uint32))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("instructions", ctypes.POINTER(_Instruction)))


def deny_system_calls(libc: ctypes.CDLL, network: bool) -> bool:
    """Install the filter; False where this architecture or kernel has none. No new privileges must be set."""
    architecture = _ARCHITECTURES.get(os.uname().machine)
    if architecture is None:
        return False
    column, audit = architecture
    calls = _DENIED if network else {**_DENIED, **_NETWORK}
    numbers = [numbers[column] for numbers in calls.values()]
    denied = [number for number in numbers if number is not None]
    code = _assemble(audit, denied, column, None if network else _SOCKET[column])
    program = _Program(len(code), (_Instruction * len(code))(*code))
    return bool(libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), 0, 0) == 0)


def _assemble(architecture: int, denied: list[int], column: int, socket: int | None) -> list[_Instruction]:
    """Write the filter: a foreign architecture ends the process, a denied number is refused, the rest pass.

    column: Of the machine, in the tables of numbers.
    socket: Number of socket(2) when only netlink sockets may be opened.
    """
    only_netlink = [
        _Instruction(_JUMP_EQUAL, 0, 2, socket or 0),
        _Instruction(_LOAD_WORD, 0, 0, _OFFSET_FIRST_ARGUMENT),
        _Instruction(_JUMP_EQUAL, 0, 1, _AF_NETLINK),
    ]
    tail = only_netlink if socket is not None else []
    only_threads = [
        _Instruction(_JUMP_EQUAL, 0, 2, _CLONE[column]),
        _Instruction(_LOAD_WORD, 0, 0, _OFFSET_FIRST_ARGUMENT),
        _Instruction(_JUMP_IF_SET, len(tail), len(tail) + 1, _CLONE_THREAD),
    ]
    to_refusal = len(denied) + len(only_threads) + len(tail)
    return [
        _Instruction(_LOAD_WORD, 0, 0, _OFFSET_ARCHITECTURE),
        _Instruction(_JUMP_EQUAL, 1, 0, architecture),
        _Instruction(_RETURN, 0, 0, _KILL_PROCESS),
        _Instruction(_LOAD_WORD, 0, 0, _OFFSET_NUMBER),
        _Instruction(_JUMP_AT_LEAST, to_refusal + 3, 0, _X32),
        _Instruction(_JUMP_EQUAL, 0, 1, _CLONE3[column]),
        _Instruction(_RETURN, 0, 0, _ENOSYS),
        *(_Instruction(_JUMP_EQUAL, to_refusal - position, 0, number) for position, number in enumerate(denied)),
        *only_threads,
        *tail,
        _Instruction(_RETURN, 0, 0, _ALLOW),
        _Instruction(_RETURN, 0, 0, _EPERM),
    ]
