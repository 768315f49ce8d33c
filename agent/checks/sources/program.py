"""The arguments that a service has now, or that its unit gives it. They are read for paths and settings, and never recorded."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from agent.checks.sources import files, units
from agent.checks.sources.unit_files import FOLDERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agent.checks.engine.system import System

_LIMIT = 256 * 1024
_NAME = 15
"""Characters of a name that the kernel keeps (TASK_COMM_LEN in proc(5), less the end)."""
_NEXT = re.compile(r"\s+(?=[\"']?[A-Za-z_]\w*=)")
_VARIABLE = re.compile(r"\$\{(\w+)\}|\$(\w+)")


def process(system: System, name: str) -> int | None:
    """Give the first process of a program that sees the host's own files; None where none runs."""
    if system.proc is None:
        return None
    for pid in system.proc.pids():
        try:
            if system.proc.read(f"{pid}/comm", 64).strip().decode("utf-8", "replace") == name[:_NAME]:
                return pid
        except (FileNotFoundError, ProcessLookupError):
            continue
    return None


def arguments(system: System, name: str, unit: str) -> tuple[str, ...] | None:
    """Give the arguments of a running program, else those that its unit gives it; None where there is neither."""
    pid = process(system, name)
    if pid is not None and system.proc is not None:
        try:
            words = system.proc.read(f"{pid}/cmdline", _LIMIT).split(b"\0")
        except (FileNotFoundError, ProcessLookupError):
            return None
        return tuple(word.decode("utf-8", "replace") for word in words[1:] if word)
    return _of_unit(system, unit)


def flag(given: Iterable[str], name: str) -> str | None:
    """Give the value of --NAME=VALUE or --NAME VALUE, the last one; true for a flag without one, None without the flag."""
    found = None
    words = list(given)
    for place, word in enumerate(words):
        bare = word.lstrip("-")
        if not word.startswith("-") or bare.partition("=")[0] != name:
            continue
        after = words[place + 1] if place + 1 < len(words) else "-"
        found = bare.partition("=")[2] if "=" in bare else "true" if after.startswith("-") else after
    return found


def flags(given: Iterable[str], names: tuple[str, ...]) -> tuple[str, ...]:
    """Give the values of all flags of some names, as -H fd:// or --host=fd://, in their order."""
    words = list(given)
    found = []
    for place, word in enumerate(words):
        name, sign, value = word.partition("=")
        if name in names:
            found.append(value if sign else "".join(words[place + 1 : place + 2]))
    return tuple(found)


def unit_files(system: System, unit: str) -> list[str]:
    """Give the file of a unit and its drop-ins."""
    path = system.get(units.resolved, unit).path
    drop_ins = (each for folder in FOLDERS for each in system.root.glob(f"{folder}/{unit}.d/*.conf"))
    return [*([path] if path else []), *drop_ins]


def _of_unit(system: System, unit: str) -> tuple[str, ...] | None:
    commands: list[str] = []
    variables: dict[str, str] = {}
    for each in units.settings(system, unit):
        if each.section != "Service":
            continue
        if each.key == "ExecStart":
            commands = [*commands, each.value] if each.value else []
        elif each.key == "Environment":
            variables.update(_pairs(each.value))
        elif each.key == "EnvironmentFile":
            for line in files.lines(system, each.value.lstrip("-")):
                variables.update(_pairs(line.decode("utf-8", "replace").strip()))
    if not commands:
        return None
    expanded = _VARIABLE.sub(lambda match: variables.get(match[1] or match[2], ""), commands[-1])
    return tuple(_words(expanded)[1:])


def _pairs(text: str) -> dict[str, str]:
    if text.startswith(("#", ";")):
        return {}
    pairs = (each.strip().strip("\"'").partition("=") for each in _NEXT.split(text) if "=" in each)
    return {name.strip(): value.strip().strip("\"'") for name, _, value in pairs}


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()
