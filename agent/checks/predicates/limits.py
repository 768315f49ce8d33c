"""Judgements about limits of users (limits.conf(5))."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import Outcome, judged
from agent.checks.sources import drop_ins

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System


class Hard(NamedTuple):
    """The hard limit of a domain; every line of it has to have the value, of drop-ins where they have one."""

    domain: str
    item: str
    value: int

    def judge(self, system: System) -> Outcome:
        """Give the outcome; pam_limits reads limits.d after limits.conf."""
        paths = ("/etc/security/limits.conf", *system.root.glob("/etc/security/limits.d/*.conf"))
        found = [
            (words[3], line.where)
            for path in paths
            for line in drop_ins.lines(system, path)
            if len(words := line.text.partition("#")[0].split()) > 3
            and words[0] == self.domain
            and words[1] in ("hard", "-")
            and words[2] == self.item
        ]
        expected = f"{self.domain} hard {self.item} {self.value}"
        value, where = found[-1] if found else ("not set", "")
        return judged(value == str(self.value), expected, value, (where,) if where else ())


def hard(domain: str, item: str, value: int) -> Rule:
    """Hold where the last hard limit of a domain is a value."""
    return Hard(domain, item, value)
