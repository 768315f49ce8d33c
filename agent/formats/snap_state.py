"""The state of snapd, var/lib/snapd/state.json: which snaps it has (snapd, overlord/snapstate/snapmgr.go).

It also holds changes under way, their tasks and secrets; only the part data.snaps is looked at.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_DECODER = json.JSONDecoder(parse_int=str, parse_float=str)  # turning a million digits into a number takes seconds
_NAME = re.compile(r"[a-z0-9-]{1,40}(?:_[a-z0-9]{1,10})?")
_REVISION = re.compile(r"x?[0-9]{1,10}")
_DATA = '{"data":'
"""How snapd begins the file, which it writes without spaces; what is behind the data is much longer."""


class Snap(NamedTuple):
    """A revision of a snap that is there.

    name: Name of the instance: that of the snap, perhaps with _ and an instance's key.
    revision: A number, or x and a number where it was not the store's.
    kind: app, base, kernel, gadget, os, snapd.
    channel: Channel that it follows, for example latest/stable; None where it is not the store's.
    is_current: Whether it is the revision that is used, rather than one kept to go back to.
    is_active: Whether it is enabled.
    """

    name: str
    revision: str
    kind: str | None
    channel: str | None
    is_current: bool
    is_active: bool


def snaps(content: bytes) -> Iterator[Snap | str]:
    """Give every revision of every snap, and of a snap whose state is not as it should be the name; empty if it is none.

    ValueError, which quotes nothing, when the file is not as snapd writes it.
    """
    data = _data(content)
    found = data.get("snaps")
    if found is None:
        return
    if not isinstance(found, dict):
        raise ValueError("the snaps in it are no object")
    for name, state in found.items():
        revisions = _revisions(name, state)
        if revisions:
            yield from revisions
        else:
            yield name if _NAME.fullmatch(name) else ""


def _data(content: bytes) -> dict[str, Any]:
    text = content.decode("utf-8", "replace")
    try:
        if text.startswith(_DATA):
            data = _DECODER.raw_decode(text, len(_DATA))[0]
        else:
            state = _DECODER.decode(text)
            data = state.get("data") if isinstance(state, dict) else None
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    except ValueError:
        raise ValueError("it is no JSON") from None
    if not isinstance(data, dict):
        raise ValueError("the data in it are no object")
    return data


def _revisions(name: str, state: object) -> list[Snap]:
    """Give the revisions of a snap; none where its current one is not among them."""
    if not _NAME.fullmatch(name) or not isinstance(state, dict) or not isinstance(state.get("sequence"), list):
        return []
    current = _text(state.get("current"))
    revisions = [_text(entry.get("revision")) for entry in state["sequence"] if isinstance(entry, dict)]
    if current not in revisions or not all(revision and _REVISION.fullmatch(revision) for revision in revisions):
        return []
    kind, channel, is_active = _text(state.get("type")), _text(state.get("channel")), state.get("active") is True
    return [
        Snap(name, revision, kind, channel, revision == current, revision == current and is_active)
        for revision in dict.fromkeys(revisions)
        if revision
    ]


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
