"""Addresses on which agents of mail listen, as configured: Postfix (postconf(5)), Exim of Debian and Sendmail."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from agent.checks.sources import drop_ins, packages, shell_values

if TYPE_CHECKING:
    from agent.checks.engine.system import System

_MAIN = "/etc/postfix/main.cf"
_EXIM = "/etc/exim4/update-exim4.conf.conf"
_SENDMAIL = "/etc/mail/sendmail.cf"
_DAEMON = re.compile(r"O\s+DaemonPortOptions=(.*)")


class Agent(NamedTuple):
    """An agent of mail that is installed.

    addresses: Where it listens; all for every address, none where it listens nowhere.
    """

    name: str
    addresses: tuple[str, ...]
    where: str


def agents(system: System) -> tuple[Agent, ...]:
    """Give those that are installed."""
    there = system.get(packages.installed)
    found = [
        _postfix(system) if "postfix" in there or system.root.exists(_MAIN) else None,
        _exim(system) if "exim4-config" in there else None,
        _sendmail(system) if "sendmail" in there or "sendmail-bin" in there else None,
    ]
    return tuple(each for each in found if each)


def _postfix(system: System) -> Agent:
    """Give what inet_interfaces is set to last; a line that starts with white space goes on with the one before."""
    value, where, inside = "all", _MAIN, False
    for number, raw in enumerate(drop_ins.raw_lines(system, _MAIN), 1):
        text = raw.decode("utf-8", "replace")
        if not text.strip() or text.lstrip().startswith("#"):
            continue
        if text[:1].isspace():
            value += f" {text.strip()}" if inside else ""
            continue
        key, sign, rest = text.partition("=")
        inside = bool(sign) and key.strip() == "inet_interfaces"
        if inside:
            value, where = rest.strip(), f"{_MAIN}:{number}"
    return Agent("postfix", tuple(re.split(r"[\s,]+", value.strip())) if value.strip() else (), where)


def _exim(system: System) -> Agent:
    values = system.get(shell_values.assigned, (_EXIM,))
    if values.get("dc_eximconfig_configtype") in ("none", "satellite") and not values.get("dc_local_interfaces"):
        return Agent("exim", (), _EXIM)
    addresses = tuple(
        each.strip().strip("[]") for each in values.get("dc_local_interfaces", "").split(";") if each.strip()
    )
    return Agent(
        "exim",
        tuple(each.rpartition(".")[0] if each.count(".") == 4 else each for each in addresses) or ("all",),
        _EXIM,
    )


def _sendmail(system: System) -> Agent:
    for line in drop_ins.lines(system, _SENDMAIL):
        match = _DAEMON.match(line.text)
        if match:
            named = re.findall(r"(?i)\baddr(?:ess)?\s*=\s*([^,\s]+)", match[1])
            return Agent("sendmail", tuple(named) or ("all",), line.where)
    return Agent("sendmail", ("all",), _SENDMAIL)
