from __future__ import annotations

import os
import shutil
from dataclasses import fields, replace
from typing import TYPE_CHECKING

import pytest

from agent.collectors import packages
from agent.collectors.packages import kernel
from agent.collectors.packages.facts import Known
from agent.collectors.packages.kernel_images import installed
from agent.collectors.packages.kernel_packages import concerns_kernel, kernels_of_last
from agent.databases.distribution import UNKNOWN
from agent.host import open_host
from agent.host.root import HostRoot
from agent.model.records import Gap, Kernel, Package
from agent.model.spec import Options
from tests.hosts import rpm
from tests.hosts.trees import STATUS, plant, stanza

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BOOTED = 1_700_000_000
OLD, NEW = "6.1.0-9-amd64", "6.1.0-18-amd64"


def test_this_machine_runs_the_kernel_of_uname() -> None:
    found = packages.collect(open_host("/", "/proc"), Options(parts=frozenset(("kernel",))))
    [record] = [record for record in found if isinstance(record, Kernel)]
    assert record.running == os.uname().release
    assert set(record.installed) >= {
        name.removeprefix("vmlinuz-") for name in os.listdir("/boot") if name.startswith("vmlinuz-6")
    }


def test_the_running_kernel_its_package_and_those_installed_are_told(tmp_path: Path) -> None:
    root = debian(tmp_path, OLD, OLD, NEW)
    assert take(root) == Kernel(
        running=OLD,
        running_package=f"dpkg/linux-image-{OLD}:amd64",
        installed=(OLD, NEW),
        newest=NEW,
        live_patches=None,
        reboot_needed=True,
        reboot_reasons=(f"kernel {NEW}",),
    )


def test_a_host_that_runs_its_newest_kernel_needs_no_reboot(tmp_path: Path) -> None:
    record = take(debian(tmp_path, NEW, OLD, NEW))
    assert (record.newest, record.reboot_needed, record.reboot_reasons) == (NEW, False, ())


@pytest.mark.parametrize("other", ["6.1.0-20-cloud-amd64", "6.1.0-20-rt-amd64"])
def test_a_newer_kernel_of_another_flavour_asks_for_no_reboot(tmp_path: Path, other: str) -> None:
    record = take(debian(tmp_path, NEW, NEW, other))
    assert (record.newest, record.reboot_needed) == (other, False)


def test_where_the_kernel_comes_from_elsewhere_nobody_knows_of_a_reboot(tmp_path: Path) -> None:
    record = take(debian(tmp_path, "6.18.44-fc-v595", NEW))
    assert (record.running_package, record.reboot_needed) == (None, None)


def test_the_mark_and_the_packages_that_left_it_are_reasons(tmp_path: Path) -> None:
    root = debian(tmp_path, NEW, NEW)
    marks = {
        "run/reboot-required": b"*** System restart required ***\n",
        "run/reboot-required.pkgs": b"libc6\n\nx y\nlibc6\ndbus\n",
    }
    assert take(plant(root, marks)).reboot_reasons == ("/run/reboot-required", "package dbus", "package libc6")


def test_a_mark_is_a_reason_where_the_kernel_is_not_known(tmp_path: Path) -> None:
    root = plant(debian(tmp_path, NEW), {"run/reboot-needed": b""})
    assert (take(root).reboot_needed, take(root).reboot_reasons) == (True, ("/run/reboot-needed",))


def test_a_package_of_the_running_kernel_that_was_replaced_since_boot_is_a_reason(tmp_path: Path) -> None:
    root = debian(tmp_path, NEW, NEW)
    os.utime(root / f"var/lib/dpkg/info/linux-image-{NEW}.list", (BOOTED + 1, BOOTED + 1))
    assert take(root).reboot_reasons == (f"package linux-image-{NEW}",)


@pytest.mark.parametrize(("after", "expected"), [(1, ("package glibc",)), (0, ()), (-1, ())])
def test_a_core_package_of_rpm_that_was_installed_since_boot_is_a_reason(
    tmp_path: Path, after: int, expected: tuple[str, ...]
) -> None:
    root = host(tmp_path, "5.14.0-427.el9.x86_64", "5.14.0-427.el9.x86_64")
    core = replace(package("glibc", "2.34", "100.el9"), installed_at=BOOTED + after)
    other = replace(package("zsh", "5.8", "9.el9"), installed_at=BOOTED + 9)
    record = take(root, core, other)
    assert (record.reboot_reasons, record.reboot_needed) == (expected, bool(expected))
    assert [concerns_kernel(it) for it in (core, other)] == [True, False]


