"""Judgements about agents of mail."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import Outcome, judged
from agent.checks.sources import listeners, mail_agents

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System

_PORTS = (25, 465, 587)
_LOCAL = ("loopback-only", "localhost", "127.0.0.1", "::1", "[::1]", "IPv6:::1", "ip6-localhost")


class Local(NamedTuple):
    """Agents of mail that take mail from the host itself alone, as configured and as they listen."""

    def judge(self, system: System) -> Outcome:
        """Give the outcome."""
        agents = system.get(mail_agents.agents)
        wrong = [
            f"{each.name} listens on {', '.join(each.addresses)}"
            for each in agents
            if not all(address in _LOCAL for address in each.addresses)
        ]
        now = system.get(listeners.to_others)
        wrong += [
            f"{each.address} port {each.port} is open"
            for each in now or ()
            if each.protocol == "tcp" and each.port in _PORTS
        ]
        found = "; ".join(wrong) or ", ".join(f"{each.name}: {', '.join(each.addresses)}" for each in agents) or "none"
        unobserved = ("open ports",) if now is None else ()
        where = tuple(each.where for each in agents)
        return judged(not wrong, "agents of mail listen on loopback alone", found, where, unobserved)


def local() -> Rule:
    """Hold where no agent of mail listens for others."""
    return Local()
