"""Checks of the texts that are shown at a login."""

from __future__ import annotations

from functools import partial

from agent.checks.engine.check import Check
from agent.checks.predicates import banner, file_access

_PATHS = {"/etc/motd": False, "/etc/issue": True, "/etc/issue.net": True}
"""Whether a text has to be there: that of the day may be missing, a warning before the login may not."""


def _text(path: str, needed: bool) -> Check:
    return Check(
        id=f"banner_{_named(path)}_silent",
        title=f"{path} {'warns, and ' if needed else ''}shows no name or version of the system",
        why="Whoever sees the prompt learns which faults to try.",
        fix=f"Take \\m, \\r, \\s, \\v and the name of the distribution out of {path}; say what use is allowed.",
        rule=partial(banner.silent, path, needed),
    )


def _access(path: str) -> Check:
    return Check(
        id=f"banner_{_named(path)}_access",
        title=f"{path} can be changed by root alone",
        why="Others could tell users falsehoods in the name of the system.",
        fix=f"Give {path} to root and group root, with the mode {{mode}}.",
        rule=partial(file_access.at_most, path),
        parameters={"mode": "0644"},
    )


def _named(path: str) -> str:
    return path.rpartition("/")[2].replace(".", "_")


CHECKS = (*(_text(path, needed) for path, needed in _PATHS.items()), *map(_access, _PATHS))
