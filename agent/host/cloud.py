"""Whether the host is an instance of a cloud, told by its firmware alone: nobody is asked.

EC2 writes its name as vendor of the system (Nitro) or of the BIOS (Xen, whose hypervisor's UUID starts with ec2); Google names
the product; Azure gives all its machines one asset tag of the chassis.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.host.root import HostRoot

EC2, GCE, AZURE = "ec2", "gce", "azure"
_DMI = "/sys/class/dmi/id/"
_MARKS = (
    (f"{_DMI}sys_vendor", "Amazon EC2", EC2),
    (f"{_DMI}bios_vendor", "Amazon EC2", EC2),
    (f"{_DMI}product_name", "Google Compute Engine", GCE),
    (f"{_DMI}chassis_asset_tag", "7783-7084-3265-9085-8269-3286-77", AZURE),
)
_XEN_UUID = "/sys/hypervisor/uuid"
READS = (*(path for path, _, _ in _MARKS), _XEN_UUID)
_LIMIT = 4096


def provider(root: HostRoot) -> str | None:
    """Give the cloud; None where the firmware names none that is known. OSError where it could not be read."""
    for path, mark, name in _MARKS:
        if _line(root, path) == mark:
            return name
    return EC2 if _line(root, _XEN_UUID).startswith("ec2") else None


def _line(root: HostRoot, path: str) -> str:
    try:
        return root.read(path, _LIMIT).decode("ascii", "replace").strip()
    except (FileNotFoundError, NotADirectoryError):
        return ""
