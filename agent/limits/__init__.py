"""What a worker takes from itself before it looks at anything hostile: memory, time, privileges to act.

Everything here is for a child process, which ends with it; nothing can be taken back.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
from typing import TYPE_CHECKING

from agent.limits.capabilities import DAC_OVERRIDE, DAC_READ_SEARCH, SYS_ADMIN, SYS_PTRACE, keep_effective
from agent.limits.landlock import confine_to, confine_writes, has_landlock
from agent.limits.seccomp import deny_system_calls

if TYPE_CHECKING:
    from collections.abc import Callable

MIB = 1024 * 1024
GRACE = 2
"""Processor seconds between the request to end (SIGXCPU) and the end by the kernel."""

_KEPT = (DAC_READ_SEARCH, SYS_PTRACE)
"""Capabilities of every worker. Delivery may also write where its file sink is, a collector that looks into
other processes may also enter their namespaces."""
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_IOPRIO_SET = {"x86_64": 251, "aarch64": 30}
_IOPRIO_IDLE = 3 << 13
"""Class idle of ioprio_set(2): the disk serves this process when nobody else wants it."""

RESERVE = 4 * MIB
"""Bytes of address space, never touched, that a worker holds while it works and lets go of to say that the memory limit
was reached: for what fills the memory may stay."""


class TimedOut(Exception):
    """The worker used up its processor seconds or its time on the wall."""


def apply(memory: int, seconds: int, writable: tuple[str, ...], *, network: bool, traces: bool) -> tuple[str, ...]:
    """Confine this process; give the names of the confinements that this kernel or container refused.

    memory: Address space in MiB beyond what the process has now.
    seconds: Processor seconds; ten times as many may pass on the wall. TimedOut is raised in the main
        thread at either, and the kernel kills soon after the former.
    writable: The only folders that may be written below.
    network: Whether the process may talk to other machines; if not it may ask the kernel by netlink alone.
    traces: Whether it inspects other processes, which Landlock would forbid (ptrace(2) access checks
        of a confined process fail for all outside of its domain), so that Landlock is left out.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    os.umask(0o077)
    _be_last(libc)
    _bound_time(seconds)
    _bound_memory(memory)
    refused = []
    if not keep_effective(libc, _KEPT + ((DAC_OVERRIDE,) if network else ()) + ((SYS_ADMIN,) if traces else ())):
        refused.append("capabilities")
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        refused.append("no_new_privs")
    if not traces and not confine_writes(libc, writable):
        refused.append("landlock")
    if not deny_system_calls(libc, network):
        refused.append("seccomp")
    return tuple(refused)


def end_with_parent() -> None:
    """Have this process killed when its parent ends."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def can_confine_to() -> bool:
    """Tell whether this kernel can confine a process to single trees."""
    return has_landlock(ctypes.CDLL(None, use_errno=True))


def apply_to_reader(memory: int, seconds: int, trees: tuple[int, ...]) -> None:
    """Confine this process to reading some trees, of which it has the descriptors; the rest as in apply.

    All code that it needs must be loaded: the folders of the program are out of reach as well. What the kernel refuses
    is known from apply, and from can_confine_to.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    os.umask(0o077)
    _be_last(libc)
    _bound_time(seconds)
    _bound_memory(memory)
    keep_effective(libc, (DAC_READ_SEARCH,))
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    confine_to(libc, trees)
    deny_system_calls(libc, network=False)


def _be_last(libc: ctypes.CDLL) -> None:
    """Give way to everybody else: lowest processor and disk priority, first choice of the OOM killer.

    Comforts for the host: a service manager that forbids to change them has set what is to hold.
    """
    _try_to(os.nice, 19)
    number = _IOPRIO_SET.get(os.uname().machine)
    if number:
        libc.syscall(number, 1, 0, _IOPRIO_IDLE)
    _try_to(_be_killed_first)


def _be_killed_first() -> None:
    with open("/proc/self/oom_score_adj", "w") as score:
        score.write("500")


def _try_to(do: Callable[..., object], *arguments: int) -> None:
    try:
        do(*arguments)
    except OSError:
        pass


def _bound_time(seconds: int) -> None:
    signal.signal(signal.SIGXCPU, _time_out)
    signal.signal(signal.SIGALRM, _time_out)
    signal.setitimer(signal.ITIMER_REAL, 10 * seconds)
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime)
    _lower(resource.RLIMIT_CPU, spent + seconds, spent + seconds + GRACE)


def _bound_memory(memory: int) -> None:
    with open("/proc/self/statm") as statm:
        pages = int(statm.read().split()[0])
    size = pages * resource.getpagesize() + memory * MIB
    _lower(resource.RLIMIT_AS, size, size)
    _lower(resource.RLIMIT_CORE, 0, 0)


def _lower(limit: int, soft: int, hard: int) -> None:
    """Set a limit, never above the hard limit that is there already."""
    ceiling = resource.getrlimit(limit)[1]
    if ceiling != resource.RLIM_INFINITY:
        soft, hard = min(soft, ceiling), min(hard, ceiling)
    resource.setrlimit(limit, (soft, hard))


def _time_out(number: int, _frame: object) -> None:
    """Raise once; what is left of the grace is for reporting."""
    signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    which = "processor" if number == signal.SIGXCPU else "wall clock"
    raise TimedOut(f"the limit of {which} seconds was reached")
