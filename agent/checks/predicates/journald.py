"""Judgements about journald.conf(5), with what systemd does where nothing is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import Outcome, judged
from agent.checks.engine.release import release
from agent.checks.sources import key_values

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System

_CONFIG = "/etc/systemd/journald.conf"
_UPLOAD = "/etc/systemd/journal-upload.conf"
_TRUE = frozenset(("1", "yes", "y", "true", "t", "on"))
_FALSE = frozenset(("0", "no", "n", "false", "f", "off"))
_DEFAULTS = {"Compress": "yes", "ForwardToSyslog": "no", "Storage": "auto"}
_OF_DEBIAN = {"ForwardToSyslog": "yes"}
"""What Debian and what is made of it are built with."""


class Journal(NamedTuple):
    """A key of [Journal] with a value."""

    key: str
    wanted: str

    def judge(self, system: System) -> Outcome:
        """Give the outcome; an empty value stands for the default. A size for Compress compresses what is larger."""
        expected = f"{self.key}={self.wanted}"
        found = system.get(key_values.effective, _CONFIG, "Journal", self.key)
        if found is not None and found.value:
            return judged(self._holds(found.value), expected, found.value, (found.where,))
        default = _default(system, self.key)
        return judged(self._holds(default), expected, f"{default} by default", (_CONFIG,))

    def _holds(self, value: str) -> bool:
        lowered = value.lower()
        if self.wanted == "yes":
            return lowered in _TRUE or (self.key == "Compress" and lowered[:1].isdigit() and lowered not in _FALSE)
        return lowered in _FALSE if self.wanted == "no" else lowered == self.wanted


class Upload(NamedTuple):
    """A key of [Upload] that is set."""

    key: str

    def judge(self, system: System) -> Outcome:
        """Give the outcome; the value is not shown."""
        found = system.get(key_values.effective, _UPLOAD, "Upload", self.key)
        is_set = found is not None and bool(found.value)
        where = (found.where,) if found else (_UPLOAD,)
        return judged(is_set, f"{self.key} is set", "set" if is_set else "not set", where)


def _default(system: System, key: str) -> str:
    found = system.get(release)
    is_debian = "debian" in (found.id, *found.like)
    return _OF_DEBIAN.get(key, _DEFAULTS[key]) if is_debian else _DEFAULTS[key]


def upload(key: str) -> Rule:
    """Hold where a key of journal-upload.conf is set."""
    return Upload(key)


def journal(key: str, wanted: str) -> Rule:
    """Hold where a key has a value, by itself or by default; yes and no stand for all their spellings."""
    return Journal(key, wanted)
