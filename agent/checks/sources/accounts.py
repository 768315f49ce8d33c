"""Users, groups and what login programs are told of them: passwd(5), group(5), shadow(5), login.defs(5), shells(5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.sources import files
from agent.formats import accounts as parsed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.checks.engine.system import System
    from agent.formats.accounts import Account, Group, Secret

PASSWD, GROUP, SHADOW = "/etc/passwd", "/etc/group", "/etc/shadow"
LOGIN_DEFS, USERADD, SHELLS = "/etc/login.defs", "/etc/default/useradd", "/etc/shells"
_UID_MIN = 1000
"""What login.defs(5) gives where it does not say otherwise."""
_OVERFLOW = 65534
"""nobody, who stands for ids that have no name."""
_REFUSING = ("nologin", "false")


class Value(NamedTuple):
    """A value with where it stands."""

    text: str
    where: str


def users(system: System) -> tuple[Account, ...]:
    """Give all lines of passwd, of which several may have one name or id."""
    return tuple(parsed.accounts(files.lines(system, PASSWD)))


def groups(system: System) -> tuple[Group, ...]:
    """Give all lines of group."""
    return tuple(parsed.groups(files.lines(system, GROUP)))


def secrets(system: System) -> tuple[Secret, ...]:
    """Give all lines of shadow."""
    return tuple(parsed.secrets(files.lines(system, SHADOW)))


def login_defs(system: System) -> Mapping[str, Value]:
    """Give the values of login.defs; the last of several counts, and nothing behind a value is a comment (getdef.c)."""
    found = {}
    for number, line in enumerate(files.lines(system, LOGIN_DEFS), 1):
        words = line.decode("utf-8", "replace").strip().split(None, 1)
        if len(words) == 2 and not words[0].startswith("#"):
            found[words[0]] = Value(words[1].lstrip(' "\t').partition('"')[0].strip(), f"{LOGIN_DEFS}:{number}")
    return found


def useradd(system: System) -> Mapping[str, Value]:
    """Give the defaults for new users (useradd(8)); a key starts its line, and the last of several counts."""
    found = {}
    for number, line in enumerate(files.lines(system, USERADD), 1):
        key, sign, value = line.decode("utf-8", "replace").rstrip().partition("=")
        if sign:
            found[key] = Value(value, f"{USERADD}:{number}")
    return found


def shells(system: System) -> Mapping[str, str]:
    """Give the shells of a login with where each is named; without the file those that getusershell(3) knows."""
    if not system.root.exists(SHELLS):
        return {"/bin/sh": "", "/bin/csh": ""}
    numbered = enumerate(files.lines(system, SHELLS), 1)
    named = ((line.decode("utf-8", "replace").partition("#")[0].strip(), number) for number, line in numbered)
    return {name: f"{SHELLS}:{number}" for name, number in named if name}


def first_user(system: System) -> int:
    """Give the least id of people (UID_MIN)."""
    found = system.get(login_defs).get("UID_MIN")
    return int(found.text) if found and found.text.isdigit() else _UID_MIN


def refuses(shell: str) -> bool:
    """Tell whether a shell ends a login at once."""
    return shell.rpartition("/")[2] in _REFUSING


def can_log_in(system: System, user: Account) -> bool:
    """Tell whether a user's shell is one of those for logins."""
    shell = user.shell or "/bin/sh"
    return not refuses(shell) and shell in system.get(shells)


def interactive(system: System) -> tuple[Account, ...]:
    """Give the users who can log in: those with a shell for it, and people whose shell is at least none that refuses."""
    least = system.get(first_user)
    return tuple(
        user
        for user in system.get(users)
        if can_log_in(system, user) or (user.uid >= least and user.uid != _OVERFLOW and not refuses(user.shell))
    )


def ids(system: System, names: tuple[str, ...]) -> frozenset[int]:
    """Give the ids of users; root's is known."""
    return frozenset((*(user.uid for user in system.get(users) if user.name in names), *_root(names)))


def group_ids(system: System, names: tuple[str, ...]) -> frozenset[int]:
    """Give the ids of groups; root's is known."""
    return frozenset((*(group.gid for group in system.get(groups) if group.name in names), *_root(names)))


def _root(names: tuple[str, ...]) -> tuple[int, ...]:
    return (0,) if "root" in names else ()
