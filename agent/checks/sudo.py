"""Checks of sudo and su."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from agent.checks.engine.check import Check
from agent.checks.predicates import package, pam, presence, sudoers
from agent.checks.predicates.combine import any_of

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule, Value

_SUDO = any_of(package.any_installed(("sudo", "sudo-ldap")), presence.exists("/etc/sudoers"))
_FIX = "Change it with visudo in /etc/sudoers or a file of /etc/sudoers.d."


def _check(name: str, title: str, why: str, rule: partial[Rule], **parameters: Value) -> Check:
    return Check(f"sudo_{name}", title, why, _FIX, rule, parameters, _SUDO)


CHECKS = (
    Check(
        id="sudo_installed",
        title="sudo is installed",
        why="People would share the password of root, and nobody could tell who did what.",
        fix="Install the package sudo.",
        rule=partial(package.any_installed, ("sudo", "sudo-ldap")),
    ),
    _check(
        "use_pty",
        "sudo runs commands in a terminal of their own",
        "A program that goes on in the background could type into the user's terminal.",
        partial(sudoers.on, "use_pty", "1.9.14"),
    ),
    _check(
        "logfile",
        "sudo writes a log of its own",
        "Commands are lost among other messages, or not recorded where no system log runs.",
        partial(sudoers.on, "logfile"),
    ),
    _check(
        "password_required",
        "No rule of sudo goes without a password",
        "Whoever reaches the session of such a user is root.",
        partial(sudoers.authenticates, "NOPASSWD"),
        parameter="authenticate",
    ),
    _check(
        "authenticate",
        "Nothing turns off that sudo asks who it is",
        "Whoever reaches the session of such a user is root.",
        partial(sudoers.authenticates),
        parameter="authenticate",
    ),
    _check(
        "timestamp_timeout",
        "sudo asks for the password again after some minutes",
        "Whoever comes by an open terminal could act as root.",
        partial(sudoers.timeout),
        least=0,
        most=15,
    ),
    Check(
        id="su_restricted",
        title="su is for the members of a group that is empty",
        why="A password of root that becomes known would be enough for everybody to become root.",
        fix="Make an empty group, and put `auth required pam_wheel.so use_uid group=NAME` behind pam_rootok in /etc/pam.d/su.",
        rule=pam.wheel_only,
    ),
)
