"""Settings that list paths: trees, each with the depth to which it is meant, and patterns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agent.model.keys import NOTHING_GIVEN

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.config.given import Raw
    from agent.model.keys import Key

_DEPTH = r"(.*):([0-9]+)"
_DEEPEST = 64
_LONGEST = 4096
"""Characters of one path, PATH_MAX of the kernel."""
_MOST = 200
_SHOWN = 80
"""Characters of a refused path that a message repeats."""


def trees(key: Key, value: Raw) -> tuple[str, ...]:
    """Give absolute paths, each once, with :depth where one is given; ValueError says what was expected."""
    return _listed(key, value, _tree)


def patterns(key: Key, value: Raw) -> tuple[str, ...]:
    """Give patterns of absolute paths, each once; ValueError says what was expected."""
    return _listed(key, value, _pattern)


def _listed(key: Key, value: Raw, checked: Callable[[str], str]) -> tuple[str, ...]:
    """Check every text of a list, or of a text with commas between them; none for the word that stands for none."""
    if value == NOTHING_GIVEN:
        return ()
    texts = [text.strip() for text in value.split(",")] if isinstance(value, str) else value
    if not isinstance(texts, list):
        raise ValueError(f"expected {key.expected}")
    if len(texts) > _MOST:
        raise ValueError(f"expected at most {_MOST} paths, found {len(texts)}")
    return tuple(dict.fromkeys(checked(text) for text in texts))


def _tree(text: str) -> str:
    match = re.fullmatch(_DEPTH, text)
    path = _absolute(match[1] if match else text)
    if "**" in path:
        raise ValueError(f"expected no ** in a tree, below which everything is watched, found {text[:_SHOWN]!r}")
    if match is None:
        return path
    if len(match[2]) > len(str(_DEEPEST)) or not 1 <= int(match[2]) <= _DEEPEST:
        raise ValueError(f"expected a depth from 1 to {_DEEPEST} behind the colon, found {text[:_SHOWN]!r}")
    return f"{path}:{int(match[2])}"


def _pattern(text: str) -> str:
    path = _absolute(text)
    if path == "/":
        raise ValueError("expected a path below /, found '/', which would leave nothing")
    if any("**" in name and name != "**" for name in path.split("/")):
        raise ValueError(f"expected ** as a whole name, between slashes, found {text[:_SHOWN]!r}")
    return path


def _absolute(text: str) -> str:
    """Give an absolute path without the slash at its end; ValueError when it is none or leads elsewhere."""
    if not text or len(text) > _LONGEST or not text.isprintable():
        raise ValueError(f"expected paths of 1 to {_LONGEST} characters that can be printed, found {text[:_SHOWN]!r}")
    if not text.startswith("/"):
        raise ValueError(f"expected a path that begins with /, found {text[:_SHOWN]!r}")
    path = text.rstrip("/")
    if any(name in ("", ".", "..") for name in path.split("/")[1:]):
        raise ValueError(f"expected a path without empty names, . and .., found {text[:_SHOWN]!r}")
    return path or "/"
