"""Accounts as login programs read them: passwd(5), shadow(5) and group(5), whole lines of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_DIGITS = 10


class Account(NamedTuple):
    """A line of passwd.

    number: Of the line, counted from one.
    name: Of the user.
    password: The field as it is; x where the hash is in shadow. Never to be recorded.
    uid, gid: Of the user and its primary group.
    home, shell: As written; an empty shell stands for /bin/sh.
    """

    number: int
    name: str
    password: str
    uid: int
    gid: int
    home: str
    shell: str


class Group(NamedTuple):
    """A line of group.

    password: The field as it is. Never to be recorded.
    members: Names of those who are in it beside those whose primary group it is.
    """

    number: int
    name: str
    password: str
    gid: int
    members: tuple[str, ...]


class Secret(NamedTuple):
    """A line of shadow.

    password: The field as it is, a hash mostly. Never to be recorded.
    changed: Day of the last change, counted from 1970; this and the others None where they are empty or no number.
    minimum, maximum, warning, inactive, expires: Days, as shadow(5) has them.
    """

    number: int
    name: str
    password: str
    changed: int | None
    minimum: int | None
    maximum: int | None
    warning: int | None
    inactive: int | None
    expires: int | None

    @property
    def has_password(self) -> bool:
        """Whether somebody can log in with a password: a hash is there and not locked."""
        return bool(self.password) and self.password[0] not in "!*"


def accounts(lines: Iterable[bytes]) -> Iterator[Account]:
    """Give the users; lines that are none (comments, NIS, too few fields) are passed over."""
    for number, fields in _fields(lines, 4, 7):
        if _is_number(fields[2]) and _is_number(fields[3]):
            name, password, uid, gid, _, home, shell = fields
            yield Account(number, name, password, int(uid), int(gid), home, shell)


def groups(lines: Iterable[bytes]) -> Iterator[Group]:
    """Give the groups; lines that are none are passed over."""
    for number, fields in _fields(lines, 3, 4):
        if _is_number(fields[2]):
            members = tuple(member for member in (each.strip() for each in fields[3].split(",")) if member)
            yield Group(number, fields[0], fields[1], int(fields[2]), members)


def secrets(lines: Iterable[bytes]) -> Iterator[Secret]:
    """Give the entries of shadow; lines that are none are passed over."""
    for number, fields in _fields(lines, 2, 9):
        yield Secret(number, fields[0], fields[1], *map(_days, fields[2:8]))


def _fields(lines: Iterable[bytes], least: int, count: int) -> Iterator[tuple[int, list[str]]]:
    """Give the fields of lines that have enough of them; the C library takes those at the end that are missing for empty."""
    for number, line in enumerate(lines, 1):
        fields = line.decode("utf-8", "surrogateescape").rstrip("\r\n").split(":")
        if least <= len(fields) <= count and fields[0] and fields[0][0] not in "+-#":
            yield number, [*fields, *[""] * (count - len(fields))]


def _is_number(field: str) -> bool:
    return field.isascii() and field.isdigit() and len(field) <= _DIGITS


def _days(field: str) -> int | None:
    digits = field.removeprefix("-")
    return int(field) if _is_number(digits) else None
