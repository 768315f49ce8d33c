"""The kernel that runs, those that are installed, and whether a reboot would bring something new into force."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.collectors.packages import kernel_images, kernel_owner, kernel_reboot
from agent.collectors.packages.kernel_owner import Owner
from agent.collectors.packages.kernel_packages import CORE
from agent.collectors.packages.kernel_reboot import Installed, Reboot, reboot
from agent.formats.kernel_release import order
from agent.host import container_mark
from agent.host.errors import LimitReached, gap
from agent.host.kernel import boot_time, release
from agent.model.records import Kernel

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from agent.collectors.packages.facts import Known
    from agent.host import Host
    from agent.model.records import Package, Record

SYS_KERNEL = "/sys/kernel"
ENABLED = f"{SYS_KERNEL}/livepatch/*/enabled"
READS = (
    *kernel_images.READS,
    *kernel_owner.READS,
    *kernel_reboot.READS,
    *container_mark.MANAGER_FILES,
    *(path for path, _ in container_mark.MARKS),
    SYS_KERNEL,
    f"{SYS_KERNEL}/livepatch",
    ENABLED,
    "/proc/sys/kernel/osrelease",
    "/proc/stat",
    "/proc/vz",
    "/proc/*/ns/pid",
)

_UNKNOWN = Reboot(None, ())


def facts(host: Host, known: Known) -> Iterator[Record]:
    """Give the record of the host's kernels; none where the tree has no kernel and runs none."""
    images, unread = kernel_images.installed(host.root)
    yield from unread
    try:
        running = release(host.proc) if host.proc else None
    except (OSError, LimitReached) as error:
        yield gap("running kernel", error, None)
        running = None
    if not (running or images):
        return
    ordered = tuple(sorted(images, key=lambda image: (order(image), image)))
    owner = kernel_owner.owner(host.root, running, known.kernels) if running and running in images else None
    try:
        needed, reasons = _reboot(host, running, ordered, (*known.kernels, owner) if owner else known.kernels)
    except (OSError, LimitReached, ValueError) as error:
        yield gap("need of a reboot", error, None)
        needed, reasons = _UNKNOWN
    newest = ordered[-1] if ordered else None
    yield Kernel(running, owner and owner.key, ordered, newest, _live_patches(host), needed, reasons)


def _reboot(host: Host, running: str | None, images: tuple[str, ...], packages: Iterable[Package | Owner]) -> Reboot:
    """Find out whether a reboot is needed; a container has no boot of its own."""
    if not (running and host.proc) or container_mark.container(host.root, host.proc):
        return _UNKNOWN
    core = [
        Installed(package.name, package.installed_at)
        for package in packages
        if isinstance(package, Owner) or package.name in CORE
    ]
    return reboot(host.root, running, images, core, boot_time(host.proc))


def _live_patches(host: Host) -> tuple[str, ...] | None:
    """Name the live patches that are in force (the kernel's Documentation/livepatch/livepatch.rst)."""
    if not host.proc:
        return None
    try:
        if not host.root.exists(SYS_KERNEL):
            return None
        return tuple(
            path.split("/")[-2] for path in host.root.glob(ENABLED) if host.root.read(path, 16).strip() == b"1"
        )
    except (OSError, LimitReached):
        return None
