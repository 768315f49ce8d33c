"""The package that owns the running kernel's image."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.formats.kernel_release import flavour
from agent.formats.package_index import entries
from agent.host.errors import LimitReached

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agent.host.root import HostRoot
    from agent.model.records import Package

STATUS = "/var/lib/dpkg/status"
INFO = "/var/lib/dpkg/info"
PKGBASE = "/usr/lib/modules/{}/pkgbase"
READS = (STATUS, f"{INFO}/*.list", PKGBASE.format("*"))

_DPKG = ("linux-image-{}", "linux-image-unsigned-{}", "proxmox-kernel-{}-signed", "proxmox-kernel-{}", "pve-kernel-{}")
"""Names that packages of images have in Debian, Ubuntu and Proxmox."""
_NO_IMAGE = ("-devel", "-headers", "-modules", "-tools", "-doc", "-matched", "-uki", "-livepatch", "-macros", "-source")
"""What the names of rpm's packages hold that have a kernel's version but not its image."""
_PIECE = 128 * 1024


class Owner(NamedTuple):
    """A package that owns an image.

    key: Key of its record.
    name: Its name.
    installed_at: When its files were unpacked, seconds since 1970; None where that is not known.
    """

    key: str
    name: str
    installed_at: int | None


def owner(root: HostRoot, release: str, packages: Iterable[Package]) -> Owner | None:
    """Give the owner of the image of a release; None where it cannot be told, or there is none.

    packages: Packages of rpm and pacman whose names start as those of kernels; dpkg is asked itself.
    """
    return _of_dpkg(root, release) or _of_rpm(release, packages) or _of_pacman(root, release, packages)


def _of_dpkg(root: HostRoot, release: str) -> Owner | None:
    for name in (pattern.format(release) for pattern in _DPKG):
        try:
            unpacked = int(root.stat(f"{INFO}/{name}.list").st_mtime)
            architecture = _architecture(root, name)
        except (OSError, LimitReached):
            continue
        if architecture:
            return Owner(f"dpkg/{name}:{architecture}", name, unpacked)
    return None


def _architecture(root: HostRoot, name: str) -> str | None:
    wanted = frozenset((name.encode("utf-8", "surrogateescape"),))
    with root.open(STATUS) as status:
        found = next(entries(iter(lambda: status.read1(_PIECE), b""), wanted), None)
    return found.architecture.decode("utf-8", "surrogateescape") if found else None


def _of_rpm(release: str, packages: Iterable[Package]) -> Owner | None:
    """Find the package of the release's version; of several with an image -core has it, and the plainest name.

    In a release the architecture follows the version, and behind + the kind of kernel; SUSE writes -default
    instead and leaves out the last number of rpm's release.
    """
    kind = flavour(release)
    version = release[: -len(kind) - 1] if kind else release
    found = [package for package in packages if package.manager == "rpm" and _is_image(package, version, kind)]
    found.sort(key=lambda package: (not package.name.endswith("-core"), len(package.name)))
    return Owner(found[0].key, found[0].name, found[0].installed_at) if found else None


def _is_image(package: Package, version: str, kind: str) -> bool:
    if not package.name.startswith("kernel") or any(part in package.name for part in _NO_IMAGE):
        return False
    built = f"{package.upstream_version}-{package.revision}"
    if f"{built}.{package.architecture}" == version:
        return not kind or f"-{kind}" in package.name
    return built.rpartition(".")[0] == version and package.name.startswith(f"kernel-{kind}")


def _of_pacman(root: HostRoot, release: str, packages: Iterable[Package]) -> Owner | None:
    try:
        name = root.read(PKGBASE.format(release), 256).decode("utf-8", "replace").strip()
    except (OSError, LimitReached):
        return None
    same = (package for package in packages if package.manager == "pacman" and package.name == name)
    return next((Owner(package.key, name, package.installed_at) for package in same), None)
