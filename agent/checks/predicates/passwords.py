"""Judgements about passwords as shadow(5) and login.defs(5) have them; no hash is shown."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import FAIL, PASS, Outcome, judged
from agent.checks.predicates.accounts import is_of_the_system
from agent.checks.predicates.listed import none_wrong
from agent.checks.sources import accounts, files
from agent.checks.sources.accounts import SHADOW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System
    from agent.formats.accounts import Secret

_DAY = 86400
_MOST = 10**9


class Default(NamedTuple):
    """A value that new users are given.

    source: Gives the values by name.
    path: Where they stand.
    expected: What is wanted, for people.
    holds: Judges the value as it is written.
    """

    source: Callable[[System], Mapping[str, accounts.Value]]
    path: str
    name: str
    expected: str
    holds: Callable[[str], bool]

    def judge(self, system: System) -> Outcome:
        """Give the outcome; what is not set fails, for no default is as strict."""
        expected = f"{self.name} {self.expected}"
        found = system.get(self.source).get(self.name)
        if found is None:
            return Outcome(FAIL, expected, "not set", (self.path,))
        return judged(self.holds(found.text), expected, found.text, (found.where,))


class RootPassword(NamedTuple):
    """root has a password, or is locked where that will do."""

    locked: bool

    def judge(self, system: System) -> Outcome:
        """Give the outcome, which tells nothing of the hash."""
        expected = f"root has a password{' or is locked' if self.locked else ''}"
        root = next((each for each in system.get(accounts.secrets) if each.name == "root"), None)
        if root is None:
            return Outcome(FAIL, expected, "absent", (SHADOW,))
        state = "a password" if root.has_password else "locked" if root.password else "empty"
        holds = root.has_password or (self.locked and bool(root.password))
        return judged(holds, expected, state, (f"{SHADOW}:{root.number}",))


def login_default(name: str, least: int, most: int = _MOST) -> Rule:
    """Hold where a number of login.defs is in a range."""
    told = f"at least {least}" if most == _MOST else f"between {least} and {most}"
    return Default(accounts.login_defs, accounts.LOGIN_DEFS, name, told, lambda value: _within(value, least, most))


def login_word(name: str, accepted: str | tuple[str, ...]) -> Rule:
    """Hold where login.defs has one of some words; case counts, or passwd falls back to another."""
    words = (accepted,) if isinstance(accepted, str) else accepted
    told = " or ".join(words)
    return Default(accounts.login_defs, accounts.LOGIN_DEFS, name, told, lambda value: value in words)


def login_mask(mask: str) -> Rule:
    """Hold where UMASK of login.defs refuses at least the bits of an octal mask."""
    wanted = int(mask, 8)
    told = f"{mask} or stricter"
    return Default(accounts.login_defs, accounts.LOGIN_DEFS, "UMASK", told, lambda value: _refuses(value, wanted))


def inactive_default(least: int, most: int) -> Rule:
    """Hold where new users are locked some days after their password expired."""
    told = f"between {least} and {most}"
    return Default(accounts.useradd, accounts.USERADD, "INACTIVE", told, lambda value: _within(value, least, most))


def days(field: str, least: int, most: int = _MOST) -> Rule:
    """Hold where a number of days is in a range for every user who has a password."""
    told = f"at least {least}" if most == _MOST else f"between {least} and {most}"
    expected = f"{field} days {told} of every user with a password"
    return none_wrong(expected, lambda system: _wrong_days(system, field, least, most))


def not_changed_in_future() -> Rule:
    """Hold where no password was changed tomorrow or later."""
    return none_wrong("every password was changed in the past", _from_future)


def none_empty() -> Rule:
    """Hold where no field of shadow is empty."""
    return none_wrong(
        "no password is empty", lambda system: _told(each for each in system.get(accounts.secrets) if not each.password)
    )


def root_password(locked: bool) -> Rule:
    """Hold where root has a password, or is locked where that will do."""
    return RootPassword(locked)


def locked_without_shell() -> Rule:
    """Hold where users whose shell is none for logins have no password."""
    return none_wrong("users without a shell of /etc/shells are locked", _open_without_shell)


def system_accounts_locked() -> Rule:
    """Hold where users that are no people have no password."""
    return none_wrong("users of the system are locked", _open_system_accounts)


def no_nologin_among_shells() -> Rule:
    """Hold where /etc/shells does not name nologin, which would make such users ones that may log in."""
    return none_wrong("no nologin in /etc/shells", _nologin)


def crypt_style(accepted: tuple[str, ...]) -> Rule:
    """Hold where libuser, where it is configured, hashes passwords as it should."""
    return CryptStyle(accepted)


class CryptStyle(NamedTuple):
    """crypt_style in [defaults] of libuser.conf(5)."""

    accepted: tuple[str, ...]

    def judge(self, system: System) -> Outcome:
        """Give the outcome; a host without libuser has nothing to configure."""
        path, expected = "/etc/libuser.conf", f"crypt_style = {' or '.join(self.accepted)}"
        if not system.root.exists(path):
            return Outcome(PASS, expected, "libuser is not configured", (path,))
        section, found, where = "", "not set", path
        for number, line in enumerate(files.lines(system, path), 1):
            text = line.decode("utf-8", "replace").partition("#")[0].strip()
            key, sign, value = text.partition("=")
            if text.startswith("["):
                section = text.strip("[] ")
            elif sign and section == "defaults" and key.strip() == "crypt_style":
                found, where = value.strip(), f"{path}:{number}"
        return judged(found.lower() in self.accepted, expected, found, (where,))


def _within(value: str, least: int, most: int) -> bool:
    digits = value.removeprefix("-")
    return digits.isdigit() and len(digits) < 10 and least <= int(value) <= most


def _refuses(value: str, wanted: int) -> bool:
    octal = bool(value) and len(value) <= 5 and set(value) <= set("01234567")
    return octal and int(value, 8) & wanted == wanted


def _wrong_days(system: System, field: str, least: int, most: int) -> Iterator[tuple[str, str]]:
    for each in system.get(accounts.secrets):
        value: int | None = getattr(each, field)
        if each.has_password and (value is None or not least <= value <= most):
            yield from _told([each])


def _from_future(system: System) -> Iterator[tuple[str, str]]:
    today = int(time.time() // _DAY)
    return _told(
        each for each in system.get(accounts.secrets) if each.has_password and each.changed and each.changed > today
    )


def _open_without_shell(system: System) -> Iterator[tuple[str, str]]:
    secrets = {each.name: each for each in system.get(accounts.secrets)}
    for user in system.get(accounts.users):
        secret = secrets.get(user.name)
        if user.name != "root" and not accounts.can_log_in(system, user) and secret and not _is_locked(secret):
            yield from _told([secret])


def _open_system_accounts(system: System) -> Iterator[tuple[str, str]]:
    names = {user.name for user in system.get(accounts.users) if is_of_the_system(system, user)}
    return _told(each for each in system.get(accounts.secrets) if each.name in names and not _is_locked(each))


def _is_locked(secret: Secret) -> bool:
    return bool(secret.password) and not secret.has_password


def _nologin(system: System) -> Iterator[tuple[str, str]]:
    if not system.root.exists(accounts.SHELLS):
        return
    for name, where in system.get(accounts.shells).items():
        if name.rpartition("/")[2] == "nologin":
            yield name, where


def _told(found: Iterable[Secret]) -> Iterator[tuple[str, str]]:
    """Give the name and the line of entries."""
    for each in found:
        yield each.name, f"{SHADOW}:{each.number}"
