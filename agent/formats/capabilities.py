"""Names of Linux capabilities by their bits (capabilities(7), include/uapi/linux/capability.h)."""

from __future__ import annotations

_NAMES = (
    "cap_chown",
    "cap_dac_override",
    "cap_dac_read_search",
    "cap_fowner",
    "cap_fsetid",
    "cap_kill",
    "cap_setgid",
    "cap_setuid",
    "cap_setpcap",
    "cap_linux_immutable",
    "cap_net_bind_service",
    "cap_net_broadcast",
    "cap_net_admin",
    "cap_net_raw",
    "cap_ipc_lock",
    "cap_ipc_owner",
    "cap_sys_module",
    "cap_sys_rawio",
    "cap_sys_chroot",
    "cap_sys_ptrace",
    "cap_sys_pacct",
    "cap_sys_admin",
    "cap_sys_boot",
    "cap_sys_nice",
    "cap_sys_resource",
    "cap_sys_time",
    "cap_sys_tty_config",
    "cap_mknod",
    "cap_lease",
    "cap_audit_write",
    "cap_audit_control",
    "cap_setfcap",
    "cap_mac_override",
    "cap_mac_admin",
    "cap_syslog",
    "cap_wake_alarm",
    "cap_block_suspend",
    "cap_audit_read",
    "cap_perfmon",
    "cap_bpf",
    "cap_checkpoint_restore",
)


def permitted(status: bytes) -> tuple[str, ...]:
    """Give the permitted capabilities of a process from its status in proc, sorted; ValueError without CapPrm."""
    for line in status.splitlines():
        if line.startswith(b"CapPrm:"):
            return names(int(line.split()[1], 16))
    raise ValueError("the status has no CapPrm")


def names(mask: int) -> tuple[str, ...]:
    """Give the names of a mask's bits, sorted; a bit that has no name yet is cap_<number>."""
    bits = (bit for bit in range(mask.bit_length()) if mask >> bit & 1)
    return tuple(sorted(_NAMES[bit] if bit < len(_NAMES) else f"cap_{bit}" for bit in bits))
