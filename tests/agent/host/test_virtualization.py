"""Evidence is weighed as systemd-detect-virt weighs it."""

import shutil
import subprocess

import pytest

from agent.host.procfs import ProcFS
from agent.host.root import HostRoot
from agent.host.virtualization import virtualization

BARE = "processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu vme ht\n"
GUEST = "processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu vme hypervisor ht\n"
ARM = "processor\t: 0\nFeatures\t: fp asimd\nCPU implementer\t: 0x41\n"
DMI = "sys/class/dmi/id/"
CLOCKS = "sys/devices/system/clocksource/clocksource0/available_clocksource"
SMBIOS = "sys/firmware/dmi/entries/0-0/raw"
TREE = "sys/firmware/devicetree/base/"
VIRTUAL = bytes((0, 24)) + bytes(17) + b"\x10" + bytes(4)
REAL = bytes((0, 24)) + bytes(22)


def judged(folder, cpuinfo, sysfs=None, proc=None):
    """Give the virtualization of a machine with these files."""
    files = {"proc/cpuinfo": cpuinfo, "proc/sys/kernel/osrelease": "6.1.0\n"}
    files.update((f"proc/{path}", content) for path, content in (proc or {}).items())
    files.update(sysfs or {})
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content if isinstance(content, bytes) else content.encode())
    return virtualization(HostRoot(str(folder)), ProcFS(str(folder / "proc")))


@pytest.mark.parametrize(
    ("vendor", "expected"),
    [
        ({"sys_vendor": "Amazon EC2\n"}, "amazon"),
        ({"product_name": "Google Compute Engine\n", "sys_vendor": "Google\n"}, "google"),
        ({"product_name": "KVM\n", "sys_vendor": "Red Hat\n"}, "kvm"),
        ({"product_name": "OpenStack Nova\n"}, "kvm"),
        ({"product_name": "Standard PC (Q35 + ICH9, 2009)\n", "sys_vendor": "QEMU\n"}, "qemu"),
        ({"product_name": "VMware Virtual Platform\n"}, "vmware"),
        ({"product_name": "VirtualBox\n", "sys_vendor": "innotek GmbH\n"}, "oracle"),
        ({"product_name": "HVM domU\n", "sys_vendor": "Xen\n"}, "xen"),
        (
            {"product_name": "Virtual Machine\n", "sys_vendor": "Microsoft\n", "product_version": "Hyper-V UEFI\n"},
            "microsoft",
        ),
        ({"product_name": "Parallels Virtual Platform\n"}, "parallels"),
        ({"bios_vendor": "BHYVE\n"}, "bhyve"),
    ],
)
def test_firmware_names_the_hypervisor(tmp_path, vendor, expected):
    assert judged(tmp_path, GUEST, {DMI + name: value for name, value in vendor.items()}) == expected


