"""How a process is confined, from its status file (proc(5))."""

from __future__ import annotations

from typing import NamedTuple

_SECCOMP = {b"0": "disabled", b"1": "strict", b"2": "filter"}


class ProcessStatus(NamedTuple):
    """Fields of /proc/<pid>/status.

    parent: Id of its parent, 0 where that is not seen.
    uid: Its real user id.
    levels: Its ids in every PID namespace that it is in, the outermost first; at least one.
    bounding: Mask of the capabilities that it may ever gain (capabilities(7)).
    seccomp: disabled, strict or filter; None on a kernel without it.
    no_new_privileges: Whether executing can give it no privileges; None on a kernel that does not tell.
    """

    parent: int
    uid: int
    levels: tuple[int, ...]
    bounding: int
    seccomp: str | None
    no_new_privileges: bool | None


def parse_status(status: bytes) -> ProcessStatus:
    """Read a status file; ValueError when it is none."""
    fields = dict(_field(line) for line in status.split(b"\n") if b":" in line)
    try:
        pid = fields[b"Pid"]
        return ProcessStatus(
            parent=int(fields[b"PPid"]),
            uid=int(fields[b"Uid"].split()[0]),
            levels=tuple(map(int, fields.get(b"NSpid", pid).split())),
            bounding=int(fields[b"CapBnd"], 16),
            seccomp=_SECCOMP.get(fields.get(b"Seccomp", b"")),
            no_new_privileges=fields[b"NoNewPrivs"] == b"1" if b"NoNewPrivs" in fields else None,
        )
    except (KeyError, IndexError):
        raise ValueError("not a status of a process") from None


def _field(line: bytes) -> tuple[bytes, bytes]:
    name, _, value = line.partition(b":")
    return name, value.strip()