@pytest.mark.parametrize("mark", [".dockerenv", "run/.containerenv", "run/systemd/container"])
def test_a_container_has_no_boot_of_its_own(tmp_path: Path, mark: str) -> None:
    root = plant(debian(tmp_path, OLD, OLD, NEW), {mark: b"lxc\n", "run/reboot-required": b""})
    (tmp_path / "proc/1/ns/pid").unlink()
    (tmp_path / "proc/1/ns/pid").symlink_to("pid:[4026532000]")
    record = take(root)
    assert (record.running, record.reboot_needed, record.reboot_reasons) == (OLD, None, ())


def test_a_tree_that_does_not_run_has_installed_kernels_alone(tmp_path: Path) -> None:
    root = plant(
        debian(tmp_path, OLD, OLD, NEW), {"run/reboot-required": b"", "sys/kernel/livepatch/a/enabled": b"1\n"}
    )
    [record] = kernel.facts(open_host(str(root), None), Known(UNKNOWN, ()))
    assert record == Kernel(None, None, (OLD, NEW), NEW, None, None, ())


def test_a_tree_without_any_kernel_has_no_record(tmp_path: Path) -> None:
    assert list(kernel.facts(open_host(str(tmp_path)), Known(UNKNOWN, ()))) == []


def test_live_patches_that_are_in_force_are_named(tmp_path: Path) -> None:
    patches = {"sys/kernel/livepatch/lkp_one/enabled": b"1\n", "sys/kernel/livepatch/lkp_two/enabled": b"0\n"}
    assert take(plant(debian(tmp_path, NEW, NEW), patches)).live_patches == ("lkp_one",)


def test_a_kernel_without_live_patching_has_none_loaded(tmp_path: Path) -> None:
    root = debian(tmp_path, NEW, NEW)
    (root / "sys/kernel").mkdir(parents=True)
    assert take(root).live_patches == ()


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (["boot/vmlinuz-6.1.0-9-amd64", "boot/initrd.img-6.2.0", "boot/config-6.3.0", "boot/vmlinuz"], (OLD,)),
        (["boot/vmlinuz-0-rescue-0123456789abcdef", "boot/vmlinuz-6.1.0-9-amd64.old"], ()),
        (["usr/lib/modules/6.5.6-300.fc39.x86_64/vmlinuz"], ("6.5.6-300.fc39.x86_64",)),
        (["lib/modules/6.5.6-300.fc39.x86_64/vmlinuz"], ("6.5.6-300.fc39.x86_64",)),
        (["boot/vmlinuz-linux", "usr/lib/modules/6.6.10-arch1-1/vmlinuz"], ("6.6.10-arch1-1",)),
        (["boot/kernel8.img", "lib/modules/6.6.20+rpt-rpi-v8/modules.builtin"], ("6.6.20+rpt-rpi-v8",)),
        (["boot/vmlinuz-6.1.0-9-amd64", "lib/modules/6.1.0-18-amd64/modules.builtin"], (OLD,)),
        (["lib/modules/6.1.0-18-amd64/modules.dep", "lib/modules/6.1.0-9-amd64/build/Makefile"], ()),
        (["boot/Image-5.14.21-150500.55.39-default"], ("5.14.21-150500.55.39-default",)),
    ],
)
def test_installed_kernels_are_those_with_an_image(tmp_path: Path, files: list[str], expected: tuple[str, ...]) -> None:
    assert installed(HostRoot(str(plant(tmp_path, dict.fromkeys(files, b""))))) == (frozenset(expected), [])


@pytest.mark.parametrize("folder", ["boot", "lib/modules"])
def test_a_folder_that_cannot_be_looked_into_is_a_gap(tmp_path: Path, folder: str) -> None:
    root = debian(tmp_path, NEW, NEW)
    plant(root, {"lib/modules/x/y": b""})
    (root / folder).chmod(0)
    seen = open_host(str(root), str(tmp_path / "proc"))
    os.seteuid(65534)
    try:
        records = list(kernel.facts(seen, Known(UNKNOWN, ())))
    finally:
        os.seteuid(0)
    assert [(it.subject, it.reason, it.hides) for it in records if isinstance(it, Gap)] == [
        (f"/{folder}", "denied", None)
    ]
    assert [it.running for it in records if isinstance(it, Kernel)] == [NEW]


def test_a_proc_that_does_not_say_when_it_was_booted_is_a_gap(tmp_path: Path) -> None:
    root = debian(tmp_path, OLD, OLD, NEW)
    plant(tmp_path, {"proc/stat": b"cpu 1 2 3\n"})
    unread, record = kernel.facts(open_host(str(root), str(tmp_path / "proc")), Known(UNKNOWN, ()))
    assert isinstance(unread, Gap)
    assert (unread.subject, unread.reason, unread.hides) == ("need of a reboot", "malformed", None)
    assert isinstance(record, Kernel)
    assert (record.newest, record.reboot_needed) == (NEW, None)


EL = "5.14.0-427.el9"


