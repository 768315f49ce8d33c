"""Checks of what the audit system records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.checks.engine.check import Check
from agent.checks.predicates import audit_rules
from agent.checks.predicates.combine import all_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.checks.engine.check import Rule, Value

_FIX = "Write the rules to a file of /etc/audit/rules.d, for 64-bit and 32-bit programs, and load them with `augenrules --load`."
_ACCESS = (
    *("chmod", "fchmod", "fchmodat", "chown", "fchown", "fchownat", "lchown", "setxattr", "lsetxattr", "fsetxattr"),
    *("removexattr", "lremovexattr", "fremovexattr"),
)
_OPENING = ("creat", "open", "openat", "truncate", "ftruncate")
_IDENTITY = (
    *("/etc/group", "/etc/passwd", "/etc/gshadow", "/etc/shadow", "/etc/security/opasswd", "/etc/nsswitch.conf"),
    *("/etc/pam.conf", "/etc/pam.d"),
)
_NAMES = ("/etc/issue", "/etc/issue.net", "/etc/hosts")
_MODULES = ("init_module", "finit_module", "delete_module", "create_module", "query_module")


def _time() -> Rule:
    return all_of(
        audit_rules.calls(("adjtimex", "settimeofday")),
        audit_rules.calls(("clock_settime",), arguments=("a0=0",)),
        audit_rules.watched(("/etc/localtime",)),
    )


def _network(paths: tuple[str, ...], one_of: tuple[str, ...]) -> Rule:
    names = audit_rules.calls(("sethostname", "setdomainname"))
    return all_of(names, audit_rules.watched(paths), *([audit_rules.one_watched(one_of)] if one_of else []))


def _refused() -> Rule:
    return audit_rules.calls(_OPENING, by="people", exits=("EACCES", "EPERM"))


def _modules() -> Rule:
    return all_of(
        audit_rules.calls(_MODULES, by="people", both=False),
        audit_rules.executions(("/usr/bin/kmod",)),
    )


def _check(name: str, title: str, why: str, rule: Callable[..., Rule], **parameters: Value) -> Check:
    return Check(f"audit_rules_{name}", title, why, _FIX, rule, parameters)


def _watch(name: str, what: str, why: str, *paths: str) -> Check:
    return _check(name, f"Changes to {what} are recorded", why, audit_rules.watched, paths=paths)


def _starts(name: str, path: str) -> Check:
    title, why = f"Every start of {name} is recorded", "It changes rights, which attackers do and others seldom."
    return _check(name, title, why, audit_rules.executions, paths=(path,))


CHECKS = (
    _watch(
        "sudoers",
        "the policy of sudo",
        "Whoever changes it can become root.",
        "/etc/sudoers",
        "/etc/sudoers.d",
    ),
    _check(
        "acting_as_others",
        "Programs that run as another than who started them are recorded",
        "Nobody could tell who did what as root.",
        audit_rules.acting_as_others,
    ),
    _check(
        "sudo_log",
        "Changes to the log of sudo are recorded",
        "Whoever wipes it hides what was done as root.",
        audit_rules.sudo_log_watched,
        path="/var/log/sudo.log",
    ),
    _check(
        "time",
        "Changes of the clock are recorded",
        "With another time the records of what was done mislead.",
        _time,
    ),
    _check(
        "network",
        "Changes of the host's name, network and banners are recorded",
        "A host that goes by another name or way escapes who watches it.",
        _network,
        paths=_NAMES,
        one_of=("/etc/network", "/etc/networks", "/etc/netplan"),
    ),
    _check(
        "set_id_programs",
        "Every start of a set-id program is recorded",
        "They are how users get the rights of root, with leave or without.",
        audit_rules.set_id_executions,
    ),
    _check(
        "refused_access",
        "Files that people were not allowed to open are recorded",
        "Who looks for what it may read is refused often.",
        _refused,
    ),
    _watch("identity", "accounts and PAM", "Whoever changes them can log in as anybody.", *_IDENTITY),
    _check(
        "access_changes",
        "Changes of modes, owners and attributes are recorded",
        "Files are opened to others that way.",
        audit_rules.calls,
        names=_ACCESS,
        by="people",
    ),
    _check(
        "mounts",
        "Mounts are recorded",
        "A file system that is mounted brings programs in and carries files out.",
        audit_rules.calls,
        names=("mount",),
        by="people",
    ),
    _watch(
        "sessions",
        "the records of sessions",
        "Whoever changes them hides when it was there.",
        "/var/run/utmp",
        "/var/log/wtmp",
        "/var/log/btmp",
    ),
    _watch(
        "logins",
        "the records of logins",
        "Whoever changes them hides that passwords were tried.",
        "/var/log/lastlog",
        "/var/run/faillock",
    ),
    _check(
        "removals",
        "Files that people remove or rename are recorded",
        "Traces are removed that way.",
        audit_rules.calls,
        names=("unlink", "unlinkat", "rename", "renameat"),
        by="people",
    ),
    _watch(
        "apparmor",
        "the policy of AppArmor",
        "Whoever changes it frees programs from their limits.",
        "/etc/apparmor",
        "/etc/apparmor.d",
    ),
    _watch(
        "selinux",
        "the policy of SELinux",
        "Whoever changes it frees programs from their limits.",
        "/etc/selinux",
        "/usr/share/selinux",
    ),
    _starts("chcon", "/usr/bin/chcon"),
    _starts("setfacl", "/usr/bin/setfacl"),
    _starts("chacl", "/usr/bin/chacl"),
    _starts("usermod", "/usr/sbin/usermod"),
    _check(
        "modules",
        "Loading and unloading of kernel modules is recorded",
        "A module can do everything, and hide it.",
        _modules,
    ),
    _check(
        "in_step",
        "The rules that are loaded are those on disk",
        "What was added to the files is not recorded until the rules are loaded.",
        audit_rules.in_step,
    ),
    _check(
        "immutable",
        "The rules cannot be changed until the host is started again",
        "Whoever becomes root would turn off what records it.",
        audit_rules.immutable,
    ),
)
