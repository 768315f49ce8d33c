"""The distribution of a tree, from its os-release through the package distro, of which this is the one home.

distro joins a root directory and a name, so that a link planted in the tree would lead it out. It is
therefore given the content that HostRoot read, as a file in memory, and a root in which nothing exists.
"""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from distro import LinuxDistribution

if TYPE_CHECKING:
    from agent.host.root import HostRoot

OS_RELEASE = ("/etc/os-release", "/usr/lib/os-release")
"""Where os-release is, in order of precedence (os-release(5))."""
LIMIT = 16 * 1024
"""Bytes that an os-release may have; real ones have less than 1,000."""
_VALUE_LIMIT = 200
_NOWHERE = "/dev/null"
_MFD_NOEXEC_SEAL = 0x0008
"""Asked for where vm.memfd_noexec refuses files in memory that could be executed (Linux 6.3)."""


@dataclass(frozen=True)
class Distribution:
    """What os-release says; None where it says nothing.

    id: ID, for example debian.
    version: VERSION_ID.
    codename: VERSION_CODENAME, else UBUNTU_CODENAME, else the name that VERSION has in parentheses.
    name: PRETTY_NAME.
    like: ID_LIKE, in its order.
    """

    id: str | None
    version: str | None
    codename: str | None
    name: str | None
    like: tuple[str, ...]


def read_distribution(root: HostRoot) -> Distribution:
    """Read the distribution of a tree.

    FileNotFoundError where no os-release is, OSError or LimitReached where it cannot be read, ValueError
    where its quotes do not match. Bytes that are not UTF-8 are replaced.
    """
    says = _parse(_os_release(root))
    return Distribution(
        _value(says, "id"),
        _value(says, "version_id"),
        _value(says, "codename"),
        _value(says, "pretty_name"),
        tuple((_value(says, "id_like") or "").split()),
    )


def _os_release(root: HostRoot) -> bytes:
    first, second = OS_RELEASE
    try:
        return root.read(first, LIMIT)
    except (FileNotFoundError, NotADirectoryError):
        return root.read(second, LIMIT)


def _parse(content: bytes) -> dict[str, str]:
    fd = _file_in_memory()
    try:
        with os.fdopen(os.dup(fd), "wb") as writer:
            writer.write(content.decode("utf-8", "replace").encode())
        release = LinuxDistribution(
            include_lsb=False,
            include_uname=False,
            include_oslevel=False,
            os_release_file=f"/proc/self/fd/{fd}",
            root_dir=_NOWHERE,
        )
        return release.os_release_info()
    finally:
        os.close(fd)


def _file_in_memory() -> int:
    try:
        return os.memfd_create("os-release", os.MFD_CLOEXEC | _MFD_NOEXEC_SEAL)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        return os.memfd_create("os-release", os.MFD_CLOEXEC)


def _value(says: dict[str, str], name: str) -> str | None:
    return says.get(name, "")[:_VALUE_LIMIT] or None
