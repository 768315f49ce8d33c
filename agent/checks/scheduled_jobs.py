"""Checks of cron and at: who may have programs started for them, and whose jobs run as root."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from agent.checks.engine.check import Check
from agent.checks.predicates import file_access, package, presence, unit
from agent.checks.predicates.combine import all_of, any_of

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule

_CRON = package.any_installed(("cron", "cronie"))
_AT = package.installed("at")
_WHY = "What is written there is run as root."
_ALLOW_WHY = "Jobs of users go on when they are gone; who may leave some should be said."


def _users(deny: str, mode: str, groups: tuple[str, ...], program: str) -> Rule:
    """Of two lists of users the one of those who may has to be there; the other may be kept by root alone, or not at all."""
    allow = file_access.at_most(f"/etc/{program}.allow", mode, needed=True, groups=groups)
    denied = file_access.at_most(f"/etc/{program}.deny", mode, groups=groups)
    return all_of(allow, presence.absent(f"/etc/{program}.deny") if deny == "absent" else denied)


def _folder(name: str) -> Check:
    return _closed(name.replace(".", "_"), f"/etc/{name}", "0700")


def _closed(name: str, path: str, mode: str) -> Check:
    return Check(
        id=f"{name}_access",
        title=f"{path} is for root alone",
        why=_WHY,
        fix=f"Give {path} to root and group root, with the mode {{mode}}.",
        rule=partial(file_access.at_most, path),
        parameters={"mode": mode},
        applies=_CRON,
    )


def _allowed(program: str, deny: str, applies: Rule) -> Check:
    return Check(
        id=f"{program}_users",
        title=f"/etc/{program}.allow says who may use {program}, and is kept by root",
        why=_ALLOW_WHY,
        fix=f"Make /etc/{program}.allow, of root and group root, with the mode {{mode}}; remove /etc/{program}.deny.",
        rule=partial(_users, program=program),
        parameters={"deny": deny, "mode": "0640", "groups": ("root",)},
        applies=applies,
    )


CHECKS = (
    Check(
        id="cron_on",
        title="cron is enabled and active",
        why="Without it jobs of the system, such as checks of its integrity, do not run.",
        fix="Run `systemctl unmask` and `systemctl enable --now` with cron.service or crond.service.",
        rule=lambda: any_of(unit.on("cron.service"), unit.on("crond.service")),
        applies=_CRON,
    ),
    _closed("crontab", "/etc/crontab", "0600"),
    *map(_folder, ("cron.hourly", "cron.daily", "cron.weekly", "cron.monthly", "cron.d")),
    _allowed("cron", "absent", _CRON),
    _allowed("at", "kept by root", _AT),
)
