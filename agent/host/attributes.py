"""What a file has beside its content and what stat(2) tells: link target, capabilities, label, access control lists.

Nothing is opened, so that a FIFO or a device is looked at as safely as a file: extended attributes are asked for by a
path through the open directory. That is for what is new or changed; it costs more than a stat.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING, NamedTuple

from agent.formats import file_capabilities
from agent.host.errors import NotAFile, gap
from agent.host.opening import open_beside
from agent.host.statx import Statx
from agent.model.digest import sha256

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.model.records import Gap

_BLOCK = 512
"""Bytes of the blocks that st_blocks counts (stat(2))."""
_CAPABILITY = "security.capability"
_SELINUX = "security.selinux"
_ACLS = ("system.posix_acl_access", "system.posix_acl_default")
_ABSENT = (errno.ENODATA, errno.ENOTSUP)


class Attributes(NamedTuple):
    """The attributes of a path; see agent.model.records.integrity.File for those that it names."""

    target: str | None
    capabilities: str | None
    selinux: str | None
    acl: str | None
    attributes: tuple[str, ...] | None


class AttributeReader:
    """Reads attributes; not to be shared by threads."""

    def __init__(self, report: Callable[[Gap], None]) -> None:
        """report: Is given what could not be read, with the path as subject; no record is missing for it."""
        self._report = report
        self._statx = Statx()

    def read(self, directory_fd: int, name: str, status: os.stat_result, path: str) -> Attributes:
        """Give the attributes of a name in an open directory; of what has vanished, none."""
        target = capabilities = selinux = acl = attributes = None
        try:
            if stat.S_ISLNK(status.st_mode):
                target = os.readlink(name, dir_fd=directory_fd)
            attributes = self._statx.attributes(directory_fd, name)
            place = f"/proc/self/fd/{directory_fd}/{name}"
            listed = _listed(place)
            if listed:
                selinux = _selinux(place) if _SELINUX in listed else None
                acl = _acl(place, listed)
                capabilities = _capabilities(place) if _CAPABILITY in listed else None
        except FileNotFoundError:
            pass
        except (OSError, ValueError) as error:
            self._report(gap(path, error, None))
        return Attributes(target, capabilities, selinux, acl, attributes)


def is_sparse(status: os.stat_result) -> bool:
    """Tell whether a regular file has fewer blocks than its size takes (holes, or what its file system makes smaller)."""
    return stat.S_ISREG(status.st_mode) and status.st_blocks * _BLOCK < status.st_size


def opened(directory_fd: int, name: str, status: os.stat_result) -> int:
    """Open a regular file that a walk met, for reading, and give the descriptor; its time of access stays where it may.

    NotAFile for anything else, which is not opened. OSError (ESTALE) where the name is another file's by now, or else
    as the kernel's. Nothing is read of what was put there meanwhile, and a FIFO there does not block.
    """
    if not stat.S_ISREG(status.st_mode):
        raise NotAFile(f"{name} is not a regular file; it was not opened")
    fd = open_beside(name, directory_fd)
    now = os.fstat(fd)
    if (now.st_ino, now.st_dev) == (status.st_ino, status.st_dev) and stat.S_ISREG(now.st_mode):
        return fd
    os.close(fd)
    raise OSError(errno.ESTALE, "it was replaced after the walk met it")


def _listed(place: str) -> list[str]:
    try:
        return os.listxattr(place, follow_symlinks=False)
    except OSError as error:
        if error.errno != errno.ENOTSUP:
            raise
        return []


def _value(place: str, attribute: str) -> bytes:
    """Give a value, of which the kernel allows 64 KiB; nothing where it is gone by now."""
    try:
        return os.getxattr(place, attribute, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _ABSENT:
            raise
        return b""


def _capabilities(place: str) -> str | None:
    value = _value(place, _CAPABILITY)
    return file_capabilities.text(value) if value else None


def _selinux(place: str) -> str | None:
    return os.fsdecode(_value(place, _SELINUX).rstrip(b"\0")) or None


def _acl(place: str, listed: list[str]) -> str | None:
    """Digest the lists, each with its length before it, for a default list says another thing than an access list."""
    values = [_value(place, attribute) if attribute in listed else b"" for attribute in _ACLS]
    if not any(values):
        return None
    return str(sha256(b"".join(len(value).to_bytes(4, "little") + value for value in values)).hexdigest())
