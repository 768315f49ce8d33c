"""What the watcher takes from itself: it lives as long as the daemon and reads, names and counts, nothing else."""

from __future__ import annotations

import ctypes
import os
import resource
import signal

from agent.limits.capabilities import DAC_READ_SEARCH, SYS_ADMIN, SYS_PTRACE, keep_effective
from agent.limits.seccomp import deny_system_calls

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_NICE = 5
"""A little behind others: much later, and the processes that are to be named have ended."""
_MEMORY = 64 * 1024 * 1024
_KEPT = (DAC_READ_SEARCH, SYS_PTRACE, SYS_ADMIN)
"""To open directories by their handles, to name the programs of other users' processes, and to mark file systems
that are mounted later."""


def confine_watcher() -> tuple[str, ...]:
    """Confine this process, which ends with its parent; give the names of the confinements that were refused.

    Landlock is not among them: it would forbid to look at the processes behind the events.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    os.umask(0o077)
    try:
        os.nice(_NICE)
    except OSError:
        pass  # the service manager that forbids it has set how far behind it is
    _bound_memory()
    refused = []
    if not keep_effective(libc, _KEPT):
        refused.append("capabilities")
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        refused.append("no_new_privs")
    if not deny_system_calls(libc, network=False):
        refused.append("seccomp")
    return tuple(refused)


def _bound_memory() -> None:
    with open("/proc/self/statm") as statm:
        size = int(statm.read().split()[0]) * resource.getpagesize() + _MEMORY
    for limit, value in ((resource.RLIMIT_AS, size), (resource.RLIMIT_CORE, 0)):
        ceiling = resource.getrlimit(limit)[1]
        bound = value if ceiling == resource.RLIM_INFINITY else min(value, ceiling)
        resource.setrlimit(limit, (bound, bound))
