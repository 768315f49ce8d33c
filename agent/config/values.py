"""From the text that was given for a setting to its value; every refusal says what was expected."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agent.config.path_lists import patterns, trees
from agent.model import keys as kinds

if TYPE_CHECKING:
    from agent.config.given import Raw
    from agent.model.keys import Key

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = r"([0-9]{1,9})([smhd])"
_LABEL = r"(?i)[a-z0-9]([-a-z0-9_./]{0,61}[a-z0-9])?"
_LOOPBACK = r"localhost|::1|127(\.[0-9]{1,3}){3}"
_ADDRESS = r"[0-9]{1,3}(\.[0-9]{1,3}){3}|\[[0-9a-fA-F:.]{2,45}\]"
"""Patterns that are compiled when a setting of their kind is given, which each start would pay for."""
_LONGEST = 4096
_LABELS_LIMIT = 64
_UNSHOWN = (kinds.SECRET, kinds.PROXY, kinds.URL, kinds.FILE)
"""Kinds that are not quoted when they are refused: where a file's path is expected, its secret may be given."""


def parse(key: Key, value: Raw) -> object:
    """Give the value of a setting; ValueError says what was expected and, unless it may be secret, found.

    Null is the value of a setting that has none by default, and of no other.
    """
    if value is None and key.default is None:
        return None
    if key.kind in _LISTS:
        return _LISTS[key.kind](key, value)
    if not isinstance(value, str) or len(value) > _LONGEST or not value.isprintable():
        raise ValueError(f"expected {key.expected}")
    parsed = _SCALARS[key.kind](key, value)
    if parsed is None:
        shown = "" if key.kind in _UNSHOWN else f", found {value[:80]!r}"
        raise ValueError(f"expected {key.expected}{shown}")
    return parsed


def _path(_: Key, value: str) -> str | None:
    return value if value.startswith("/") else None


def _secret(_: Key, value: str) -> str | None:
    return value if value and not any(letter.isspace() for letter in value) else None


def _switch(_: Key, value: str) -> bool | None:
    return {"true": True, "false": False}.get(value.lower())


def _choice(key: Key, value: str) -> str | None:
    return value if value in key.choices else None


def _names(key: Key, value: str) -> tuple[str, ...] | None:
    """Give the names in their own order; none stands for all."""
    if value == "all":
        return ()
    given = {name.strip() for name in value.split(",")}
    return tuple(name for name in key.choices if name in given) if given <= set(key.choices) else None


def _duration(key: Key, value: str) -> int | None:
    match = re.fullmatch(_DURATION, value)
    if match is None:
        return None
    seconds = int(match[1]) * _UNITS[match[2]]
    return seconds if key.least <= seconds <= key.most else None


def _url(_: Key, value: str) -> str | None:
    parts = _split(value)
    if parts is None or "@" in parts[1]:
        return None
    scheme, _netloc, host = parts
    local = scheme == "http" and re.fullmatch(_LOOPBACK, host)
    return value.rstrip("/") if scheme == "https" or local else None


def _proxy(_: Key, value: str) -> str | None:
    parts = _split(value)
    return value if parts and parts[0] in ("http", "https") else None


def _listen(_: Key, value: str) -> str | None:
    host, port = value.rpartition(":")[::2]
    is_port = port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536
    return value if is_port and re.fullmatch(_ADDRESS, host) else None


def _split(value: str) -> tuple[str, str, str] | None:
    """Give scheme, network location and host name of a URL that has all three, and nothing but a path behind."""
    from urllib.parse import urlsplit  # noqa: PLC0415 - only who gives an address pays for it

    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018 - raises ValueError when it is no number
    except ValueError:
        return None
    if not parts.hostname or parts.query or parts.fragment or " " in value:
        return None
    return parts.scheme, parts.netloc, parts.hostname


def _labels(key: Key, value: Raw) -> tuple[str, ...]:
    """Give labels as sorted name=value words, from a mapping or from name=value,name=value."""
    if isinstance(value, str):
        pairs = [word.partition("=")[::2] for word in value.split(",") if word]
    elif isinstance(value, tuple):
        pairs = list(value)
    else:
        raise ValueError(f"expected {key.expected}")
    for name, text in pairs:
        if not re.fullmatch(_LABEL, name) or not text or len(text) > 253 or not text.isprintable():
            raise ValueError(f"expected {key.expected}, found {name[:80]!r}")
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise ValueError(f"expected every label once, found {max(names, key=names.count)!r} again")
    if len(pairs) > _LABELS_LIMIT:
        raise ValueError(f"expected at most {_LABELS_LIMIT} labels, found {len(pairs)}")
    return tuple(sorted(f"{name}={text}" for name, text in pairs))


_LISTS = {kinds.LABELS: _labels, kinds.TREES: trees, kinds.PATTERNS: patterns}
_SCALARS = {
    kinds.DIRECTORY: _path,
    kinds.FILE: _path,
    kinds.SECRET: _secret,
    kinds.SWITCH: _switch,
    kinds.CHOICE: _choice,
    kinds.NAMES: _names,
    kinds.DURATION: _duration,
    kinds.URL: _url,
    kinds.PROXY: _proxy,
    kinds.LISTEN: _listen,
}
