"""Judgements about the directories in which root's shell looks for programs."""

from __future__ import annotations

import re
import stat
from typing import TYPE_CHECKING, NamedTuple

from agent.checks.predicates.listed import none_wrong
from agent.checks.sources import accounts, files, profiles
from agent.formats import shell_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System

_ENVIRONMENT = "/etc/environment"
_SUPER_PATH = "ENV_SUPATH"
_WRITABLE = 0o022
_STANDARD = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
"""Where root looks whatever else is set, as far as it is there."""
_SHIPPED = frozenset(("/usr/games", "/usr/local/games", "/usr/local/sbin", "/usr/local/bin", "/snap/bin"))
"""What distributions put into the path whether it is there or not, in directories of root."""
_ITSELF = re.compile(r"\$(?:PATH\b|\{PATH[^}]*\})")
_HOME = re.compile(r"\$(?:HOME\b|\{HOME\})|(?<![^:])~(?=/|:|$)")


class Directory(NamedTuple):
    """An entry of a path, as written but for the home, with where it is set."""

    text: str
    where: str


def safe() -> Rule:
    """Hold where each directory is absolute, is there, is root's, and nobody else can write to it."""
    return none_wrong("the PATH of root has safe directories alone", _unsafe)


def _unsafe(system: System) -> Iterator[tuple[str, str]]:
    home = profiles.home_of_root(system)
    for each in dict.fromkeys(_directories(system, home)):
        if not each.text:
            yield "an empty entry", each.where
        elif not each.text.startswith("/"):
            if "$" not in each.text and "`" not in each.text:
                yield f"{each.text} is relative", each.where
        elif "$" not in each.text:
            wrong = _wrong(system, each.text, home)
            if wrong:
                yield f"{each.text} {wrong}", each.where


def _wrong(system: System, path: str, home: str) -> str:
    """Say what is wrong with a directory; one that only root could make may be absent."""
    try:
        status = system.root.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return "" if path in _SHIPPED or path.startswith(f"{home}/") else "is absent"
    if not stat.S_ISDIR(status.st_mode):
        return "is no directory"
    if status.st_uid:
        return f"belongs to {status.st_uid}"
    mode = stat.S_IMODE(status.st_mode)
    return f"has mode {mode:04o}" if mode & _WRITABLE else ""


def _directories(system: System, home: str) -> Iterator[Directory]:
    for text, where in _values(system):
        bare = _HOME.sub(home, text)
        for part in bare.split(":"):
            if not _ITSELF.fullmatch(part):
                yield Directory(part.rstrip("/") or part, where)


def _values(system: System) -> Iterator[tuple[str, str]]:
    """Give what PATH is set to where root logs in: by the login itself, for everybody, and by root's own files."""
    yield from ((path, "") for path in _STANDARD if system.root.exists(path))
    by_login = system.get(accounts.login_defs).get(_SUPER_PATH)
    if by_login:
        yield by_login.text.removeprefix("PATH="), by_login.where
    for number, line in enumerate(files.lines(system, _ENVIRONMENT), 1):
        name, sign, value = line.decode("utf-8", "replace").strip().removeprefix("export ").partition("=")
        if sign and name.strip() == "PATH":
            yield value.strip().strip("\"'"), f"{_ENVIRONMENT}:{number}"
    for path in (*profiles.of_all(system, (*profiles.BASHRC, *profiles.PROFILE)), *profiles.of_root(system)):
        for value, line_number in shell_text.variable(system.get(profiles.commands, path), "PATH").values:
            yield value, f"{path}:{line_number}"
