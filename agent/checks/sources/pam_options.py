"""Files of options that modules of PAM read: faillock.conf(5), pwquality.conf(5), pwhistory.conf(5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.checks.sources import files
from agent.checks.sources.accounts import Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.checks.engine.system import System

FAILLOCK = "/etc/security/faillock.conf"
PWQUALITY = "/etc/security/pwquality.conf"
PWHISTORY = "/etc/security/pwhistory.conf"


def options(system: System, path: str) -> Mapping[str, Value]:
    """Give the options of a file; a later one counts, a flag has an empty value. pwquality reads its drop-ins first."""
    found = {}
    drop_ins = system.root.glob(f"{path}.d/*.conf") if path == PWQUALITY else ()
    for file in (*drop_ins, path):
        for number, line in enumerate(files.lines(system, file), 1):
            text = line.decode("utf-8", "replace").partition("#")[0].strip()
            if text:
                name, value = _parted(text)
                found[name] = Value(value, f"{file}:{number}")
    return found


def _parted(text: str) -> tuple[str, str]:
    """Part name and value as the modules do: by white space, by an equals sign, or by both."""
    end = next((place for place, sign in enumerate(text) if sign.isspace() or sign == "="), len(text))
    return text[:end], text[end:].lstrip(" \t=")
