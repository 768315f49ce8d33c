"""Checks of auditd: how it keeps its records, and who can reach them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from agent.checks.engine.check import Check
from agent.checks.predicates import auditd, boot_argument, file_access, package, unit
from agent.checks.predicates.combine import all_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.checks.engine.check import Rule, Value

_LOST = "Records are lost when the disk is full, and nobody is told."
_CONF = "Set it in /etc/audit/auditd.conf, and restart auditd."
_WIPED = "Whoever can change the records or what makes them hides what it did."
_BOOT = "Add it to GRUB_CMDLINE_LINUX in /etc/default/grub, and make the menu anew with update-grub or grubby."
_TAKE = "Use chmod, chown and chgrp; keep log_group of auditd.conf as it should be."


def _installed(names: tuple[str, ...]) -> Rule:
    return package.installed(names)


def _errors(full: tuple[str, ...], broken: tuple[str, ...]) -> Rule:
    return all_of(auditd.keyword("disk_full_action", full), auditd.keyword("disk_error_action", broken))


def _warning(low: tuple[str, ...], admin: tuple[str, ...], mail: str, packages: tuple[str, ...]) -> Rule:
    mailing = [package.installed(packages)] if packages else []
    return all_of(
        auditd.keyword("space_left_action", low),
        auditd.keyword("admin_space_left_action", admin),
        auditd.keyword("action_mail_acct", mail, "root"),
        *mailing,
    )


def _configuration_modes() -> Rule:
    return all_of(auditd.configuration("0640"), file_access.files(("/etc/audit/rules.d/*.rules",), (("", "0600"),), ()))


def _check(name: str, title: str, why: str, fix: str, rule: Callable[..., Rule], **parameters: Value) -> Check:
    return Check(f"audit_{name}", title, why, fix, rule, parameters)


def _access(name: str, title: str, rule: Callable[..., Rule], **parameters: Value) -> Check:
    return _check(name, title, _WIPED, _TAKE, rule, **parameters)


CHECKS = (
    _check(
        "installed",
        "The audit system is installed",
        "Nothing records what users and programs do.",
        "Install the packages.",
        _installed,
        names=("auditd", "audispd-plugins"),
    ),
    _check(
        "runs",
        "auditd is enabled and runs",
        "Nothing keeps what the kernel records.",
        "Enable auditd.service, and start it.",
        partial(unit.on, "auditd.service"),
    ),
    _check(
        "at_boot",
        "Processes are recorded that start before auditd",
        "What starts early goes unrecorded.",
        _BOOT,
        partial(boot_argument.is_set, "audit", "1"),
    ),
    _check(
        "backlog",
        "Records are kept until auditd takes them",
        "Records of the start of the system are lost.",
        _BOOT,
        partial(boot_argument.at_least, "audit_backlog_limit"),
        least=8192,
    ),
    _check(
        "log_size",
        "The size of a log is chosen",
        _LOST,
        _CONF,
        partial(auditd.keyword, "max_log_file"),
    ),
    _check(
        "logs_kept",
        "Logs are kept when they are full",
        "The oldest records are overwritten.",
        _CONF,
        partial(auditd.keyword, "max_log_file_action"),
        accepted="keep_logs",
    ),
    _check(
        "disk_full",
        "The host stops when no record can be written",
        "What is done then is recorded nowhere.",
        _CONF,
        _errors,
        full=("halt", "single"),
        broken=("syslog", "single", "halt"),
    ),
    _check(
        "space_low",
        "Somebody is told when space for records becomes low",
        _LOST,
        _CONF,
        _warning,
        low=("email", "exec", "single", "halt"),
        admin=("single", "halt"),
        mail="root",
        packages=(),
    ),
    _access("log_modes", "Audit logs are closed to others", auditd.logs, mode="0640"),
    _access("log_owner", "Audit logs belong to root", auditd.logs_of, owner="root"),
    _access("log_group", "Audit logs belong to a group that is trusted", auditd.logs_of_group, groups=("root", "adm")),
    _access("log_folder", "The directory of audit logs is closed to others", auditd.log_folder, mode="0750"),
    _access("config_modes", "Only root can read and write what configures auditd", auditd.configuration, mode="0640"),
    _access(
        "config_modes_strict", "Only root can read and write what configures auditd and its rules", _configuration_modes
    ),
    _access("config_owner", "What configures auditd belongs to root", auditd.configuration, owner="root"),
    _access("config_group", "What configures auditd belongs to the group root", auditd.configuration, group="root"),
    _access("tool_modes", "Only root can write the programs of the audit system", auditd.tools, mode="0755"),
    _access("tool_owner", "The programs of the audit system belong to root", auditd.tools, owner="root"),
    _access("tool_group", "The programs of the audit system belong to the group root", auditd.tools, group="root"),
)
