"""Checks of the access to files that hold accounts, of all files of the host, and of homes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from agent.checks.engine.check import Check
from agent.checks.predicates import file_access, homes, manual, tree
from agent.checks.predicates.combine import all_of

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule

_NAMES = "What is in it decides who somebody is; who can write it can be root."
_HASHES = "It holds the hashes of passwords, which can be guessed where they can be read."


def _readable(name: str, *paths: str) -> Check:
    modes = (("root", "0644"),)
    return _check(name, paths, _NAMES, modes)


def _secret(name: str, path: str) -> tuple[Check, Check]:
    """Give the check for distributions that have a group shadow, and that for those that have none."""
    shared = _check(name, (path,), _HASHES, (("root", "0640"), ("shadow", "0640")))
    return shared, _check(f"{name}_root_alone", (path,), _HASHES, (("root", "0000"),))


def _check(name: str, paths: tuple[str, ...], why: str, modes: tuple[tuple[str, str], ...]) -> Check:
    told = " and ".join(paths)
    groups = " or ".join(group for group, _ in modes)
    return Check(
        id=f"file_{name}_access",
        title=f"{told}: root's, with the mode {modes[0][1]} or less",
        why=why,
        fix=f"Give {told} to root and the group {groups}, with the mode {modes[0][1]}.",
        rule=partial(_each, paths, modes),
    )


def _each(paths: tuple[str, ...], modes: tuple[tuple[str, str], ...]) -> Rule:
    return all_of(*(file_access.files((path,), modes) for path in paths))


CHECKS = (
    _readable("passwd", "/etc/passwd"),
    _readable("passwd_backup", "/etc/passwd-"),
    _readable("group", "/etc/group"),
    _readable("group_backup", "/etc/group-"),
    *_secret("shadow", "/etc/shadow"),
    *_secret("shadow_backup", "/etc/shadow-"),
    *_secret("gshadow", "/etc/gshadow"),
    *_secret("gshadow_backup", "/etc/gshadow-"),
    _readable("shells", "/etc/shells"),
    _check("opasswd", ("/etc/security/opasswd", "/etc/security/opasswd.old"), _HASHES, (("root", "0600"),)),
    Check(
        id="files_not_world_writable",
        title="No file is for everybody to write, nor a directory without the sticky bit",
        why="What everybody can change, nobody can trust.",
        fix="Take the right away with `chmod o-w`, or set the sticky bit of a directory with `chmod a+t`.",
        rule=tree.none_writable,
    ),
    Check(
        id="files_owned",
        title="Every file belongs to a user and a group that exist",
        why="A user who is made later with that id would own them.",
        fix="Give them to somebody with chown, or remove them.",
        rule=tree.none_unowned,
    ),
    Check(
        id="files_set_id",
        title="Programs with set-id bits are known",
        why="Faults in them give the rights of root to those who start them.",
        fix="Look at each, and take the bit away with `chmod ug-s` where it is not needed.",
        rule=tree.set_id_programs,
    ),
    Check(
        id="packaged_files_reviewed",
        title="Files of packages are as they were shipped",
        why="A program that somebody replaced does what that one wants.",
        fix="Look at what the section integrity says of files that contradict their packages.",
        rule=partial(manual.review, "files of packages are as they were shipped"),
    ),
    Check(
        id="homes_private",
        title="Homes exist, belong to their users, and are closed to others",
        why="Others could read what users keep, or put programs into their sessions.",
        fix="Make what is missing, and use chown and chmod.",
        rule=homes.private,
        parameters={"mode": "0750", "group": True},
    ),
    Check(
        id="homes_dot_files",
        title="Dot files in homes belong to their users, and none lets others in",
        why="Who can write them has programs run as the user; some let others in without a password.",
        fix="Use chown and chmod, and remove .forward, .netrc and .rhosts.",
        rule=homes.dot_files,
        parameters={"mode": "0644", "history": "0600"},
    ),
)
