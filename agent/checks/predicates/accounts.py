"""Judgements about users and groups: ids, names, shells."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from agent.checks.predicates.listed import none_wrong
from agent.checks.sources import accounts
from agent.checks.sources.accounts import GROUP, PASSWD
from agent.formats.accounts import Account

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System
    from agent.formats.accounts import Group

_OVERFLOW = 65534
_SHUTTING_DOWN = frozenset(("sync", "shutdown", "halt"))
"""Users whose group is root's by tradition, and shells that do one thing and end."""


def one_superuser() -> Rule:
    """Hold where no user but root has the id 0."""
    return none_wrong(
        "no user but root has the id 0",
        lambda system: _told(user for user in system.get(accounts.users) if user.uid == 0 and user.name != "root"),
    )


def root_group() -> Rule:
    """Hold where the primary group of root is 0, and that of nobody else but those who shut the host down."""
    return none_wrong("the primary group of root, and of no other user, is 0", _strange_members)


def one_root_group() -> Rule:
    """Hold where no group but root has the id 0."""
    return none_wrong(
        "no group but root has the id 0",
        lambda system: _told(group for group in system.get(accounts.groups) if group.gid == 0 and group.name != "root"),
    )


def system_accounts_refuse() -> Rule:
    """Hold where users that are no people have a shell that ends a login at once."""
    return none_wrong("users of the system have nologin or false as shell", _open_system_accounts)


def hashes_in_shadow() -> Rule:
    """Hold where the field of each password in passwd is x."""
    return none_wrong(
        "every password field of passwd is x",
        lambda system: _told(user for user in system.get(accounts.users) if user.password != "x"),  # noqa: S105
    )


def groups_exist() -> Rule:
    """Hold where the primary group of every user is there."""
    return none_wrong("every primary group is in group", _without_group)


def shadow_group_empty(name: str) -> Rule:
    """Hold where a group has no members and is nobody's primary group."""
    return none_wrong(f"the group {name} has no members", lambda system: _members(system, name))


def unique_user_ids() -> Rule:
    """Hold where no two users have one id."""
    return none_wrong("no two users have one id", lambda system: _repeated(system.get(accounts.users), "uid"))


def unique_group_ids() -> Rule:
    """Hold where no two groups have one id."""
    return none_wrong("no two groups have one id", lambda system: _repeated(system.get(accounts.groups), "gid"))


def unique_user_names() -> Rule:
    """Hold where no two users have one name."""
    return none_wrong("no two users have one name", lambda system: _repeated(system.get(accounts.users), "name"))


def unique_group_names() -> Rule:
    """Hold where no two groups have one name."""
    return none_wrong("no two groups have one name", lambda system: _repeated(system.get(accounts.groups), "name"))


def is_of_the_system(system: System, user: Account) -> bool:
    """Tell whether a user is no person: an id below UID_MIN or nobody's, but not root."""
    return user.uid != 0 and (user.uid < system.get(accounts.first_user) or user.uid == _OVERFLOW)


def _strange_members(system: System) -> Iterator[tuple[str, str]]:
    for user in system.get(accounts.users):
        is_root, in_group = user.name == "root", user.gid == 0
        if is_root != in_group and user.name not in (*_SHUTTING_DOWN, "operator"):
            yield from _told([user])


def _open_system_accounts(system: System) -> Iterator[tuple[str, str]]:
    for user in system.get(accounts.users):
        shell = user.shell.rpartition("/")[2]
        if is_of_the_system(system, user) and not accounts.refuses(user.shell) and shell not in _SHUTTING_DOWN:
            yield from _told([user])


def _without_group(system: System) -> Iterator[tuple[str, str]]:
    known = {group.gid for group in system.get(accounts.groups)}
    return _told(user for user in system.get(accounts.users) if user.gid not in known)


def _members(system: System, name: str) -> Iterator[tuple[str, str]]:
    for group in system.get(accounts.groups):
        if group.name == name:
            yield from ((member, f"{GROUP}:{group.number}") for member in group.members)
            yield from _told(user for user in system.get(accounts.users) if user.gid == group.gid)


def _repeated(found: Sequence[Account | Group], field: str) -> Iterator[tuple[str, str]]:
    count = Counter(getattr(each, field) for each in found)
    return _told(each for each in found if count[getattr(each, field)] > 1)


def _told(found: Iterable[Account | Group]) -> Iterator[tuple[str, str]]:
    """Give the name and the line of users or groups."""
    for each in found:
        yield each.name, f"{PASSWD if isinstance(each, Account) else GROUP}:{each.number}"