@pytest.mark.parametrize(
    ("cpuinfo", "sysfs", "expected"),
    [
        (BARE, {}, "none"),
        (BARE, {DMI + "sys_vendor": "Dell Inc.\n"}, "none"),
        (ARM, {DMI + "sys_vendor": "HPE\n"}, "none"),
        (ARM, {}, None),
        (GUEST, {}, "vm-other"),
        (GUEST, {CLOCKS: "tsc kvm-clock \n"}, "kvm"),
        (GUEST, {CLOCKS: "tsc kvm-clock \n", DMI + "sys_vendor": "QEMU\n"}, "kvm"),
        (GUEST, {CLOCKS: "tsc kvm-clock \n", DMI + "sys_vendor": "Amazon EC2\n"}, "amazon"),
        (GUEST, {CLOCKS: "hyperv_clocksource_tsc_page acpi_pm\n"}, "microsoft"),
        (GUEST, {CLOCKS: "hyperv_clocksource_tsc_page\n", DMI + "sys_vendor": "QEMU\n"}, "qemu"),
        (BARE, {CLOCKS: "tsc hpet acpi_pm\n"}, "none"),
        ("processor\t: 0\nvendor_id\t: User Mode Linux\n", {}, "uml"),
        (BARE, {SMBIOS: VIRTUAL}, "vm-other"),
        (BARE, {SMBIOS: REAL}, "none"),
        (GUEST, {"sys/hypervisor/type": "xen\n"}, "xen"),
        (ARM, {TREE + "compatible": b"linux,dummy-virt\0"}, "none"),
        (ARM, {TREE + "hypervisor/compatible": b"linux,kvm\0"}, "kvm"),
        (ARM, {TREE + "hypervisor/compatible": b"xen,xen-4.17\0xen,xen\0"}, "xen"),
        (ARM, {TREE + "hypervisor/compatible": b"other\0"}, "vm-other"),
        (ARM, {TREE + "fw-cfg@9020000/compatible": b"qemu,fw-cfg-mmio\0"}, "qemu"),
        (ARM, {TREE + "compatible": b"qemu,pseries\0"}, "qemu"),
        (ARM, {TREE + "ibm,partition-name": b"lpar\0", TREE + "hmc-managed?": b"1\0"}, "powervm"),
    ],
)
def test_evidence_is_weighed(tmp_path, cpuinfo, sysfs, expected):
    assert judged(tmp_path, cpuinfo, sysfs) == expected


@pytest.mark.parametrize(
    ("sysfs", "expected"),
    [
        ({DMI + "product_name": "c5.metal\n"}, "none"),
        ({DMI + "product_name": "m7i.metal-24xl\n"}, "none"),
        ({DMI + "product_name": "m5.large\n"}, "amazon"),
        ({DMI + "product_name": "m5.large\n", SMBIOS: REAL}, "none"),
        ({DMI + "product_name": "c5.metal\n", SMBIOS: VIRTUAL}, "amazon"),
    ],
)
def test_a_bare_machine_of_ec2_is_told_from_a_virtual_one(tmp_path, sysfs, expected):
    assert judged(tmp_path, BARE, {DMI + "sys_vendor": "Amazon EC2\n", **sysfs}) == expected


@pytest.mark.parametrize(
    ("proc", "sysfs", "expected"),
    [
        ({"xen/privcmd": ""}, {}, "xen"),
        ({"xen/capabilities": "\n"}, {}, "xen"),
        ({"xen/capabilities": "control_d\n"}, {}, "none"),
        ({"xen/privcmd": ""}, {"sys/hypervisor/properties/features": "00002705\n"}, "xen"),
        ({"xen/privcmd": ""}, {"sys/hypervisor/properties/features": "00002f05\n"}, "none"),
        ({"sysinfo": "Manufacturer: IBM\nVM00 Control Program: z/VM    7.2.0\n"}, {}, "zvm"),
        ({"sysinfo": "Manufacturer: IBM\nVM00 Control Program: KVM/Linux\n"}, {}, "kvm"),
        ({"sysinfo": "Manufacturer: IBM\n"}, {}, "none"),
    ],
)
def test_proc_tells_xen_and_s390(tmp_path, proc, sysfs, expected):
    assert judged(tmp_path, BARE, sysfs, proc) == expected


def test_evidence_that_links_out_of_the_root_is_not_followed(tmp_path):
    (tmp_path / "secret").write_text("QEMU\n")
    root = tmp_path / "root"
    (root / DMI).mkdir(parents=True)
    (root / DMI / "sys_vendor").symlink_to(tmp_path / "secret")
    assert judged(root, BARE) == "none"


@pytest.mark.skipif(not shutil.which("systemd-detect-virt"), reason="systemd is not installed")
def test_this_machine_is_what_systemd_finds():
    """But for the mark of an image that this machine was made from, see container_mark."""
    found = virtualization(HostRoot("/"), ProcFS())
    told = [
        subprocess.run(["systemd-detect-virt", kind], capture_output=True, text=True).stdout.strip()
        for kind in ("--vm", "--container")
    ]
    assert found in told
