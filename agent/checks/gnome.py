"""Checks of GNOME and its login screen."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from agent.checks.engine.check import Check
from agent.checks.predicates import dconf, package, settings_file
from agent.checks.predicates.combine import all_of

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule

_LOGIN = "org/gnome/login-screen"
_MEDIA = "org/gnome/desktop/media-handling"
_IDLE, _LOCK_DELAY = "org/gnome/desktop/session/idle-delay", "org/gnome/desktop/screensaver/lock-delay"
_LOCK_ENABLED = "org/gnome/desktop/screensaver/lock-enabled"
_GDM = package.any_installed(("gdm3", "gdm"))
_FIX = "Write the keys to a keyfile and a file of locks below /etc/dconf/db, and run `dconf update`."


def _banner() -> Rule:
    enabled = f"{_LOGIN}/banner-message-enable"
    return all_of(dconf.is_set(f"{_LOGIN}/banner-message-text"), dconf.is_set(enabled, "true"), dconf.locked(enabled))


def _screen_lock(seconds: int, delay: int, lock_enabled: bool) -> Rule:
    rules = [dconf.between(_IDLE, 1, seconds), dconf.between(_LOCK_DELAY, 0, delay)]
    return all_of(*rules, *([dconf.is_set(_LOCK_ENABLED, "true")] if lock_enabled else []))


def _values(value: str, *keys: str) -> Rule:
    return all_of(*(dconf.is_set(key, value) for key in keys))


def _locks(*keys: str) -> Rule:
    return all_of(*map(dconf.locked, keys))


def _fixed(value: str, *keys: str) -> Rule:
    """A lock without a value locks the default, and a value without a lock is what each user makes of it."""
    return all_of(_values(value, *keys), _locks(*keys))


def _xdmcp() -> Rule:
    return settings_file.never(
        ("/etc/gdm/custom.conf", "/etc/gdm/daemon.conf", "/etc/gdm3/*.conf"), "xdmcp", "Enable", ("true", "1")
    )


def _check(name: str, title: str, why: str, rule: partial[Rule], **parameters: int | bool) -> Check:
    return Check(f"gnome_{name}", title, why, _FIX, rule, parameters, _GDM)


_OPEN, _AUTO, _RUN = f"{_MEDIA}/automount-open", f"{_MEDIA}/automount", f"{_MEDIA}/autorun-never"

CHECKS = (
    _check("login_banner", "The login screen shows a banner", "Users are told the terms of use.", partial(_banner)),
    _check(
        "user_list_hidden",
        "The login screen lists no users",
        "Names of accounts are half of a login.",
        partial(_values, "true", f"{_LOGIN}/disable-user-list"),
    ),
    _check(
        "screen_locks",
        "An idle screen locks",
        "Whoever passes by could act as the user.",
        partial(_screen_lock),
        seconds=900,
        delay=5,
        lock_enabled=True,
    ),
    _check(
        "screen_lock_locked",
        "Users cannot change when the screen locks",
        "A user could turn it off.",
        partial(_locks, _IDLE, _LOCK_DELAY),
    ),
    _check(
        "automount_off",
        "Media are not mounted by themselves, and users cannot change that",
        "A stick's file system is read as soon as it is put in.",
        partial(_fixed, "false", _OPEN, _AUTO),
    ),
    _check(
        "autorun_never",
        "Programs on media are never started by themselves, and users cannot change that",
        "A stick could start its programs.",
        partial(_fixed, "true", _RUN),
    ),
    _check("xdmcp_off", "XDMCP is off", "It carries logins over the network in the clear.", partial(_xdmcp)),
)
