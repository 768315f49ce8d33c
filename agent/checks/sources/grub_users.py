"""Who may change entries of GRUB at the start, and whether a password that is stored as a hash keeps others out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from agent.checks.sources import drop_ins
from agent.checks.sources.boot_arguments import MENUS

if TYPE_CHECKING:
    from agent.checks.engine.system import System

_USER_FILES = ("/boot/grub2/user.cfg", "/boot/grub/user.cfg", "/boot/efi/EFI/*/user.cfg")
_SCRIPTS = "/etc/grub.d/*"
_SUPERUSERS = re.compile(r"""(?:set\s+|export\s+)?superusers\s*=\s*(["']?)([^"']*)\1\s*$""")
_PASSWORD = re.compile(r"password_pbkdf2\s+(\S+)\s+(\S+)")
_HASH = "grub.pbkdf2.sha512."
_OF_USER_FILE = "GRUB2_PASSWORD="


class Users(NamedTuple):
    """What the configuration of GRUB says of users.

    superusers: Names of users who may do everything, with where it is said.
    passwords: Names of users that have a hashed password, with where it is said.
    user_file: Where user.cfg gives the hash that 01_users of the RHEL family makes the password of root.
    files: The files that were read.
    generated: Whether these are what GRUB reads, and not what they are made from.
    """

    superusers: dict[str, str]
    passwords: dict[str, str]
    user_file: str | None
    files: tuple[str, ...]
    generated: bool


def users(system: System) -> Users:
    """Read grub.cfg, or where there is none what grub-mkconfig would put into it."""
    configs = tuple(path for pattern in MENUS for path in system.root.glob(pattern))
    users = Users({}, {}, _user_file(system), configs or tuple(system.root.glob(_SCRIPTS)), bool(configs))
    for line in (line for path in users.files for line in drop_ins.lines(system, path)):
        names = _SUPERUSERS.match(line.text)
        if names:
            users.superusers.update((name, line.where) for name in re.split(r"[\s,;|&]+", names[2]) if name)
        password = _PASSWORD.match(line.text)
        if password and password[2].strip("\"'").startswith(_HASH):
            users.passwords[password[1].strip("\"'")] = line.where
    return users


def _user_file(system: System) -> str | None:
    for path in (each for pattern in _USER_FILES for each in system.root.glob(pattern)):
        for line in drop_ins.lines(system, path):
            if line.text.startswith(f"{_OF_USER_FILE}{_HASH}"):
                return line.where
    return None
