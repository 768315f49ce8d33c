"""Checks of kernel modules that a host has no use for."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from agent.checks.engine.check import Check
from agent.checks.predicates import kernel_module, manual, package

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule

_FILE_SYSTEM = "Faults in a rarely used file system are reached by mounting a prepared image."
_PROTOCOL = "Faults in a rarely used protocol are reached by any process that opens a socket."
_WHY = {
    **dict.fromkeys(("cramfs", "freevxfs", "hfs", "hfsplus", "jffs2", "overlay", "squashfs", "udf"), _FILE_SYSTEM),
    **dict.fromkeys(("dccp", "tipc", "rds", "sctp"), _PROTOCOL),
    "usb-storage": "Whoever reaches a port can carry files in and out on a stick.",
}
_NEEDED_BY: dict[str, Rule] = {"squashfs": package.absent("snapd")}
"""Snaps are images of squashfs: a host that uses them cannot do without it."""


def _check(module: str, why: str) -> Check:
    return Check(
        id=f"kernel_module_{module.replace('-', '_')}_blocked",
        title=f"{module} kernel module blocked",
        why=why,
        fix=f"Write `install {module} /bin/false` and `blacklist {module}` to a file in /etc/modprobe.d, and unload it.",
        rule=partial(kernel_module.blocked, module),
        applies=_NEEDED_BY.get(module),
    )


CHECKS = (
    *(_check(module, why) for module, why in _WHY.items()),
    Check(
        id="file_system_modules_reviewed",
        title="Other modules of file systems that are not used are blocked",
        why=_FILE_SYSTEM,
        fix="Compare what is mounted with the modules below /lib/modules/*/kernel/fs, and block the others.",
        rule=partial(
            manual.review, "modules of file systems that are not used are blocked", ("/etc/modprobe.d/*.conf",)
        ),
    ),
)
