"""What ufw is told (ufw(8), ufw-framework(8)): its switches, default policies, and the rules that users gave."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.sources import drop_ins, key_values

if TYPE_CHECKING:
    from agent.checks.engine.system import System

CONF = "/etc/ufw/ufw.conf"
DEFAULTS = "/etc/default/ufw"
USER_RULES = ("/etc/ufw/user.rules", "/etc/ufw/user6.rules", "/lib/ufw/user.rules", "/lib/ufw/user6.rules")
BEFORE_RULES = ("/etc/ufw/before.rules", "/etc/ufw/before6.rules")
_TUPLE = "### tuple ###"


class Given(NamedTuple):
    """A rule that a user gave, as ufw notes it before the rules that it makes of it.

    action: allow, deny, reject or limit.
    protocol: tcp, udp or any.
    ports: Destination ports, as they are written; any for all.
    source: Address.
    direction: in or out.
    interface: Name of a device; empty for any.
    """

    action: str
    protocol: str
    ports: str
    source: str
    direction: str
    interface: str
    where: str


def is_enabled(system: System) -> key_values.Assignment | None:
    """Give the line that says whether ufw sets its rules at the start; None where none does."""
    return system.get(key_values.effective, CONF, "", "ENABLED")


def policy(system: System, chain: str) -> key_values.Assignment | None:
    """Give the default policy of INPUT, OUTPUT or FORWARD."""
    return system.get(key_values.effective, DEFAULTS, "", f"DEFAULT_{chain}_POLICY")


def leaves_ipv6_out(system: System) -> bool:
    """Tell whether ufw lets nothing of IPv6 through but the host's own (IPV6 in /etc/default/ufw)."""
    found = system.get(key_values.effective, DEFAULTS, "", "IPV6")
    return found is not None and found.value.lower() == "no"


def given(system: System) -> tuple[Given, ...]:
    """Give the rules of users: ### tuple ### action protocol ports destination ports source [applications] direction."""
    found = []
    for path in USER_RULES:
        for number, line in enumerate(drop_ins.raw_lines(system, path), 1):
            words = line.decode("utf-8", "replace").strip().removeprefix(_TUPLE).split()
            words = [word for word in words if not word.startswith("comment=")]
            if line.strip().startswith(_TUPLE.encode()) and len(words) >= 7:
                action, protocol, ports, _, _, source = words[:6]
                direction, _, interface = words[-1].partition("_")
                found.append(
                    Given(action.partition("_")[0], protocol, ports, source, direction, interface, f"{path}:{number}")
                )
    return tuple(found)


def before(system: System) -> tuple[tuple[str, ...], ...]:
    """Give the words of the rules that are loaded before those of users."""
    lines = (line for path in BEFORE_RULES for line in drop_ins.lines(system, path))
    return tuple(tuple(line.text.split()) for line in lines if line.text.startswith("-A "))
