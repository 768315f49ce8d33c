"""Checks of the modules of PAM: what the stacks call, and how passwords are judged, remembered and locked."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from agent.checks.engine.check import Check
from agent.checks.predicates import authselect, package, pam, pam_option
from agent.checks.predicates.combine import all_of, any_of
from agent.checks.predicates.pam_option import FAILLOCK, PWHISTORY, PWQUALITY
from agent.formats.pam_config import KINDS

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule, Value

_FIX = "Add it to a profile of /usr/share/pam-configs and run pam-auth-update, or to the profile of authselect and run `authselect apply-changes`."
_GUESSED = "Short and simple passwords are guessed."
_TRIED = "Passwords can be tried without end."


def _faillock() -> Rule:
    return all_of(
        pam.called_with("pam_faillock.so", "auth", "preauth"),
        pam.called_with("pam_faillock.so", "auth", "authfail"),
        pam.called("pam_faillock.so", "account"),
    )


def _root_locks(seconds: int) -> Rule:
    root_time = "root_unlock_time"
    either = any_of(pam_option.flag(FAILLOCK, "even_deny_root"), pam_option.flag(FAILLOCK, root_time))
    return all_of(either, pam_option.lasts_if_set(FAILLOCK, root_time, seconds))


def _complexity(classes: int) -> Rule:
    credits_ = (pam_option.at_most(PWQUALITY, f"{kind}credit", -1) for kind in "dulo")
    return any_of(pam_option.at_least(PWQUALITY, "minclass", classes, "0"), all_of(*credits_))


def _hashing(accepted: Value) -> Rule:
    names = (accepted,) if isinstance(accepted, str) else tuple(map(str, accepted))  # type: ignore[arg-type]
    return pam.always_with("pam_unix.so", ("password",), names)


def _module(name: str, *kinds: str) -> Check:
    title = f"pam_{name} is called in the shared stacks of PAM"
    why = "What a module would do is not done where nothing calls it."
    return Check(f"pam_{name}_called", title, why, _FIX, partial(pam.called, f"pam_{name}.so", *kinds))


def _check(name: str, title: str, why: str, rule: partial[Rule], **parameters: Value) -> Check:
    return Check(name, title, why, _FIX, rule, parameters)


def _package(name: str, *names: str) -> Check:
    title, fix = f"{' or '.join(names)} is installed", f"Install {names[0]}."
    why = "Without it the modules that judge and lock passwords are missing."
    return Check(f"package_{name}_installed", title, why, fix, partial(package.any_installed, names))


def _latest(name: str, package_name: str) -> Check:
    title, fix = (
        f"{package_name} is installed, in its latest version",
        f"Install {package_name}, and keep it up to date.",
    )
    why = "Faults that are known are used by others."
    return Check(f"package_{name}_latest", title, why, fix, partial(package.latest, package_name))


CHECKS = (
    _package("pam_runtime", "libpam-runtime", "pam"),
    _package("pam_modules", "libpam-modules", "pam"),
    _package("pam_pwquality", "libpam-pwquality", "libpwquality"),
    _latest("pam", "pam"),
    _latest("authselect", "authselect"),
    Check(
        id="authselect_profile",
        title="The selected profile of authselect has all modules that judge and lock passwords",
        why="What the profile does not have is lost when it is applied again.",
        fix="Make a profile with `authselect create-profile`, add the modules, and select it.",
        rule=authselect.names,
        parameters={"modules": ("pam_pwquality.so", "pam_pwhistory.so", "pam_faillock.so", "pam_unix.so")},
    ),
    _module("unix", *KINDS),
    _module("pwquality", "password"),
    _module("pwhistory", "password"),
    _check(
        "pam_faillock_called",
        "pam_faillock is called before and after a password is looked at",
        _TRIED,
        partial(_faillock),
    ),
    _check(
        "faillock_deny",
        "Few wrong passwords lock an account",
        _TRIED,
        partial(pam_option.between, FAILLOCK, "deny", 1, default="3"),
        most=5,
    ),
    _check(
        "faillock_unlock_time",
        "A locked account stays locked for some time",
        _TRIED,
        partial(pam_option.zero_or_at_least, FAILLOCK, "unlock_time", default="600"),
        least=900,
    ),
    _check(
        "faillock_root",
        "Wrong passwords lock root, too",
        "The password of root can be tried without end.",
        partial(_root_locks),
        seconds=60,
    ),
    _check(
        "pwquality_difok",
        "A new password differs from the old one",
        "Who knew the old password guesses the new one.",
        partial(pam_option.at_least, PWQUALITY, "difok", default="1"),
        least=2,
    ),
    _check(
        "pwquality_minlen",
        "Passwords are long",
        _GUESSED,
        partial(pam_option.at_least, PWQUALITY, "minlen", default="8"),
        least=14,
    ),
    _check(
        "pwquality_complexity", "Passwords have signs of several classes", _GUESSED, partial(_complexity), classes=4
    ),
    _check(
        "pwquality_maxrepeat",
        "Passwords do not repeat one sign",
        _GUESSED,
        partial(pam_option.between, PWQUALITY, "maxrepeat", 1, default="0"),
        most=3,
    ),
    _check(
        "pwquality_maxsequence",
        "Passwords have no long sequences",
        _GUESSED,
        partial(pam_option.between, PWQUALITY, "maxsequence", 1, default="0"),
        most=3,
    ),
    _check(
        "pwquality_dictcheck",
        "Passwords are looked up in a dictionary",
        "Words are what is tried first.",
        partial(pam_option.not_zero, PWQUALITY, "dictcheck"),
    ),
    _check(
        "pwquality_enforcing",
        "Weak passwords are refused, not only warned of",
        _GUESSED,
        partial(pam_option.not_zero, PWQUALITY, "enforcing"),
    ),
    _check(
        "pwquality_root",
        "Passwords that root sets are judged, too",
        _GUESSED,
        partial(pam_option.flag, PWQUALITY, "enforce_for_root"),
    ),
    _check(
        "pwhistory_remember",
        "Earlier passwords are remembered",
        "An old password that became known would be taken again.",
        partial(pam_option.at_least, PWHISTORY, "remember", default="10"),
        least=24,
    ),
    _check(
        "pwhistory_root",
        "Earlier passwords of root are remembered, too",
        "An old password that became known would be taken again.",
        partial(pam_option.flag, PWHISTORY, "enforce_for_root"),
    ),
    _check(
        "pwhistory_use_authtok",
        "pam_pwhistory judges the password that was judged before it",
        "The user is asked twice, and one of the passwords is not judged.",
        partial(pam_option.flag, PWHISTORY, "use_authtok"),
    ),
    _check(
        "pam_unix_no_nullok",
        "pam_unix lets nobody in without a password",
        "An account without a password would be open to all.",
        partial(pam.never_with, "pam_unix.so", KINDS, ("nullok", "nullok_secure")),
    ),
    _check(
        "pam_unix_no_remember",
        "pam_unix remembers no passwords",
        "It keeps old passwords as weak hashes; pam_pwhistory does it well.",
        partial(pam.never_with, "pam_unix.so", ("password",), ("remember",)),
    ),
    _check(
        "pam_unix_hashing",
        "pam_unix hashes passwords so that guessing is slow",
        "Who reads the hashes finds the passwords.",
        partial(_hashing),
        accepted="yescrypt",
    ),
    _check(
        "pam_unix_use_authtok",
        "pam_unix sets the password that was judged before it",
        "A password that nothing judged would be set.",
        partial(pam.always_with, "pam_unix.so", ("password",), ("use_authtok",)),
    ),
)
