"""Judgements about GRUB."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import NOT_APPLICABLE, PASS, Outcome, judged
from agent.checks.sources import grub_users

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System


class Password(NamedTuple):
    """A superuser with a hashed password, without which no entry can be changed at the start."""

    def judge(self, system: System) -> Outcome:
        """Give the outcome, never with a hash; not applicable to a root without a boot loader."""
        expected = "a superuser of GRUB with a password that is stored as a hash"
        users = system.get(grub_users.users)
        if users.user_file and (users.superusers or not users.generated):
            return Outcome(PASS, expected, "user.cfg has a hashed password", (users.user_file,))
        if not users.files:
            return Outcome(NOT_APPLICABLE, expected, "no boot loader is configured")
        both = users.superusers.keys() & users.passwords.keys()
        where = (*users.superusers.values(), *users.passwords.values())
        if both:
            return Outcome(PASS, expected, "set", where[:4])
        lacks = "no hashed password of a superuser" if users.superusers else "no superusers"
        return judged(False, expected, lacks, where[:4] or users.files[:1])


def password() -> Rule:
    """Hold where GRUB asks for a password before it lets anybody change an entry."""
    return Password()
