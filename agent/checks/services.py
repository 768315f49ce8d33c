"""Checks of services that a host has no use for unless it is there to give them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from agent.checks.engine.check import Check
from agent.checks.predicates import mail_agent, manual, package, unit
from agent.checks.predicates.combine import all_of, any_of

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule

_WHY = "A service that nobody needs is one more that others can reach, with faults that nobody looks after."
_SERVICES = {
    "automounter": ("automounter", ("autofs",), ("autofs.service",)),
    "avahi": ("announcer of services (avahi)", ("avahi-daemon",), ("avahi-daemon.service",)),
    "dhcp_server": ("DHCP server", ("isc-dhcp-server",), ("isc-dhcp-server.service", "isc-dhcp-server6.service")),
    "dns_server": ("DNS server", ("bind9",), ("named.service",)),
    "dnsmasq": ("dnsmasq", ("dnsmasq",), ("dnsmasq.service",)),
    "ftp_server": ("FTP server", ("vsftpd",), ("vsftpd.service",)),
    "ldap_server": ("LDAP server", ("slapd",), ("slapd.service",)),
    "mail_access_server": ("server of IMAP and POP3", ("dovecot-core",), ("dovecot.service",)),
    "nfs_server": ("NFS server", ("nfs-kernel-server",), ("nfs-server.service",)),
    "nis_server": ("NIS server", ("ypserv",), ("ypserv.service",)),
    "print_server": ("print server", ("cups",), ("cups.service",)),
    "rpcbind": ("rpcbind", ("rpcbind",), ("rpcbind.service",)),
    "rsync_server": ("rsync server", ("rsync",), ("rsync.service",)),
    "samba": ("file server for Windows (samba)", ("samba",), ("smbd.service",)),
    "snmp_server": ("SNMP server", ("snmpd",), ("snmpd.service",)),
    "telnet_server": ("telnet server", ("telnet-server",), ("telnet.socket",)),
    "tftp_server": ("TFTP server", ("tftpd-hpa",), ("tftpd-hpa.service",)),
    "web_proxy": ("web proxy", ("squid",), ("squid.service",)),
    "web_server": ("web server", ("apache2", "nginx"), ("apache2.service", "nginx.service")),
    "xinetd": ("xinetd", ("xinetd",), ("xinetd.service",)),
    "crash_reporter": ("reporter of crashes (apport)", ("apport",), ("apport.service",)),
}
"""What each is, its packages and its units, by the name in the check's id."""

_DESKTOP_WHY = "A screen that nobody looks at brings programs that run as root and take input from the network."


def _unused(packages: tuple[str, ...], units: tuple[str, ...]) -> Rule:
    """A service is not in use where no package of it is there; where units are listed, also where none of them is on."""
    absent = package.absent(packages)
    return any_of(absent, all_of(*map(unit.off, units))) if units else absent


def _check(name: str, what: str, packages: tuple[str, ...], units: tuple[str, ...]) -> Check:
    return Check(
        id=f"service_{name}_unused",
        title=f"{what} not in use",
        why=_WHY,
        fix=f"Remove {' and '.join(packages)}, or run `systemctl mask --now {' '.join(units)}` where others need it.",
        rule=_unused,
        parameters={"packages": packages, "units": units},
    )


def _no_desktop(target: str, packages: tuple[str, ...]) -> Rule:
    absent = package.absent(packages)
    return all_of(absent, unit.default_target(target)) if target else absent


CHECKS = (
    *(_check(name, *row) for name, row in _SERVICES.items()),
    Check(
        id="mail_agents_local",
        title="Agents of mail take mail from the host itself alone",
        why="A host that is no mail server could be used to send mail for others, and is one more to attack.",
        fix="Set inet_interfaces = loopback-only in /etc/postfix/main.cf, or what does the same for another agent.",
        rule=mail_agent.local,
    ),
    Check(
        id="listeners_reviewed",
        title="Only services that are wanted listen on the network",
        why=_WHY,
        fix="Compare `stocktake scan ports` with what the host is there for.",
        rule=partial(manual.review, "only services that are wanted listen on the network"),
    ),
    Check(
        id="x_window_absent",
        title="No X window system",
        why=_DESKTOP_WHY,
        fix="Remove {packages}, and run `systemctl set-default multi-user.target`.",
        rule=_no_desktop,
        parameters={"target": "", "packages": ("xserver-common",)},
    ),
)
