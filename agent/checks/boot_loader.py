"""Checks of the boot loader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.checks.engine.check import Check
from agent.checks.predicates import file_access, grub
from agent.checks.predicates.combine import all_of

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule

_FILES = ("/boot/grub/grub.cfg", "/boot/grub2/grub.cfg", "/boot/grub2/user.cfg")


def _access(mode: str) -> Rule:
    return all_of(*(file_access.at_most(path, mode) for path in _FILES))


CHECKS = (
    Check(
        id="boot_loader_password",
        title="GRUB asks for a password before an entry is changed",
        why="Whoever reaches the console could start a shell as root by changing an entry.",
        fix="Make a hash with grub-mkpasswd-pbkdf2 (or grub2-setpassword), and set superusers and password_pbkdf2.",
        rule=grub.password,
    ),
    Check(
        id="boot_loader_access",
        title="The configuration of the boot loader is for root alone",
        why="It holds the hash of the boot loader's password, and who can write it decides what is started.",
        fix="Give the files to root and group root, with the mode {mode}.",
        rule=_access,
        parameters={"mode": "0600"},
    ),
)
