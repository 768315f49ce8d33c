"""SPDX licence expressions: identifiers, exceptions, and how AND, OR and parentheses join them.

The grammar is that of annex D of the SPDX specification 2.3. The same joining holds for the words of Debian
and Fedora, which differ in what a licence is called: that is handed in.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from agent.formats.spdx_ids import DEPRECATED, EXCEPTIONS, LICENSES

if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT = 2000
"""Characters of an expression that is taken apart; a longer one is none."""

OPERATORS = (("OR", re.compile(r" +(?:OR|or) +")), ("AND", re.compile(r" +(?:AND|and) +")))
"""What separates terms, from the loosest to the tightest, and the operator that it stands for."""

_GROUP = re.compile(r"\(([^()]*)\)")
_WITH = re.compile(r" +(?:WITH|with) +")
_HELD = "\0"
"""Stands before the number of a group that was read already."""
_REFERENCE = re.compile(r"(DocumentRef-[a-z0-9.-]+:)?(LicenseRef|AdditionRef)-([a-z0-9.-]+)", re.IGNORECASE)


class _Term(NamedTuple):
    """What an operator joins; the operator is None for a single part."""

    operator: str | None
    parts: tuple[str, ...]

    def __str__(self) -> str:
        return f" {self.operator} ".join(self.parts)


def identifier(name: str) -> str | None:
    """Give a licence's identifier in its official case, or what stands for a deprecated one; None for no licence."""
    lower = name.lower()
    found = LICENSES.get(lower) or DEPRECATED.get(lower)
    if found or not lower.endswith("+"):
        return found or _reference(name, "LicenseRef")
    official = LICENSES.get(lower[:-1])
    return f"{official}+" if official and not official.endswith(("-only", "-or-later")) else None


def term(words: str) -> str | None:
    """Read an identifier that may be followed by WITH and an exception; None where it is neither."""
    name, *exceptions = _WITH.split(words)
    license_id = identifier(name)
    if not exceptions or not license_id:
        return license_id
    found = EXCEPTIONS.get(exceptions[0].lower()) or _reference(exceptions[0], "AdditionRef")
    return f"{license_id} WITH {found}" if found and len(exceptions) == 1 and " " not in license_id else None


def expression(
    text: str,
    meaning: Callable[[str], str | None] = term,
    operators: tuple[tuple[str, re.Pattern[str]], ...] = OPERATORS,
) -> str | None:
    """Write an expression canonically, every term once and no parentheses but those it needs; None where it is none.

    meaning: Gives the SPDX expression of what stands between two operators; None for what is not known.
    """
    if len(text) > LIMIT or _HELD in text:
        return None
    if " " not in text and "(" not in text:
        return meaning(text)
    groups: list[_Term] = []
    while group := _GROUP.search(text):
        inner = _joined(group[1], meaning, operators, groups)
        if not inner:
            return None
        text = f"{text[: group.start()]} {_HELD}{len(groups)} {text[group.end() :]}"
        groups.append(inner)
    whole = _joined(text, meaning, operators, groups)
    return str(whole) if whole else None


def _joined(
    text: str,
    meaning: Callable[[str], str | None],
    operators: tuple[tuple[str, re.Pattern[str]], ...],
    groups: list[_Term],
) -> _Term | None:
    """Read what has no parentheses; the groups that were in it are known by their numbers."""
    if not operators:
        return _single(text.strip(" "), meaning, groups)
    (operator, separator), *tighter = operators
    terms = []
    for piece in separator.split(text):
        found = _joined(piece, meaning, tuple(tighter), groups)
        if not found:
            return None
        terms.append(found)
    once = list(dict.fromkeys(terms))
    return once[0] if len(once) == 1 else _Term(operator, tuple(dict.fromkeys(_parts(once, operator))))


def _parts(terms: list[_Term], operator: str) -> list[str]:
    """Give what an operator joins: of a term with the same operator its parts, any other in parentheses."""
    parts: list[str] = []
    for found in terms:
        if found.operator in (operator, None):
            parts += found.parts
        else:
            parts.append(str(found) if operator == "OR" else f"({found})")
    return parts


def _single(words: str, meaning: Callable[[str], str | None], groups: list[_Term]) -> _Term | None:
    if words.startswith(_HELD):
        number = words[len(_HELD) :]
        return groups[int(number)] if number.isdigit() else None
    found = meaning(words)
    if not found:
        return None
    alternatives = tuple(found.split(" OR "))
    return _Term("OR" if len(alternatives) > 1 else None, alternatives)


def _reference(name: str, kind: str) -> str | None:
    """Give a reference to a licence or an exception that is described elsewhere, its prefixes in their official case."""
    match = _REFERENCE.fullmatch(name)
    if not match or match[2].lower() != kind.lower():
        return None
    document = f"DocumentRef-{match[1][len('DocumentRef-') :]}" if match[1] else ""
    return f"{document}{kind}-{match[3]}"
