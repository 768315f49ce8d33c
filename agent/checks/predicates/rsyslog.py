"""Judgements about the configuration of rsyslog."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import FAIL, PASS, Outcome, judged
from agent.checks.predicates import file_access
from agent.checks.sources import rsyslog

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System
    from agent.formats.rsyslog_conf import Statement

_LISTENERS = ("imtcp", "imudp", "imrelp", "imptcp", "imgssapi")
_LISTENING = ("udpserverrun", "inputtcpserverrun", "inputptcpserverrun", "inputrelpserverrun", "inputgssserverrun")
_SENDERS = ("omfwd", "omrelp", "omgssapi")


class CreateMode(NamedTuple):
    """New log files have no more than a mode: it is set, and set to more nowhere."""

    mode: int

    def judge(self, system: System) -> Outcome:
        """Give the outcome with the first mode that allows more."""
        expected = f"FileCreateMode {self.mode:04o} or less"
        said = [(value, each.where) for each in system.get(rsyslog.statements) for value in _modes(each.statement)]
        wrong = [each for each in said if not self._holds(each[0])]
        if not said:
            return Outcome(FAIL, expected, "0644 by default", (rsyslog.CONFIG,))
        return judged(not wrong, expected, (wrong or said)[0][0], tuple(where for _, where in (wrong or said)[:8]))

    def _holds(self, value: str) -> bool:
        return set(value) <= set("01234567") and value != "" and not int(value, 8) & ~self.mode


class DoesNotListen(NamedTuple):
    """No module that takes messages from the network is loaded or used."""

    def judge(self, system: System) -> Outcome:
        """Give the outcome with what listens."""
        found = [(name, each.where) for each in system.get(rsyslog.statements) for name in _listening(each.statement)]
        names = ", ".join(dict.fromkeys(name for name, _ in found))
        return judged(
            not found, "rsyslog takes no messages from the network", names or "none", tuple(_[1] for _ in found)
        )


class Forwards(NamedTuple):
    """Messages are sent to another host."""

    def judge(self, system: System) -> Outcome:
        """Give the outcome; the host is not shown."""
        where = tuple(each.where for each in system.get(rsyslog.statements) if _sends(each.statement))
        found = "messages are sent" if where else "not set"
        return Outcome(PASS if where else FAIL, "messages are sent to another host", found, where or (rsyslog.CONFIG,))


def create_mode(mode: str) -> Rule:
    """Hold where new log files have no more than an octal mode."""
    return CreateMode(int(mode, 8))


def does_not_listen() -> Rule:
    """Hold where rsyslog takes nothing from the network."""
    return DoesNotListen()


def forwards() -> Rule:
    """Hold where rsyslog sends messages to another host."""
    return Forwards()


def files_of(owner: str, group: str, mode: str) -> Rule:
    """Hold where the files that rsyslog writes belong to a user and group, with no more than a mode."""
    return file_access.given(rsyslog.files, "files that rsyslog writes", ((group, mode),), owners=(owner,))


def _modes(statement: Statement) -> Iterator[str]:
    if statement.name == "filecreatemode":
        yield statement.value
    elif statement.kind in ("module", "action", "global") and "filecreatemode" in statement.parameters:
        yield statement.parameters["filecreatemode"]


def _listening(statement: Statement) -> Iterator[str]:
    if statement.name == "modload":
        names = [statement.value.rpartition("/")[2].removesuffix(".so")]
    elif statement.kind in ("module", "input"):
        names = [statement.parameters.get("load", "").removesuffix(".so"), statement.parameters.get("type", "")]
    else:
        names = []
    yield from (name for name in names if name in _LISTENERS)
    if statement.name in _LISTENING:
        yield statement.name


def _sends(statement: Statement) -> bool:
    if statement.kind == "action":
        return statement.parameters.get("type") in _SENDERS
    return statement.kind == "selector" and statement.value.startswith(("@", ":omrelp:"))
