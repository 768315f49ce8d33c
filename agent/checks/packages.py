"""Checks of packages that should be there or not."""

from __future__ import annotations

from agent.checks.engine.check import Check
from agent.checks.predicates import package

_CONFINED = "Without it no program is confined to what it needs."
_CLEAR = "It sends passwords over the network in the clear."
_MORE = "What is not there has no faults and cannot be misused."


def _installed(name: str, packages: tuple[str, ...], why: str) -> Check:
    return Check(
        id=f"package_{name}_installed",
        title=f"{' and '.join(packages)} installed",
        why=why,
        fix="Install {packages}.",
        rule=package.installed,
        parameters={"packages": packages},
    )


def _absent(name: str, packages: tuple[str, ...], why: str) -> Check:
    return Check(
        id=f"package_{name}_absent",
        title=f"{' and '.join(packages)} not installed",
        why=why,
        fix="Remove {packages}.",
        rule=package.absent,
        parameters={"packages": packages},
    )


CHECKS = (
    _installed("apparmor", ("apparmor", "apparmor-utils"), _CONFINED),
    _installed("libselinux", ("libselinux",), _CONFINED),
    _absent("mcstrans", ("mcstrans",), "A service that parses labels from others is one more to attack."),
    _absent("setroubleshoot", ("setroubleshoot",), "A desktop's service on a server is one more to attack."),
    _absent("gdm", ("gdm3", "gdm"), "A server without a screen has no use for a graphical login."),
    _absent(
        "prelink",
        ("prelink",),
        "It changes programs, so that their integrity cannot be told, and undoes random addresses.",
    ),
    _absent("nis_client", ("nis", "ypbind"), "It takes accounts from whoever answers first, in the clear."),
    _absent("rsh_client", ("rsh-client",), _CLEAR),
    _absent("talk_client", ("talk",), "It carries messages in the clear."),
    _absent("telnet_client", ("telnet", "inetutils-telnet"), _CLEAR),
    _absent("ldap_client", ("ldap-utils", "openldap-clients"), _MORE),
    _absent("ftp_client", ("ftp", "tnftp"), _CLEAR),
    _absent("tftp_client", ("tftp",), "It moves files in the clear, without asking who wants them."),
    _installed("nftables", ("nftables",), "Without it nothing sets the rules of the packet filter."),
    _installed("ufw", ("ufw",), "Without it nothing sets the rules of the packet filter."),
    _installed(
        "iptables",
        ("iptables", "iptables-persistent"),
        "Without them nothing sets the rules of the packet filter, or brings them back after a restart.",
    ),
    _absent("ufw", ("ufw",), "Two programs that set rules undo each other's."),
    _absent("iptables_persistent", ("iptables-persistent",), "Two programs that set rules undo each other's."),
)
