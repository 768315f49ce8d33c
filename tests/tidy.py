"""Runs a command and tells what it leaves behind: processes, which are ended, mounts, network namespaces, control groups, files.

Its exit code is the command's.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import time

PR_SET_CHILD_SUBREAPER = 36
GROUPS = "/sys/fs/cgroup"
FILES_LIMIT = 100 * 1024 * 1024
"""Bytes below the folder for temporary files that may be left."""


def main(command: list[str]) -> int:
    """Run the command; whatever loses its parent becomes a child of this process, which reaps it."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(
            number, lambda *_: None
        )  # handlers, unlike dispositions, are not inherited: the command gets it too and ends
    before, bytes_before = {kind: look() for kind, look in KINDS.items()}, _size(tempfile.gettempdir())
    process = subprocess.Popen(command)
    code = _wait_for(process.pid)
    left = {"processes": _end_children()}
    left.update({kind: sorted(look() - before[kind]) for kind, look in KINDS.items()})
    more = _size(tempfile.gettempdir()) - bytes_before
    left["files"] = [f"{more >> 20} MiB below {tempfile.gettempdir()}"] if more > FILES_LIMIT else []
    for kind, names in left.items():
        for name in names:
            print(f"left behind: {kind}: {name}", file=sys.stderr)
    return code


def _wait_for(wanted: int) -> int:
    """Reap children until that one has ended; give its exit code."""
    while True:
        try:
            pid, status = os.waitpid(-1, 0)
        except InterruptedError:
            continue
        if pid == wanted:
            return abs(os.waitstatus_to_exitcode(status))


def _end_children() -> list[str]:
    """Kill what still runs, and the children of what is killed, which are ours then; give what it was."""
    told = []
    patience = time.monotonic() + 3
    while True:
        while _reap():
            pass
        with open(f"/proc/self/task/{os.getpid()}/children") as file:
            children = file.read().split()
        if not children:
            return told
        if time.monotonic() < patience:
            time.sleep(0.1)
            continue
        for child in children:
            told.append(f"{child} {_command_of(child)}")
            os.kill(int(child), signal.SIGKILL)
        time.sleep(0.1)


def _reap() -> bool:
    try:
        return os.waitpid(-1, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return False


def _command_of(pid: str) -> str:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read().replace(b"\0", b" ").decode(errors="replace")[:200]
    except OSError:
        return "?"


def _mounts() -> set[str]:
    with open("/proc/self/mountinfo") as file:
        return {line.split()[4] for line in file}


def _namespaces() -> set[str]:
    return set(os.listdir("/run/netns")) if os.path.isdir("/run/netns") else set()


def _groups() -> set[str]:
    return {path for path, _, _ in os.walk(GROUPS)}


def _size(folder: str) -> int:
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(path, name)).st_blocks * 512
            except OSError:
                pass  # it is somebody else's, who has just removed it
    return total


KINDS = {"mounts": _mounts, "network namespaces": _namespaces, "control groups": _groups}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