@pytest.mark.parametrize(
    ("running", "names", "expected"),
    [
        (
            f"{EL}.x86_64",
            ["kernel", "kernel-core", "kernel-modules-core", "kernel-devel", "kernel-rt-core"],
            "kernel-core",
        ),
        (f"{EL}.x86_64+rt", ["kernel-core", "kernel-rt-core", "kernel-rt-modules"], "kernel-rt-core"),
        (f"{EL}.x86_64", ["kernel", "kernel-tools", "kernel-headers"], "kernel"),
        (f"{EL}.x86_64", ["kernel-modules-core", "kernel-uki-virt"], None),
        ("5.14.0-428.el9.x86_64", ["kernel-core"], None),
        ("5.14.0-427-default", ["kernel-default", "kernel-default-devel", "kernel-azure"], "kernel-default"),
    ],
)
def test_the_package_of_rpm_that_has_the_image_is_known_by_name_and_version(
    tmp_path: Path, running: str, names: list[str], expected: str | None
) -> None:
    record = take(host(tmp_path, running, running), *(package(name, "5.14.0", "427.el9") for name in names))
    assert record.running_package == (expected and f"rpm/{expected}:x86_64")


@pytest.mark.skipif(not shutil.which("rpmbuild"), reason="rpm is not installed")
def test_a_real_package_of_rpm_is_found_among_several_versions_of_it(tmp_path: Path) -> None:
    running, newer = f"{EL}.noarch", "5.14.0-503.el9.noarch"
    root = host(tmp_path, running, running, newer)
    built = [rpm.build(tmp_path, "kernel-core", f"5.14.0-{release}.el9") for release in (427, 503)]
    rpm.install(root, *built, how="-i")
    offer = open_host(str(root), str(tmp_path / "proc"))
    records = list(packages.collect(offer, Options(parts=frozenset(("kernel", "rpm")))))
    [record] = [record for record in records if isinstance(record, Kernel)]
    [expected] = [it.key for it in records if isinstance(it, Package) and it.revision == "427.el9"]
    assert record.running_package == expected
    assert (record.newest, record.reboot_reasons[0]) == (newer, f"kernel {newer}")


def test_kernels_of_a_database_that_is_not_read_again_are_those_of_the_last_snapshot() -> None:
    known = [package("kernel-core", "5.14.0", "427.el9"), package("zsh", "5.8", "9.el9"), package("glibc", "2.34", "1")]

    def previous(prefix: str = "") -> Iterator[Package]:
        return (record for record in known if record.key.startswith(prefix))

    options = Options(previous=previous)
    assert list(kernels_of_last(options, "rpm")) == [known[0], known[2]]
    assert list(kernels_of_last(options, "dpkg")) == []
    assert list(kernels_of_last(options._replace(parts=frozenset(("rpm",))), "rpm")) == []


def test_the_package_of_pacman_is_named_beside_its_modules(tmp_path: Path) -> None:
    running = "6.6.10-arch1-1"
    root = host(tmp_path, running)
    plant(root, {f"usr/lib/modules/{running}/vmlinuz": b"", f"usr/lib/modules/{running}/pkgbase": b"linux\n"})
    linux = replace(package("linux", "6.6.10.arch1", "1"), manager="pacman")
    assert concerns_kernel(linux)
    assert take(root, replace(linux, name="linux-lts"), linux).running_package == "pacman/linux:x86_64"


def debian(folder: Path, running: str, *images: str) -> Path:
    """Plant a running Debian with the packages of some kernels, unpacked before it was booted."""
    root = host(folder, running, *images)
    names = [f"linux-image-{image}" for image in images]
    plant(root, {STATUS: b"".join(map(stanza, names)), **{f"var/lib/dpkg/info/{name}.list": b"" for name in names}})
    for name in names:
        os.utime(root / f"var/lib/dpkg/info/{name}.list", (BOOTED - 1, BOOTED - 1))
    return root


def host(folder: Path, running: str, *images: str) -> Path:
    """Plant a running host with images, and its proc beside it."""
    plant(folder, {"proc/sys/kernel/osrelease": f"{running}\n".encode(), "proc/stat": b"cpu 1\nbtime %d\n" % BOOTED})
    (folder / "proc/1/ns").mkdir(parents=True)
    (folder / "proc/1/ns/pid").symlink_to("pid:[4026531836]")
    (folder / "root").mkdir()
    return plant(folder / "root", {f"boot/vmlinuz-{image}": b"" for image in images})


def package(name: str, version: str, release: str) -> Package:
    """Give a package of rpm."""
    unknown = dict.fromkeys(field.name for field in fields(Package))
    known = {"manager": "rpm", "name": name, "architecture": "x86_64", "upstream_version": version, "revision": release}
    return Package(**{**unknown, **known})


def take(root: Path, *known: Package) -> Kernel:
    """Collect the one record of a planted host."""
    [record] = kernel.facts(open_host(str(root), str(root.parent / "proc")), Known(UNKNOWN, known))
    assert isinstance(record, Kernel)
    return record
