"""Checks of users, groups, their passwords and their shells."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from agent.checks.engine.check import Check
from agent.checks.predicates import accounts, passwords, profiles, root_path
from agent.checks.predicates.combine import all_of
from agent.checks.sources.profiles import BASHRC, PROFILE

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.checks.engine.check import Rule, Value

_AGE = "A password that became known can be used for ever."
_TWO = "Rights that are given to one are those of the other, too."
_LOGIN_DEFS = "Set it in /etc/login.defs, and for users that are there with chage."


def _aging(name: str, field: str, least: int, most: int) -> Rule:
    return all_of(passwords.login_default(name, least, most), passwords.days(field, least, most))


def _aging_from(name: str, field: str, least: int) -> Rule:
    return all_of(passwords.login_default(name, least), passwords.days(field, least))


def _warning(least: int, users: bool) -> Rule:
    rules = [passwords.login_default("PASS_WARN_AGE", least), *([passwords.days("warning", least)] if users else [])]
    return all_of(*rules)


def _hashing(accepted: str | tuple[str, ...], libuser: tuple[str, ...]) -> Rule:
    word = passwords.login_word("ENCRYPT_METHOD", accepted)
    return all_of(word, passwords.crypt_style(libuser)) if libuser else word


def _inactive(most: int) -> Rule:
    return all_of(passwords.inactive_default(1, most), passwords.days("inactive", 0, most))


def _system_accounts(locked: bool) -> Rule:
    shells = accounts.system_accounts_refuse()
    return all_of(shells, passwords.system_accounts_locked()) if locked else shells


def _masks(mask: str) -> Rule:
    return all_of(passwords.login_mask(mask), profiles.masked(BASHRC, mask), profiles.masked(PROFILE, mask))


def _check(name: str, title: str, why: str, fix: str, rule: Callable[..., Rule], **parameters: Value) -> Check:
    return Check(f"accounts_{name}", title, why, fix, rule, parameters)


def _unique(name: str, what: str, rule: Callable[..., Rule]) -> Check:
    return _check(name, f"No two {what}", _TWO, "Give one of them another.", rule)


CHECKS = (
    _check(
        "maximum_days",
        "Passwords expire after a year at most",
        _AGE,
        _LOGIN_DEFS,
        partial(_aging, "PASS_MAX_DAYS", "maximum", 1),
        most=365,
    ),
    _check(
        "minimum_days",
        "A new password is kept for a day at least",
        "Users could change it until an old one is no longer remembered.",
        _LOGIN_DEFS,
        partial(_aging_from, "PASS_MIN_DAYS", "minimum"),
        least=1,
    ),
    _check(
        "warning_days",
        "Users are warned a week before their password expires",
        "A password that is chosen in a hurry is a weak one.",
        _LOGIN_DEFS,
        _warning,
        least=7,
        users=False,
    ),
    _check(
        "encrypt_method",
        "Passwords are hashed so that guessing is slow",
        "Who reads the hashes finds the passwords.",
        "Set ENCRYPT_METHOD in /etc/login.defs, and crypt_style in /etc/libuser.conf where that is there.",
        _hashing,
        accepted="YESCRYPT",
        libuser=(),
    ),
    _check(
        "inactive_days",
        "Accounts are locked some weeks after their password expired",
        "Nobody misses an account that is not used, so that nobody sees who uses it.",
        "Set INACTIVE in /etc/default/useradd, and for users that are there with chage --inactive.",
        _inactive,
        most=45,
    ),
    _check(
        "changed_in_past",
        "No password was changed in the future",
        "Such a password does not expire.",
        "Set the date with chage --lastday, or have the password changed.",
        passwords.not_changed_in_future,
    ),
    _check(
        "one_superuser",
        "Only root has the user id 0",
        "Every user with that id is root under another name.",
        "Give the others ids of their own, or remove them.",
        accounts.one_superuser,
    ),
    _check(
        "root_primary_group",
        "The primary group of root is 0, and of nobody else",
        "Files that are for root's group would be open to others.",
        "Change it with usermod --gid.",
        accounts.root_group,
    ),
    _check(
        "one_root_group",
        "Only the group root has the group id 0",
        "Files that are for root's group would be open to others.",
        "Give the others ids of their own with groupmod --gid.",
        accounts.one_root_group,
    ),
    _check(
        "root_password",
        "root has a password or is locked",
        "Whoever reaches the console would be root.",
        "Set it with passwd, or lock root with `usermod --lock root`.",
        passwords.root_password,
        locked=True,
    ),
    _check(
        "root_path",
        "root's shell looks for programs in safe directories alone",
        "Who can put a program into one of them can have root run it.",
        "Take such directories out of PATH, or give them to root with the mode 0755.",
        root_path.safe,
    ),
    _check(
        "root_umask",
        "root's own files set no mask that lets others read what root makes",
        "Files that root makes would be open to all.",
        "Set umask 027 or stricter in root's .bash_profile, .profile and .bashrc, or nothing.",
        profiles.masked_for_root,
        mask="027",
    ),
    _check(
        "system_accounts",
        "Users that are no people cannot log in",
        "A service that is taken over would have a way in from elsewhere.",
        "Set nologin as their shell with usermod --shell, and lock them with usermod --lock.",
        _system_accounts,
        locked=False,
    ),
    _check(
        "locked_without_shell",
        "Accounts without a shell for logins are locked",
        "A password would still let them in by other ways than a shell.",
        "Lock them with `usermod --lock`.",
        passwords.locked_without_shell,
    ),
    _check(
        "nologin_not_a_shell",
        "nologin is not listed among the shells",
        "Programs would take accounts with it for people who may log in.",
        "Remove its lines from /etc/shells.",
        passwords.no_nologin_among_shells,
    ),
    _check(
        "idle_shells_end",
        "Idle shells end after a quarter of an hour",
        "Whoever comes by an open terminal could act as its user.",
        "Write `readonly TMOUT=900` and `export TMOUT` to a file in /etc/profile.d.",
        profiles.ends_idle,
        most=900,
    ),
    _check(
        "umask",
        "New files are not for everybody to read or write",
        "Files that users make would be open to all.",
        "Set UMASK 027 in /etc/login.defs, and umask 027 in a file of /etc/profile.d and in the system's bashrc.",
        _masks,
        mask="027",
    ),
    _check(
        "hashes_in_shadow",
        "No hash of a password is in /etc/passwd",
        "Everybody can read that file.",
        "Move them with pwconv.",
        accounts.hashes_in_shadow,
    ),
    _check(
        "no_empty_password",
        "No password is empty",
        "Such an account is open to all.",
        "Lock the account with `passwd --lock`, or set a password.",
        passwords.none_empty,
    ),
    _check(
        "groups_exist",
        "The primary group of every user exists",
        "A group that is made later with that id would be theirs.",
        "Make the group, or give the user another.",
        accounts.groups_exist,
    ),
    _check(
        "shadow_group_empty",
        "The group shadow has no members",
        "They could read the hashes of all passwords.",
        "Take the members out of it, and give users another primary group.",
        partial(accounts.shadow_group_empty, "shadow"),
    ),
    _unique("unique_user_ids", "users have one id", accounts.unique_user_ids),
    _unique("unique_group_ids", "groups have one id", accounts.unique_group_ids),
    _unique("unique_user_names", "users have one name", accounts.unique_user_names),
    _unique("unique_group_names", "groups have one name", accounts.unique_group_names),
)
