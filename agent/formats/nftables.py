"""Rule sets of nft(8): tables, chains with their hooks and policies, and rules, as files of commands make them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_TOKEN = re.compile(r'"[^"\n]*"|#[^\n]*|\\\n|[{};\n]|[^\s{};"#]+')
_FAMILIES = ("ip", "ip6", "inet", "arp", "bridge", "netdev")
_RULES = frozenset(("rule", "element"))
"""Words of commands in which braces are sets."""
_DEEPEST = 16
"""Levels of include that nft follows."""
_MOST = 200_000
"""Tokens that are read."""


class Chain(NamedTuple):
    """A chain.

    base: By name what its first statements say of it, where it is a base chain: type, hook, policy; empty otherwise.
    rules: The words of each rule, without quotes.
    """

    base: dict[str, str]
    rules: list[tuple[str, ...]]


class Table(NamedTuple):
    """A table with its chains by name."""

    family: str
    name: str
    chains: dict[str, Chain]


class Included(NamedTuple):
    """A pattern of files that were to be included, and how many there were."""

    pattern: str
    found: int


class Ruleset:
    """What some files of commands make.

    tables: The tables, by family and name.
    included: What was included.
    """

    def __init__(self, read: Callable[[str], Iterable[str]]) -> None:
        """read: Gives the texts of the files that match a pattern."""
        self.tables: dict[tuple[str, str], Table] = {}
        self.included: list[Included] = []
        self._read = read
        self._left = _MOST

    def add(self, text: str, depth: int = 0) -> None:
        """Read a file; what is not understood is passed over. ValueError where there is too much."""
        tokens = list(self._tokens(text))
        at = 0
        while at < len(tokens):
            command, block, at = _statement(tokens, at)
            self._command(command, block, depth)

    def _tokens(self, text: str) -> Iterator[str]:
        for token in _TOKEN.findall(text):
            self._left -= 1
            if self._left < 0:
                raise ValueError(f"more than {_MOST} words of rules")
            if not token.startswith(("#", "\\\n")):
                yield token

    def _command(self, words: list[str], block: list[str] | None, depth: int) -> None:
        words = words[1:] if words[:1] in (["add"], ["create"]) else words
        if words[:1] == ["include"] and len(words) > 1 and depth < _DEEPEST:
            texts = list(self._read(words[1].strip('"')))
            self.included.append(Included(words[1].strip('"'), len(texts)))
            for text in texts:
                self.add(text, depth + 1)
        elif words[:1] == ["flush"] and words[1:2] == ["ruleset"]:
            self.tables.clear()
        elif words[:1] == ["table"]:
            self._table_block(self._table(words[1:])[0], block or [])
        elif words[:1] == ["chain"]:
            table, rest = self._table(words[1:])
            self._chain_block(table, rest[0] if rest else "", block or [])
        elif words[:1] in (["rule"], ["insert"]):
            table, rest = self._table(words[2:] if words[0] == "insert" else words[1:])
            if len(rest) > 1:
                _chain(table, rest[0]).rules.append(_plain(rest[1:]))

    def _table(self, words: list[str]) -> tuple[Table, list[str]]:
        """Give the table that words begin with, made where it is not there, and the words behind it."""
        family, rest = (words[0], words[1:]) if words[:1] and words[0] in _FAMILIES else ("ip", words)
        name = rest[0] if rest else ""
        return self.tables.setdefault((family, name), Table(family, name, {})), rest[1:]

    def _table_block(self, table: Table, block: list[str]) -> None:
        at = 0
        while at < len(block):
            words, inner, at = _statement(block, at)
            if words[:1] == ["chain"] and len(words) > 1:
                self._chain_block(table, words[1], inner or [])

    def _chain_block(self, table: Table, name: str, block: list[str]) -> None:
        chain = _chain(table, name)
        at = 0
        while at < len(block):
            words, inner, at = _statement(block, at, in_rule=True)
            if words[:1] == ["type"] and "hook" in words:
                chain.base.update(zip(words[::2], words[1::2]))
            elif words[:1] == ["policy"] and len(words) > 1:
                chain.base["policy"] = words[1]
            elif words:
                chain.rules.append(_plain([*words, *(inner or [])]))


def _chain(table: Table, name: str) -> Chain:
    return table.chains.setdefault(name, Chain({}, []))


def _plain(words: list[str]) -> tuple[str, ...]:
    return tuple(word.strip('",') for word in words if word not in ("\n", ";"))


def _statement(tokens: list[str], at: int, in_rule: bool = False) -> tuple[list[str], list[str] | None, int]:
    """Give the words up to the end of a statement, what stands in its braces, and where the next one begins.

    in_rule: Whether braces are sets within the statement, which goes on behind them.
    """
    words: list[str] = []
    while at < len(tokens):
        token = tokens[at]
        if token in ("\n", ";"):
            return words, None, at + 1
        if token == "{":  # noqa: S105 - a brace
            inside, at = _braced(tokens, at + 1)
            if not in_rule and not _RULES.intersection(words[:2]):
                return words, inside, at
            words += ["{", *inside, "}"]
            continue
        if token != "}":  # noqa: S105 - a brace that opens nowhere is passed over
            words.append(token)
        at += 1
    return words, None, at


def _braced(tokens: list[str], at: int) -> tuple[list[str], int]:
    """Give what stands before the brace that closes the one before, and where it goes on behind it."""
    depth, start = 1, at
    while at < len(tokens):
        depth += {"{": 1, "}": -1}.get(tokens[at], 0)
        if depth == 0:
            return tokens[start:at], at + 1
        at += 1
    return tokens[start:], at
