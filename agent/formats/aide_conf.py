"""Lines of aide.conf(5): settings, groups of attributes, and which files are compared by which of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_VARIABLE = re.compile(r"@@\{(\w+)\}")
_ASSIGNMENT = re.compile(r"([\w.]+)\s*=\s*(.*)")
_SELECTION = re.compile(r"([=!-]?)(/\S*)\s*(.*)")
_PARTS = re.compile(r"([+-]?)\s*([^+\-\s]+)")

_HASHES = frozenset(("md5", "sha1", "rmd160", "tiger", "crc32", "haval", "gost", "whirlpool"))
STRONG = frozenset(("sha512", "sha512_256", "sha256", "sha3_256", "sha3_512", "stribog256", "stribog512"))
"""Hashes for which nobody can make another file of the same."""
_READ = frozenset(("p", "ftype", "i", "l", "n", "u", "g", "X"))
_GROUPS: Mapping[str, frozenset[str]] = {
    "R": _READ | {"s", "m", "c", "md5"},
    "L": _READ,
    ">": frozenset(("p", "ftype", "l", "u", "g", "i", "n", "S", "X")),
    "H": STRONG | _HASHES,
    "X": frozenset(("acl", "selinux", "xattrs", "e2fsattrs", "caps")),
    "E": frozenset(),
}
"""Groups that aide knows by itself."""


_REPEATING = re.compile(r"[*+?{]")
_REPEATED = 6
_LONGEST = 512
_LITERAL = re.compile(r"(?:[\w/ -]|\\\.)+")
_SPECIAL = re.compile(r"[?{\[(*.+|^$\\]")
_STRANGE = re.compile(r"\)[*+{]|\\[1-9]|\(\?[^:]|\[\^?\[|--|&&|~~|\|\|")
"""What may take long, and what our regular expressions take for something else."""
_CLASSES = {
    "[:alnum:]": "a-zA-Z0-9",
    "[:alpha:]": "a-zA-Z",
    "[:digit:]": "0-9",
    "[:xdigit:]": "0-9a-fA-F",
    "[:lower:]": "a-z",
    "[:upper:]": "A-Z",
    "[:space:]": r"\s",
}


def fits(pattern: str, text: str) -> bool:
    """Tell whether a text starts with what a pattern describes; one that might take long fits nothing."""
    if not text.startswith(_literal(pattern)):
        return False
    for name, signs in _CLASSES.items():
        pattern = pattern.replace(name, signs)
    too_much = len(pattern) > _LONGEST or len(_REPEATING.findall(pattern)) > _REPEATED
    if too_much or _STRANGE.search(pattern):
        return False
    try:
        return re.match(pattern, text[:_LONGEST]) is not None
    except re.error:
        return False


def _literal(pattern: str) -> str:
    """Give what each text starts with that a pattern describes: of a thousand patterns few have to be compiled then."""
    found = _LITERAL.match(pattern)
    if found is None or "|" in pattern:
        return ""
    plain = found[0] if found.end() == len(pattern) or pattern[found.end()] not in "?*{" else found[0][:-1]
    return plain.rstrip("\\").replace("\\.", ".")


def counting(selections: Iterable[Selection], path: str) -> Selection | None:
    """Give the selection that counts for a path: what is left out, then the deepest directory, in it =, then the first."""
    fitting = [(number, each) for number, each in enumerate(selections) if fits(each.pattern, path)]
    ordered = sorted(fitting, key=lambda of: (of[1].sign != "!", -len(_node(of[1].pattern)), of[1].sign != "=", of[0]))
    return ordered[0][1] if ordered else None


def _node(pattern: str) -> str:
    """Give the directory that a pattern belongs to: that of the plain text before what stands for other signs."""
    return _SPECIAL.split(pattern, maxsplit=1)[0].rpartition("/")[0]


class Include(NamedTuple):
    """Files that are read in place: one, or those of a directory whose name a pattern fits."""

    path: str
    pattern: str


class Setting(NamedTuple):
    """A setting, as database_in=file:/var/lib/aide/aide.db, of the number of a line."""

    name: str
    value: str


class Selection(NamedTuple):
    """Which files are compared.

    sign: Empty for a directory and all below it, = for what fits exactly, ! for what is left out.
    pattern: Regular expression, which a path has to start with.
    attributes: What is compared, all groups resolved.
    """

    number: int
    sign: str
    pattern: str
    attributes: frozenset[str]


class Parser:
    """Reads lines of one file after another; variables and groups that one defines hold in the next."""

    def __init__(self) -> None:
        self._variables: dict[str, str] = {}
        self._groups = dict(_GROUPS)

    def read(self, lines: Iterable[bytes]) -> Iterator[Include | Setting | Selection]:
        """Give what the lines say; those under a condition are taken as if it held."""
        for number, line in enumerate(lines, 1):
            text = line.decode("utf-8", "replace").strip()
            if text and not text.startswith("#"):
                yield from self._line(number, text)

    def _line(self, number: int, text: str) -> Iterator[Include | Setting | Selection]:
        if text.startswith("@@") and not text.startswith("@@{"):
            yield from self._macro(text.split())
            return
        text = _VARIABLE.sub(lambda match: self._variables.get(match[1], ""), text)
        selection = _SELECTION.fullmatch(text)
        if selection:
            yield Selection(number, selection[1], selection[2], self._attributes(selection[3].rpartition(" ")[2]))
            return
        assignment = _ASSIGNMENT.fullmatch(text)
        if assignment:
            self._groups[assignment[1]] = self._attributes(assignment[2])
            yield Setting(assignment[1], assignment[2])

    def _macro(self, words: list[str]) -> Iterator[Include]:
        if words[0] == "@@define" and len(words) > 1:
            self._variables[words[1]] = " ".join(words[2:])
        elif words[0] in ("@@include", "@@x_include") and len(words) > 1:
            yield Include(words[1], words[2] if len(words) > 2 else "")

    def _attributes(self, text: str) -> frozenset[str]:
        found: frozenset[str] = frozenset()
        for sign, name in _PARTS.findall(text.partition("#")[0]):
            meant = self._groups.get(name, frozenset((name,)))
            found = found - meant if sign == "-" else found | meant
        return found
