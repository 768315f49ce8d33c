"""The rules that iptables-persistent or iptables-services load at the start, in the form of iptables-save(8)."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, NamedTuple

from agent.checks.sources import drop_ins

if TYPE_CHECKING:
    from agent.checks.engine.system import System

FILES = {
    4: ("/etc/iptables/rules.v4", "/etc/sysconfig/iptables"),
    6: ("/etc/iptables/rules.v6", "/etc/sysconfig/ip6tables"),
}
"""By version of IP, of which the first that is there counts."""


class Filter(NamedTuple):
    """The table filter.

    policies: By chain.
    rules: By chain, the words of each rule.
    where: The file; None where there is none.
    """

    policies: dict[str, str]
    rules: dict[str, list[tuple[str, ...]]]
    where: str | None


def saved(system: System, version: int) -> Filter:
    """Read the rules of a version of IP."""
    for path in FILES[version]:
        if system.root.exists(path):
            return _read(system, path)
    return Filter({}, {}, None)


def _read(system: System, path: str) -> Filter:
    found = Filter({}, {}, path)
    table = ""
    for line in drop_ins.lines(system, path):
        if line.text.startswith("*"):
            table = line.text[1:].strip()
        elif table == "filter" and line.text.startswith(":"):
            chain, policy, *_ = (*line.text[1:].split(), "", "")
            found.policies[chain] = policy
        elif table == "filter" and line.text.startswith(("-A ", "--append ")):
            _, chain, *words = (*_words(line.text), "")
            found.rules.setdefault(chain, []).append(tuple(words[:-1]))
        elif table == "filter" and line.text.startswith(("-P ", "--policy ")):
            _, chain, policy, *_ = (*line.text.split(), "", "")
            found.policies[chain] = policy
    return found


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()
