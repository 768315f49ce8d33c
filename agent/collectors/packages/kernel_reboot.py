"""Why a host should be rebooted: a newer kernel, the mark that a package left, a package that was replaced since boot."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from agent.formats.kernel_release import flavour, order

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from agent.host.root import HostRoot

MARKS = ("/run/reboot-required", "/run/reboot-needed")
"""Files that ask for a reboot: that of Debian's and Ubuntu's scripts, and libzypp's."""
PACKAGES = "/run/reboot-required.pkgs"
"""The packages that left the first mark, a name a line."""
READS = (*MARKS, PACKAGES)

_NAME = re.compile(rb"[A-Za-z0-9][A-Za-z0-9+._-]{0,199}")
_LIMIT = 64 * 1024


class Installed(NamedTuple):
    """A package that comes into force at a boot alone.

    name: Its name.
    installed_at: When its files were unpacked, seconds since 1970; None where that is not known.
    """

    name: str
    installed_at: int | None


class Reboot(NamedTuple):
    """Whether a reboot is needed, and why, as Kernel tells it."""

    needed: bool | None
    reasons: tuple[str, ...]


def reboot(
    root: HostRoot, running: str, images: Sequence[str], packages: Iterable[Installed], booted_at: int
) -> Reboot:
    """Find out about a running system; OSError and LimitReached when a mark cannot be read.

    A kernel replaces one of its own flavour alone. Where none of the running one's flavour is installed, the
    kernel comes from elsewhere, as a virtual machine's may: then nobody can tell that no reboot is needed.

    images: Releases that are installed, in their order.
    booted_at: When the system was booted, seconds since 1970.
    """
    same = [image for image in images if flavour(image) == flavour(running)]
    newer = [f"kernel {same[-1]}"] if same and order(same[-1]) > order(running) else []
    replaced = (package.name for package in packages if (package.installed_at or 0) > booted_at)
    names = sorted({*replaced, *_asking(root)})
    reasons = (*newer, *filter(root.exists, MARKS), *(f"package {name}" for name in names))
    if reasons:
        return Reboot(True, reasons)
    return Reboot(False if same else None, ())


def _asking(root: HostRoot) -> set[str]:
    try:
        lines = root.read(PACKAGES, _LIMIT).split(b"\n")
    except (FileNotFoundError, NotADirectoryError):
        return set()
    return {line.decode("ascii") for line in map(bytes.strip, lines) if _NAME.fullmatch(line)}
