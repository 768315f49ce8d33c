"""The snapshots of a section that delivery works with: what the backend confirmed, and what is being sent."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from agent.delivery.files import remove, set_aside, sync_folder
from agent.delivery.reading import CURRENT, CorruptSnapshot, check, read_footer_of

if TYPE_CHECKING:
    from agent.model.snapshot import Footer

_SENDING = "sending.snap"
_INSTALLMENT = "installment.snap"
_ACKNOWLEDGED = re.compile(r"acknowledged\.([0-9A-Za-z_-]{1,64})\.([0-9]{1,16})\.snap")


class Acknowledged(NamedTuple):
    """The snapshot that the backend confirmed last.

    path: Its file; the name holds epoch and seq, so that one rename commits all three.
    epoch, seq: Those of the message that brought it there.
    footer: Its footer.
    """

    path: str
    epoch: str
    seq: int
    footer: Footer


class Held(NamedTuple):
    """The current snapshot under a second name, which a new collection does not take away.

    path: Its file.
    footer: Its footer.
    """

    path: str
    footer: Footer


def acknowledged(folder: str) -> Acknowledged | None:
    """Give what the backend confirmed last; None when there is nothing, or nothing that can be read."""
    newest = _newest(folder)
    if newest is None:
        return None
    path = os.path.join(folder, newest)
    footer = read_footer_of(path)
    match = _ACKNOWLEDGED.fullmatch(newest)
    return Acknowledged(path, match[1], int(match[2]), footer) if match and footer else None


def check_acknowledged(folder: str) -> Acknowledged | None:
    """Give what the backend confirmed last after reading all of it; one that is damaged is set aside."""
    newest = _newest(folder)
    if newest is None:
        return None
    try:
        check(os.path.join(folder, newest))
    except CorruptSnapshot as error:
        os.replace(error.path, os.path.join(folder, "acknowledged.snap.corrupt"))
        sync_folder(folder)
    return acknowledged(folder)


def current(folder: str) -> Footer | None:
    """Give the footer of the last good snapshot; None when there is none, or none that can be read."""
    return read_footer_of(os.path.join(folder, CURRENT))


def pending(folder: str) -> bool:
    """Tell whether the last good snapshot is something that the backend has not confirmed."""
    confirmed, latest = acknowledged(folder), os.path.join(folder, CURRENT)
    footer = read_footer_of(latest)
    if footer is None:
        return os.path.exists(latest)
    return confirmed is None or (confirmed.footer.digest, confirmed.footer.status) != (footer.digest, footer.status)


def hold(folder: str) -> Held | None:
    """Take hold of the current snapshot; None without one. CorruptSnapshot when it was damaged and set aside."""
    path = os.path.join(folder, _SENDING)
    remove(path)
    try:
        os.link(os.path.join(folder, CURRENT), path)
    except FileNotFoundError:
        return None
    try:
        return Held(path, check(path))
    except CorruptSnapshot:
        if os.path.samefile(path, os.path.join(folder, CURRENT)):
            set_aside(os.path.join(folder, CURRENT))
        remove(path)
        raise


def installment_of(folder: str) -> str:
    """Name the file for what is sent on the way to the current snapshot."""
    return os.path.join(folder, _INSTALLMENT)


def commit(path: str, epoch: str, seq: int) -> None:
    """Make what was sent what the backend confirmed."""
    folder, name = os.path.dirname(path), f"acknowledged.{epoch}.{seq}.snap"
    os.rename(path, os.path.join(folder, name))
    sync_folder(folder)
    for other in _confirmed(folder):
        if other != name:
            remove(os.path.join(folder, other))


def release(folder: str) -> None:
    """Let go of what was not confirmed."""
    for name in (_SENDING, _INSTALLMENT):
        remove(os.path.join(folder, name))


def forget(folder: str) -> None:
    """Drop what the backend was believed to hold; the next message starts an epoch."""
    for name in _confirmed(folder):
        remove(os.path.join(folder, name))
    sync_folder(folder)


def _newest(folder: str) -> str | None:
    """Name the file committed last: all are of one epoch, for another starts only when there is none."""
    return max(_confirmed(folder), key=_seq, default=None)


def _seq(name: str) -> int:
    match = _ACKNOWLEDGED.fullmatch(name)
    return int(match[2]) if match else 0


def _confirmed(folder: str) -> list[str]:
    try:
        return [name for name in os.listdir(folder) if _ACKNOWLEDGED.fullmatch(name)]
    except FileNotFoundError:
        return []
