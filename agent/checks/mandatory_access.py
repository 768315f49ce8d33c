"""Checks of SELinux and AppArmor."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from agent.checks.engine.check import Check
from agent.checks.predicates import apparmor, boot_argument, manual, selinux
from agent.checks.predicates.combine import all_of

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule

_WHY = "Without a policy that is enforced no program is confined to what it needs."
_AT_BOOT = "What the boot loader says turns off what the files of the system say."
_SELINUX_FIX = "Set it in /etc/selinux/config, and restart."


def _apparmor_at_boot() -> Rule:
    return all_of(
        boot_argument.is_set("apparmor", "1", anew=False), boot_argument.is_set("security", "apparmor", anew=False)
    )


CHECKS = (
    Check(
        id="apparmor_at_boot",
        title="Every kernel is started with apparmor=1 security=apparmor",
        why=_AT_BOOT,
        fix="Add both to GRUB_CMDLINE_LINUX in /etc/default/grub, and run update-grub.",
        rule=_apparmor_at_boot,
    ),
    Check(
        id="apparmor_profiles_loaded",
        title="Profiles of AppArmor are loaded, in mode {accepted}",
        why=_WHY,
        fix="Run `aa-enforce /etc/apparmor.d/*` or `aa-complain` for those that are not ready.",
        rule=partial(apparmor.modes, processes=False),
        parameters={"accepted": ("enforce", "complain", "kill")},
    ),
    Check(
        id="apparmor_profiles_enforced",
        title="Profiles of AppArmor are loaded, in mode {accepted}, and no process with one runs without it",
        why="A profile that only complains stops nobody.",
        fix="Run `aa-enforce /etc/apparmor.d/*`, and restart processes that are not confined.",
        rule=partial(apparmor.modes, processes=True),
        parameters={"accepted": ("enforce", "kill")},
    ),
    Check(
        id="selinux_at_boot",
        title="No kernel is started with selinux=0 or enforcing=0",
        why=_AT_BOOT,
        fix='Run `grubby --update-kernel ALL --remove-args "selinux=0 enforcing=0"`.',
        rule=lambda: all_of(boot_argument.is_not("selinux", "0"), boot_argument.is_not("enforcing", "0")),
    ),
    Check(
        id="selinux_policy",
        title="SELINUXTYPE is {accepted}",
        why=_WHY,
        fix=_SELINUX_FIX,
        rule=selinux.policy,
        parameters={"accepted": ("targeted", "mls")},
    ),
    Check(
        id="selinux_not_disabled",
        title="SELinux is {accepted}",
        why=_WHY,
        fix=_SELINUX_FIX,
        rule=selinux.mode,
        parameters={"accepted": ("enforcing", "permissive")},
    ),
    Check(
        id="selinux_enforcing",
        title="SELinux is {accepted}",
        why="A policy that is not enforced writes to the log and stops nobody.",
        fix=f"{_SELINUX_FIX} `setenforce 1` does it until then.",
        rule=selinux.mode,
        parameters={"accepted": ("enforcing",)},
    ),
    Check(
        id="selinux_unconfined_services",
        title="No process runs as unconfined_service_t",
        why="A service without a domain of its own is not confined.",
        fix="Look for such processes with `ps -eZ`, and write a policy for them.",
        rule=partial(manual.review, "no process runs as unconfined_service_t"),
    ),
)
