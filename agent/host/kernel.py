"""What a running kernel says of itself and of its boot."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.host import Host
    from agent.host.procfs import ProcFS

HOSTNAME = "/etc/hostname"
_LIMIT = 4096
_HOSTNAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252}[A-Za-z0-9_])?")
_DAY = 86400
_UPTIME_CLASSES = ((_DAY, "under_1d"), (7 * _DAY, "under_7d"), (30 * _DAY, "under_30d"), (90 * _DAY, "under_90d"))


def release(proc: ProcFS) -> str:
    """Give the release of the running kernel, as `uname -r`."""
    return _line(proc.read("sys/kernel/osrelease", _LIMIT))


def boot_id(proc: ProcFS) -> str:
    """Give the random identifier that the kernel drew at this boot (random(4))."""
    return _line(proc.read("sys/kernel/random/boot_id", _LIMIT))


def uptime_class(proc: ProcFS) -> str:
    """Give the class of the time since boot, so that a record of it changes only four times; ValueError if malformed."""
    seconds = float(proc.read("uptime", _LIMIT).split(b" ", 1)[0])
    return next((name for most, name in _UPTIME_CLASSES if seconds < most), "over_90d")


def boot_time(proc: ProcFS) -> int:
    """Give when the kernel was booted, seconds since 1970 (btime of proc_stat(5)); ValueError where it does not say."""
    for line in proc.lines("stat"):
        if line.startswith(b"btime "):
            return int(line[6:])
    raise ValueError("stat of proc has no btime")


def hostname(host: Host) -> str | None:
    """Give the host's name: the kernel's where the agent shares it, else that of etc/hostname.

    proc tells the name of the reader's own UTS namespace, whichever proc is read, so that in a pod
    only the file tells the node's. ValueError for what can be no host's name.
    """
    if host.proc and _shares_uts(host, host.proc):
        name = _line(host.proc.read("sys/kernel/hostname", _LIMIT))
        return None if name == "(none)" else name
    return _configured_hostname(host)


def _configured_hostname(host: Host) -> str | None:
    lines = map(bytes.strip, host.root.lines(HOSTNAME, _LIMIT))
    name = next((line for line in lines if line and not line.startswith(b"#")), b"").decode("ascii", "replace")
    if name and not _HOSTNAME.fullmatch(name):
        raise ValueError("its content is no host name (hostname(5))")
    return name or None


def _shares_uts(host: Host, proc: ProcFS) -> bool:
    """Tell whether the agent is in the host's UTS namespace; where that is not shown, its own root decides."""
    try:
        return proc.link("1/ns/uts") == os.readlink("/proc/self/ns/uts")
    except OSError:
        return host.root.path == "/"


def _line(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape").strip()
