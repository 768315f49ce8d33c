"""The configuration of auditd, auditd.conf(5), and the logs that it writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.checks.sources import files
from agent.checks.sources.accounts import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from agent.checks.engine.system import System

CONFIG = "/etc/audit/auditd.conf"
_LOG = "/var/log/audit/audit.log"


def settings(system: System) -> Mapping[str, Value]:
    """Give the settings by keyword in lower case; the last of several counts, and nothing behind a value is a comment."""
    found = {}
    for number, line in enumerate(files.lines(system, CONFIG), 1):
        key, sign, value = line.decode("utf-8", "replace").partition("=")
        if sign and not key.lstrip().startswith("#"):
            found[key.strip().lower()] = Value(value.strip(), f"{CONFIG}:{number}")
    return found


def log_files(system: System) -> Iterable[str]:
    """Give the log and those that were rotated: audit.log.1 ..."""
    return system.root.glob(f"{_path(system)}*")


def log_folders(system: System) -> Iterable[str]:
    """Give the directory of the logs."""
    return system.root.glob(_path(system).rpartition("/")[0] or "/")


def _path(system: System) -> str:
    found = system.get(settings).get("log_file")
    return found.text if found and found.text.startswith("/") else _LOG
