"""Licences as packages declare them, as SPDX expressions where that is what they mean."""

from __future__ import annotations

from importlib import import_module
from typing import NamedTuple

TEXT = 200
"""Characters of a text that are kept."""

_EXPRESSION = 1000
"""Characters of the longest expression that is given; a longer one is text."""

_READ = 64 * 1024
"""Characters that are read of what is declared: some packages put a whole licence there."""

_DIALECTS = {
    "spdx": ("spdx_names", "spdx"),
    "debian": ("spdx_debian", "debian"),
    "fedora": ("spdx_fedora", "fedora"),
    "trove": ("spdx_trove", "trove"),
}
"""Module and function that read what is declared; a module is loaded when its words are met."""


class License(NamedTuple):
    """A licence.

    text: An SPDX expression where form is spdx, otherwise what the package calls it; None where it says nothing.
    form: spdx or text; None without a text.
    """

    text: str | None
    form: str | None


NONE = License(None, None)


def license_of(declared: str | None, dialect: str = "spdx") -> License:
    """Read what a package declares; where not all of it is known it is text, never a guess.

    A whole licence text is named by its kind where that is recognised, else by its first line.
    dialect: Whose words they are: spdx (expressions; npm, cargo, PEP 639), debian (DEP-5 short names),
        fedora (rpm's License tag before SPDX), trove (a classifier of PyPI).
    """
    declared = (declared or "")[:_READ]
    words = " ".join(declared.split())
    if not words:
        return NONE
    module, function = _DIALECTS[dialect]
    expression = getattr(import_module(f"agent.formats.{module}"), function)(words)
    if expression and len(expression) <= _EXPRESSION:
        return License(expression, "spdx")
    return License(_text(declared, words, dialect), "text")


def _text(declared: str, words: str, dialect: str) -> str:
    if dialect == "trove":
        words = words.rpartition("::")[2].strip() or words
    if len(words) <= TEXT:
        return words
    from agent.formats.license_text import classes  # noqa: PLC0415 - few packages declare a whole text

    kinds = ", ".join(classes(declared.encode("utf-8", "surrogateescape")))
    return (kinds or next(filter(None, map(str.strip, declared.splitlines()))))[:TEXT].strip()
