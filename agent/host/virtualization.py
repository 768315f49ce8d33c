"""What a running system runs on, in the names and by the order of systemd-detect-virt (systemd's virt.c).

Two things differ. Python cannot read CPUID, so that a hypervisor on x86 is told by what the kernel made
of it: the clock sources that it offers and the flag in cpuinfo; one that leaves no such trace is
vm-other. And the environment of process 1 is not read, as it may hold secrets.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agent.host.container_mark import container

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.host.procfs import ProcFS
    from agent.host.root import HostRoot

NONE = "none"
OTHER = "vm-other"

_DMI = "/sys/class/dmi/id"
_DMI_FIELDS = ("product_name", "sys_vendor", "board_vendor", "bios_vendor", "product_version")
_DMI_STARTS = (
    ("KVM", "kvm"),
    ("OpenStack", "kvm"),
    ("KubeVirt", "kvm"),
    ("Amazon EC2", "amazon"),
    ("QEMU", "qemu"),
    ("VMware", "vmware"),
    ("VMW", "vmware"),
    ("innotek GmbH", "oracle"),
    ("VirtualBox", "oracle"),
    ("Oracle Corporation", "oracle"),
    ("Xen", "xen"),
    ("Bochs", "bochs"),
    ("Parallels", "parallels"),
    ("BHYVE", "bhyve"),
    ("Hyper-V", "microsoft"),
    ("Apple Virtualization", "apple"),
    ("Google Compute Engine", "google"),
)
_TOLD_BY_FIRMWARE = ("oracle", "xen", "amazon", "parallels", "google")
"""What the firmware tells better than the processor, as these too run on KVM."""
_SMBIOS = "/sys/firmware/dmi/entries/0-0/raw"
_SMBIOS_VM = 1 << 4
"""Bit of BIOS characteristics extension byte 2, at offset 19 (SMBIOS 3.4, 7.1.2.2)."""
_METAL = re.compile(r"\.metal(-|$)")
_CLOCKS = "/sys/devices/system/clocksource/clocksource0/available_clocksource"
_DEVICE_TREE = "/sys/firmware/devicetree/base"
"""Where proc's device-tree leads; read below the root, as sys is."""
_XEN_DOMAIN_0 = 1 << 11
"""XENFEAT_dom0 in xen/include/public/features.h."""
_LIMIT = 64 * 1024


def virtualization(root: HostRoot, proc: ProcFS) -> str | None:
    """Give the container or the virtual machine that the system is, none for a bare machine.

    None where neither firmware nor processor tells anything. OSError for evidence that is there but
    cannot be read.
    """
    return container(root, proc) or _machine(root, proc)


def _machine(root: HostRoot, proc: ProcFS) -> str | None:
    vague = None
    for answer in _answers(root, proc):
        if answer not in (None, NONE, OTHER):
            return answer
        vague = OTHER if OTHER in (answer, vague) else vague or answer
    return vague


def _answers(root: HostRoot, proc: ProcFS) -> Iterator[str | None]:
    """Give what each kind of evidence says, the most trustworthy first."""
    firmware = _firmware(root)
    yield firmware if firmware in _TOLD_BY_FIRMWARE else None
    cpuinfo = proc.head("cpuinfo", _LIMIT)
    yield "uml" if b"User Mode Linux" in cpuinfo else None
    processor = _processor(root, cpuinfo)
    if proc.exists("xen"):
        domain_0 = _is_xen_domain_0(root, proc)
        yield (processor or NONE) if domain_0 else "xen"
        return
    yield processor if processor != "microsoft" else OTHER
    yield firmware
    yield _hypervisor(root)
    yield _device_tree(root)
    yield _zvm(proc)
    yield processor


def _firmware(root: HostRoot) -> str | None:
    """Match the strings of DMI; none where there are some that name no virtual machine."""
    values = [_line(root, f"{_DMI}/{field}") for field in _DMI_FIELDS]
    named = (name for value in values for start, name in _DMI_STARTS if value and value.startswith(start))
    found = next(named, None)
    if found == "amazon" and _is_metal(root, values[0] or ""):
        return NONE
    if found is None and _smbios_vm(root):
        return OTHER
    return found or (NONE if any(values) else None)


def _is_metal(root: HostRoot, product: str) -> bool:
    """Tell EC2's bare machines from its virtual ones, whose vendor is the same."""
    bit = _smbios_vm(root)
    return bool(_METAL.search(product)) if bit is None else not bit


def _smbios_vm(root: HostRoot) -> bool | None:
    """Tell whether the firmware says that it is virtual; None where it says nothing or only to root."""
    try:
        table = root.read(_SMBIOS, _LIMIT)
    except OSError:
        return None
    return bool(table[19] & _SMBIOS_VM) if len(table) >= 20 and table[1] >= 20 else None


def _processor(root: HostRoot, cpuinfo: bytes) -> str | None:
    """Stand in for CPUID: kvm and microsoft by the clock they bring, vm-other by the flag; x86 alone."""
    flags = re.search(rb"^flags\s*:(.*)$", cpuinfo, re.MULTILINE)
    if not flags:
        return None
    if b"hypervisor" not in flags[1].split():
        return NONE
    clocks = _line(root, _CLOCKS) or ""
    if "kvm-clock" in clocks:
        return "kvm"
    return "microsoft" if "hyperv" in clocks else OTHER


def _is_xen_domain_0(root: HostRoot, proc: ProcFS) -> bool:
    features = _line(root, "/sys/hypervisor/properties/features")
    if features:
        return bool(int(features, 16) & _XEN_DOMAIN_0)
    try:
        return b"control_d" in proc.read("xen/capabilities", _LIMIT).strip().split(b",")
    except FileNotFoundError:
        return False


def _hypervisor(root: HostRoot) -> str | None:
    kind = _line(root, "/sys/hypervisor/type")
    return kind and ("xen" if kind == "xen" else OTHER)


def _device_tree(root: HostRoot) -> str | None:
    """Read the device tree of ARM, POWER and RISC-V."""
    hypervisor = _line(root, f"{_DEVICE_TREE}/hypervisor/compatible")
    if hypervisor:
        return _of_compatible(hypervisor)
    try:
        names = root.names(_DEVICE_TREE)
    except (FileNotFoundError, NotADirectoryError):
        return None
    if {"ibm,partition-name", "hmc-managed?"} <= set(names) and not root.exists(
        f"{_DEVICE_TREE}/chosen/qemu,graphic-width"
    ):
        return "powervm"
    emulated = any("fw-cfg" in name for name in names) or _line(root, f"{_DEVICE_TREE}/compatible") == "qemu,pseries"
    return "qemu" if emulated else NONE


def _of_compatible(hypervisor: str) -> str:
    if hypervisor == "linux,kvm":
        return "kvm"
    return next((name for name in ("xen", "vmware") if name in hypervisor), OTHER)


def _zvm(proc: ProcFS) -> str | None:
    """Read s390's sysinfo: who its first virtual machine is run by."""
    try:
        sysinfo = proc.read("sysinfo", _LIMIT)
    except FileNotFoundError:
        return None
    program = re.search(rb"^VM00 Control Program:\s*(\S+)", sysinfo, re.MULTILINE)
    if not program:
        return NONE
    return "zvm" if program[1] == b"z/VM" else "kvm"


def _line(root: HostRoot, path: str) -> str | None:
    """Read the first line of a file below sys, without the NUL that ends a string of the device tree."""
    try:
        content = root.read(path, _LIMIT)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return content.split(b"\n")[0].rstrip(b"\0 ").decode("utf-8", "replace")
