"""Judgements about who may read and write the files below /var/log."""

from __future__ import annotations

import re
import stat
from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import ERROR, Outcome, judged
from agent.checks.sources import accounts, logs

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System
    from agent.formats.accounts import Account

_TOLD = 8
_OVERFLOW = 65534


class Kind(NamedTuple):
    """Files of a kind.

    pattern: Fits the whole path below /var/log.
    mode: What they may be open to.
    owners, groups: Names; services: whether users that cannot log in may own them, with their own group.
    """

    pattern: re.Pattern[str]
    mode: int
    owners: tuple[str, ...]
    groups: tuple[str, ...]
    services: bool = False


_ANYWHERE = "(?:.*/)?"
_KINDS = (
    Kind(re.compile(_ANYWHERE + r"(?:lastlog|[bw]tmp)(?:[.-][^/]*)?"), 0o664, ("root",), ("root", "utmp")),
    Kind(
        re.compile(_ANYWHERE + r"(?:cloud-init\.log|localmessages|waagent\.log)[^/]*"),
        0o644,
        ("root", "syslog"),
        ("root", "adm"),
    ),
    Kind(re.compile(r".*\.journal~?"), 0o640, ("root",), ("root", "systemd-journal")),
    Kind(re.compile(r"gdm3?/.*"), 0o660, ("root", "gdm", "Debian-gdm"), ("root", "gdm", "gdm3", "Debian-gdm")),
    Kind(re.compile(r"(?i)sssd/.*"), 0o660, ("root", "sssd"), ("root", "sssd")),
    Kind(re.compile(r"apt/.*"), 0o644, ("root",), ("root", "adm")),
    Kind(re.compile(r"landscape/.*"), 0o640, ("root", "landscape"), ("root", "landscape")),
    Kind(re.compile(r".*"), 0o640, ("root", "syslog"), ("root", "adm"), services=True),
)


class Closed(NamedTuple):
    """Every file is closed to others as its kind asks."""

    def judge(self, system: System) -> Outcome:
        """Give the outcome with the files that are open to more."""
        expected = "files below /var/log are closed to others"
        found = system.get(logs.logs)
        wrong = list(_wrong(system, found.files))
        if not wrong and found.unseen:
            return Outcome(ERROR, expected, f"not all was seen: {'; '.join(found.unseen[:4])}")
        more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        told = f"{wrong[0][1]}{more}" if wrong else f"{len(found.files)} files are"
        return judged(not wrong, expected, told, tuple(f"{logs.TOP}/{path}" for path, _ in wrong[:_TOLD]))


def closed() -> Rule:
    """Hold where every file below /var/log has the owner, group and mode of its kind."""
    return Closed()


def _wrong(system: System, files: tuple[tuple[str, os.stat_result], ...]) -> Iterator[tuple[str, str]]:
    services = {user.uid: user.gid for user in system.get(accounts.users) if _is_service(system, user)}
    for path, status in files:
        kind = next(each for each in _KINDS if each.pattern.fullmatch(path))
        mode = stat.S_IMODE(status.st_mode)
        serves = kind.services and status.st_uid in services
        if not serves and status.st_uid not in system.get(accounts.ids, kind.owners):
            yield path, f"owner {status.st_uid}"
        elif not _in_group(system, kind, status.st_gid) and not (serves and status.st_gid == services[status.st_uid]):
            yield path, f"group {status.st_gid}"
        elif mode & ~kind.mode:
            yield path, f"mode {mode:04o}"


def _in_group(system: System, kind: Kind, gid: int) -> bool:
    return gid in system.get(accounts.group_ids, kind.groups)


def _is_service(system: System, user: Account) -> bool:
    return 0 < user.uid < system.get(accounts.first_user) and not accounts.can_log_in(system, user)
