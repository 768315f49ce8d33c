"""Sections of files in the INI dialect of dnf and zypper (dnf.conf(5)): [name], then lines key=value."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

_LONGEST = 200


class Section(NamedTuple):
    """A section.

    name: What stands between its brackets.
    values: Value by key, of the keys that were asked for alone: others may hold a password.
    """

    name: str
    values: dict[str, str]


def sections(content: bytes, keys: Container[str]) -> Iterator[Section]:
    """Give the sections with their values of some keys; what is no section, comment or assignment is passed over.

    A value that goes on in the next line is given with its first line. Never raises.
    """
    section = None
    for line in content.decode("utf-8", "replace").split("\n"):
        if line.startswith("["):
            if section:
                yield section
            name = line[1:].partition("]")[0].strip()[:_LONGEST]
            section = Section(name, {}) if name else None
        elif section and not line.startswith(("#", ";", " ", "\t")):
            key, sign, value = line.partition("=")
            if sign and key.strip() in keys:
                section.values[key.strip()] = value.strip()[:_LONGEST]
    if section:
        yield section
