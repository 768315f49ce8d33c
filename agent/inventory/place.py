"""Where a package of a language is, said so that an upgrade does not change it: keys of its record and what gaps hide."""

from __future__ import annotations

import re

_BEFORE = "/-_@=+~"
"""What stands before a version in a path: foo-1.2.jar, foo@1.2, foo==1.2, or a directory of that name alone."""
_ARCHIVE = re.compile(r"(?<=-)v?\d[^/!]*(?=\.\w+!/)")
_VERSION = re.compile(rf"(?<=[{re.escape(_BEFORE)}])v?\d")


class Places:
    """Numbers the packages of one place and name in the order in which they are met."""

    def __init__(self) -> None:
        self._location = ""
        self._in_location: dict[int, int] = {}
        self._elsewhere: dict[int, int] = {}

    def place(self, location: str, version: str | None, ecosystem: str, name: str) -> str:
        """Give LanguagePackage.place. Only what several locations may share is remembered beyond one, as a hash."""
        if location != self._location:
            self._location = location
            self._in_location.clear()
        found = without_version(location, version)
        counts = self._elsewhere if "*" in found else self._in_location
        identity = hash((found, ecosystem, name))
        number = counts[identity] = counts.get(identity, 0) + 1
        return found if number == 1 else f"{found}~{number}"


def without_version(location: str, version: str | None) -> str:
    """Put a star for the version wherever a location has it, and for those in the names of archives around."""
    outer, mark, inner = location.rpartition("!/")
    if mark:
        outer = _ARCHIVE.sub("*", outer + mark)
    if not version or not version.removeprefix("v")[:1].isdigit():
        return outer + inner
    for written in {version: None, version.replace("-", "_"): None}:
        inner = _replaced(inner, written)
        outer = _replaced(outer, written)
    return outer + inner


def hidden(path: str) -> str:
    """Give the prefix that the keys of all have which may lie at or below a path, or in its archive."""
    version = _VERSION.search(path)
    return path[: version.start()] if version else path


def _replaced(text: str, version: str) -> str:
    pieces = []
    begun = 0
    at = text.find(version)
    while at >= 0:
        end = at + len(version)
        if _begins(text, at) and _ends(text, end):
            pieces.append(text[begun:at])
            begun = end
        at = text.find(version, end)
    return "*".join((*pieces, text[begun:])) if pieces else text


def _begins(text: str, at: int) -> bool:
    before = at - 1 if text[at - 1 : at] == "v" else at
    return before == 0 or text[before - 1] in _BEFORE


def _ends(text: str, end: int) -> bool:
    behind = text[end : end + 2]
    return not behind[:1].isalnum() and not (behind[:1] == "." and behind[1:].isdigit())
