"""Conditions that tables name in applies_when: NAME=CHOICE, of choices that a benchmark leaves to the site."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.checks.predicates import choice

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule


def condition(name: str) -> Rule:
    """Give the condition of a name, as firewall=ufw; KeyError where there is no such choice."""
    kind, _, wanted = name.partition("=")
    if wanted not in CHOICES[kind]:
        raise KeyError(name)
    return choice.made(kind, wanted)


CHOICES = {
    "firewall": ("ufw", "nftables", "iptables", "firewalld"),
    "time": ("chrony", "systemd-timesyncd"),
    "log": ("journald", "rsyslog"),
}
"""What can be chosen, by the name of the choice."""
