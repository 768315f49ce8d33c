"""Checks of ways into the host other than cables, and of IPv6."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from agent.checks.engine.check import Check
from agent.checks.predicates import manual, package, unit, wireless
from agent.checks.predicates.combine import any_of

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule


def _bluetooth() -> Rule:
    return any_of(package.absent("bluez"), unit.off("bluetooth.service"))


CHECKS = (
    Check(
        id="ipv6_reviewed",
        title="It is known whether the host uses IPv6, and it is set up or turned off",
        why="A protocol that nobody looks after passes by the rules that were written for the other.",
        fix="Set it up like IPv4, or turn it off with net.ipv6.conf.all.disable_ipv6 = 1.",
        rule=partial(manual.review, "IPv6 is as intended", ("/etc/sysctl.d/*.conf", "/etc/sysctl.conf")),
    ),
    Check(
        id="wireless_off",
        title="No wireless network device can be used: there is none, or its drivers are blocked",
        why="A wireless device reaches around the walls and the filters of the network.",
        fix="Blacklist the module of its driver in /etc/modprobe.d, with an install line that runs /bin/false.",
        rule=wireless.off,
    ),
    Check(
        id="bluetooth_off",
        title="Bluetooth is not in use",
        why="Anybody near can reach the service, and faults in it.",
        fix="Remove bluez, or run `systemctl mask --now bluetooth.service`.",
        rule=_bluetooth,
    ),
)
