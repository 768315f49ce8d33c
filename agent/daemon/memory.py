"""Giving back what the kernel keeps on our account: pages of files that were read, and names that were looked up.

A control group is charged for what its processes were the first to read, until somebody needs the memory. That makes an agent that
has looked at a whole host look large for as long as nobody does. Where the service's unit lets it, memory.reclaim (Linux 5.19;
Documentation/admin-guide/cgroup-v2.rst) takes back what is more than the daemon itself needs.
"""

from __future__ import annotations

import os

KEPT = 14 * 1024 * 1024
"""Bytes that are left alone: what the daemon holds."""
_LIMIT = 4096


class Memory:
    """The memory that the control group of this process is charged for; nothing is done where it may not be changed.

    membership: File that names the control group (cgroups(7)).
    hierarchy: Where control groups of version 2 are mounted.
    """

    def __init__(self, membership: str = "/proc/self/cgroup", hierarchy: str = "/sys/fs/cgroup") -> None:
        self._folder = f"{hierarchy}{_group(membership)}"
        self._given_back_at = -1

    def give_back(self, jobs_done: int) -> None:
        """Give back what the jobs left behind, once after they have ended."""
        if jobs_done == self._given_back_at:
            return
        self._given_back_at = jobs_done
        try:
            fd = os.open(f"{self._folder}/memory.reclaim", os.O_WRONLY | os.O_CLOEXEC)
        except OSError:
            return  # an older kernel, another hierarchy, or a unit that does not allow it
        try:
            more = _charged(f"{self._folder}/memory.current") - KEPT
            if more > 0:
                os.write(fd, b"%d" % more)
        except (OSError, ValueError):
            pass  # EAGAIN: less could be given back, and that was
        finally:
            os.close(fd)


def _group(membership: str) -> str:
    """Give the path of the control group of version 2; of the root, where there is none."""
    try:
        with open(membership, "rb") as file:
            for line in file.read(_LIMIT).splitlines():
                if line.startswith(b"0::"):
                    return os.fsdecode(line[3:])
    except OSError:
        pass
    return ""


def _charged(path: str) -> int:
    with open(path, "rb") as file:
        return int(file.read(_LIMIT))
