"""Manual pages, from what the commands' own parsers say."""

from __future__ import annotations

import argparse
import gzip
from typing import TYPE_CHECKING

from artefacts.source import VERSION, day

if TYPE_CHECKING:
    from collections.abc import Iterator

CODES = """0 ok; 1 internal; 2 usage or configuration; 3 partial: a section degraded; 4 findings with \\-\\-fail\\-on;
5 collected but not delivered; 6 another run holds the lock; 124 timeout."""


def page(parser: argparse.ArgumentParser, summary: str, files: dict[str, str], codes: str = "") -> bytes:
    """Give a command's manual page, compressed.

    files: Paths that the command is about, and what each is.
    """
    name = parser.prog
    lines = [
        f'.TH {name.upper()} 1 "{day().date()}" "{_plain(f"stocktake {VERSION}")}" "stocktake"',
        ".SH NAME",
        f"{_plain(name)} \\- {summary}",
        ".SH DESCRIPTION",
        _plain(parser.description or ""),
        *_commands(parser),
        *([".SH EXIT STATUS", codes] if codes else []),
        ".SH FILES",
        *(line for path, text in files.items() for line in (".TP", f".I {_plain(path)}", _plain(text))),
    ]
    return gzip.compress(("\n".join(lines) + "\n").encode(), 9, mtime=0)


def _commands(parser: argparse.ArgumentParser) -> Iterator[str]:
    for command in _leaves(parser):
        yield f".SH {_plain(command.prog.upper())}"
        yield _plain(command.description or "")
        yield ".PP\n.nf"
        yield from (_plain(line) for line in command.format_help().splitlines())
        yield ".fi"


def _leaves(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Give the parsers of commands that have none below them."""
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not groups:
        yield parser
    for group in groups:
        for name, below in group.choices.items():
            if any(choice.dest == name for choice in group._choices_actions):
                yield from _leaves(below)


def _plain(text: str) -> str:
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{text}" if text.startswith((".", "'")) else text
