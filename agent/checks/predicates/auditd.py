"""Judgements about auditd.conf(5), and access to what auditd writes and is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import Outcome, judged
from agent.checks.predicates import file_access
from agent.checks.predicates.combine import all_of
from agent.checks.sources import auditd

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System

_TOOLS = ("auditctl", "aureport", "ausearch", "autrace", "auditd", "augenrules", "audispd")
_PLUGINS = ("audisp-syslog", "audisp-remote", "audispd-zos-remote")


class Keyword(NamedTuple):
    """A keyword with one of some values, or with any number where none is named; case makes no difference.

    default: What auditd takes where nothing is said; empty where that is not good enough.
    """

    name: str
    accepted: tuple[str, ...]
    default: str

    def judge(self, system: System) -> Outcome:
        """Give the outcome; what is not set fails where the default loses records."""
        expected = f"{self.name} = {' or '.join(self.accepted) or 'a number'}"
        found = system.get(auditd.settings).get(self.name)
        if found is None:
            told = f"{self.default} by default" if self.default else "not set"
            return judged(self.default in self.accepted, expected, told, (auditd.CONFIG,))
        value = found.text.lower()
        holds = value in self.accepted if self.accepted else value.isdigit() and int(value[:12]) > 0
        return judged(holds, expected, found.text, (found.where,))


class LogGroup(NamedTuple):
    """Logs belong to a group that is trusted, now and when auditd makes new ones."""

    groups: tuple[str, ...]

    def judge(self, system: System) -> Outcome:
        """Give the outcome; log_group is root by default."""
        expected = f"log_group = {' or '.join(self.groups)}"
        found = system.get(auditd.settings).get("log_group")
        if found is None:
            return judged("root" in self.groups, expected, "root by default", (auditd.CONFIG,))
        return judged(found.text in (*self.groups, "0"), expected, found.text, (found.where,))


def keyword(name: str, accepted: str | tuple[str, ...] = (), default: str = "") -> Rule:
    """Hold where a keyword has one of some values; a number where none is named."""
    return Keyword(name, (accepted,) if isinstance(accepted, str) else accepted, default)


def logs(mode: str) -> Rule:
    """Hold where no log is open to more than a mode, of whatever user and group."""
    return file_access.given(auditd.log_files, "audit logs", (("", mode),), owners=())


def logs_of(owner: str) -> Rule:
    """Hold where all logs belong to a user."""
    return file_access.given(auditd.log_files, "audit logs", (("", "7777"),), owners=(owner,))


def logs_of_group(groups: tuple[str, ...]) -> Rule:
    """Hold where all logs belong to one of some groups, and new ones will."""
    allowed = tuple((group, "7777") for group in groups)
    return all_of(LogGroup(groups), file_access.given(auditd.log_files, "audit logs", allowed, owners=()))


def log_folder(mode: str) -> Rule:
    """Hold where the directory of the logs is open to no more than a mode."""
    return file_access.given(auditd.log_folders, "directory of audit logs", (("", mode),), owners=())


def configuration(mode: str = "7777", owner: str = "", group: str = "") -> Rule:
    """Hold where all files that configure auditd and its rules have a mode, an owner or a group."""
    patterns = ("/etc/audit/*.conf", "/etc/audit/*.rules", "/etc/audit/rules.d/*.rules")
    return file_access.files(patterns, ((group, mode),), owners=(owner,) if owner else ())


def tools(mode: str = "7777", owner: str = "", group: str = "") -> Rule:
    """Hold where all programs of the audit system have a mode, an owner or a group."""
    patterns = tuple(f"/usr/sbin/{name}" for name in (*_TOOLS, *_PLUGINS))
    merged = tuple(f"/sbin/{name}" for name in (*_TOOLS, *_PLUGINS))
    return file_access.files((*patterns, *merged), ((group, mode),), owners=(owner,) if owner else ())
