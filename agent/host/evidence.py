"""Evidence of which machine this is: what a copy of a disk shares with its original, and what it does not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.host.errors import LimitReached

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.host import Host
    from agent.host.root import HostRoot

MACHINE_ID = "/etc/machine-id"
PRODUCT_UUID = "/sys/class/dmi/id/product_uuid"
NODE_UID_VARIABLE = "STOCKTAKE_NODE_UID"
"""Environment variable by which a DaemonSet tells the UID of the Kubernetes node."""

_LIMIT = 4096
_MACHINE_ID = re.compile(r"[0-9a-f]{32}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_UNSET = (f"{0:032x}", "f" * 32)


@dataclass(frozen=True)
class Evidence:
    """What tells one machine from another; None where it cannot be learnt.

    machine_id: Content of etc/machine-id, 32 hexadecimal digits (machine-id(5)).
    product_uuid: System UUID of the firmware (SMBIOS type 1).
    cloud_instance_id: Id that the cloud gives the instance.
    node_uid: UID of the Kubernetes node.
    """

    machine_id: str | None = None
    product_uuid: str | None = None
    cloud_instance_id: str | None = None
    node_uid: str | None = None


def read_evidence(host: Host, node_uid: str | None = None, cloud_instance_id: str | None = None) -> Evidence:
    """Read the evidence that can be read; what cannot is None, for it is not changed.

    node_uid: Value of the environment variable STOCKTAKE_NODE_UID.
    cloud_instance_id: What the cloud's metadata service told.
    """
    return Evidence(
        machine_id=_or_none(machine_id, host.root),
        product_uuid=_or_none(product_uuid, host.root) if host.proc else None,
        cloud_instance_id=cloud_instance_id,
        node_uid=node_uid or None,
    )


def machine_id(root: HostRoot) -> str | None:
    """Give etc/machine-id; None before the first boot has set it. ValueError for any other content."""
    text = _line(root, MACHINE_ID)
    if text in ("", "uninitialized"):
        return None
    if not _MACHINE_ID.fullmatch(text):
        raise ValueError("its content is no machine id (machine-id(5))")
    return text


def product_uuid(root: HostRoot) -> str | None:
    """Give the firmware's UUID, which only root may read; None where the firmware has set none."""
    text = _line(root, PRODUCT_UUID)
    if not _UUID.fullmatch(text) or text.replace("-", "") in _UNSET:
        return None
    return text


def _line(root: HostRoot, path: str) -> str:
    return root.read(path, _LIMIT).strip().lower().decode("ascii", "replace")


def _or_none(read: Callable[[HostRoot], str | None], root: HostRoot) -> str | None:
    try:
        return read(root)
    except (OSError, LimitReached, ValueError):
        return None
