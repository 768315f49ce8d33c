"""Checks of services, packages, time, scheduled jobs and devices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.hosts.judged import outcome
from tests.hosts.trees import stanza

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hosts.judged import Files

STATUS = "var/lib/dpkg/status"
UNITS, ETC = "usr/lib/systemd/system", "etc/systemd/system"
SERVICE = b"[Service]\nExecStart=/bin/x\n"


def installed(*names: str) -> Files:
    return {STATUS: b"".join(map(stanza, names))}


def unit(name: str, enabled: bool = True, target: str = "multi-user") -> Files:
    files: Files = {f"{UNITS}/{name}": SERVICE}
    return {**files, f"{ETC}/{target}.target.wants/{name}": f"/{UNITS}/{name}"} if enabled else files


SERVICES = {
    "automounter": ("autofs", "autofs.service"),
    "avahi": ("avahi-daemon", "avahi-daemon.service"),
    "dhcp_server": ("isc-dhcp-server", "isc-dhcp-server6.service"),
    "dns_server": ("bind9", "named.service"),
    "dnsmasq": ("dnsmasq", "dnsmasq.service"),
    "ftp_server": ("vsftpd", "vsftpd.service"),
    "ldap_server": ("slapd", "slapd.service"),
    "mail_access_server": ("dovecot-core", "dovecot.service"),
    "nfs_server": ("nfs-kernel-server", "nfs-server.service"),
    "nis_server": ("ypserv", "ypserv.service"),
    "print_server": ("cups", "cups.service"),
    "rpcbind": ("rpcbind", "rpcbind.service"),
    "rsync_server": ("rsync", "rsync.service"),
    "samba": ("samba", "smbd.service"),
    "snmp_server": ("snmpd", "snmpd.service"),
    "telnet_server": ("telnet-server", "telnet.socket"),
    "tftp_server": ("tftpd-hpa", "tftpd-hpa.service"),
    "web_proxy": ("squid", "squid.service"),
    "web_server": ("nginx", "nginx.service"),
    "xinetd": ("xinetd", "xinetd.service"),
    "crash_reporter": ("apport", "apport.service"),
}
CUPS = {**installed("cups"), **unit("cups.service", enabled=False)}
CUPS_ON = {**installed("cups"), **unit("cups.service")}
CRON, AT = installed("cron"), installed("at")
CHRONY = installed("chrony")
CONF, TIMESYNCD = "etc/chrony/chrony.conf", "etc/systemd/timesyncd.conf"
MAIN, EXIM = "etc/postfix/main.cf", "etc/exim4/update-exim4.conf.conf"
ALLOWED: Files = {"etc/cron.allow": (b"", 0o640)}
FOLDERS = ("cron.hourly", "cron.daily", "cron.weekly", "cron.monthly", "cron.d")
ABSENT = {
    "prelink": "prelink",
    "mcstrans": "mcstrans",
    "setroubleshoot": "setroubleshoot",
    "nis_client": "nis",
    "rsh_client": "rsh-client",
    "talk_client": "talk",
    "telnet_client": "inetutils-telnet",
    "ldap_client": "ldap-utils",
    "ftp_client": "tnftp",
    "tftp_client": "tftp",
    "ufw": "ufw",
    "iptables_persistent": "iptables-persistent",
}
PRESENT = {
    "apparmor": ("apparmor", "apparmor-utils"),
    "libselinux": ("libselinux",),
    "nftables": ("nftables",),
    "ufw": ("ufw",),
    "iptables": ("iptables", "iptables-persistent"),
    "chrony": ("chrony",),
}

ROWS: list[tuple[str, Files, str]] = [
    *((f"service_{name}_unused", installed("bash"), "pass") for name in SERVICES),
    *((f"service_{name}_unused", {**installed(each), **unit(on)}, "fail") for name, (each, on) in SERVICES.items()),
    ("service_print_server_unused", CUPS, "pass"),
    ("service_print_server_unused", {**CUPS_ON, f"{ETC}/cups.service": "/dev/null"}, "pass"),
    ("service_print_server_unused", {**CUPS_ON, f"{ETC}/cups.service": "../../../dev/null"}, "pass"),
    ("service_print_server_unused", {**CUPS_ON, f"{ETC}/cups.service": b""}, "pass"),
    ("service_print_server_unused", {**CUPS, **unit("cups.socket", target="sockets")}, "fail"),
    (
        "service_print_server_unused",
        {**CUPS, **unit("x.path"), f"{UNITS}/x.path": b"[Path]\nPathExists=/x\nUnit=cups.service\n"},
        "fail",
    ),
    ("service_print_server_unused", {**CUPS, **unit("other.socket", target="sockets")}, "pass"),
    (
        "service_print_server_unused",
        {**CUPS, f"{ETC}/x.service.requires/cups.service": f"/{UNITS}/cups.service"},
        "fail",
    ),
    ("service_print_server_unused", {**CUPS, f"{UNITS}/x.target.wants/cups.service": "../cups.service"}, "fail"),
    (
        "service_print_server_unused",
        {
            **CUPS,
            f"{UNITS}/x.target.wants/cups.service": "../cups.service",
            f"{ETC}/x.target.wants/cups.service": "/dev/null",
        },
        "pass",
    ),
    ("service_print_server_unused", {**CUPS_ON, STATUS: stanza("cups", status="deinstall ok config-files")}, "pass"),
    ("service_print_server_unused", {**CUPS, f"{ETC}/printer.service": f"/{UNITS}/cups.service"}, "fail"),  # an alias
    (
        "service_print_server_unused",
        {**installed("cups"), "etc/init.d/cups": b"#!/bin/sh\n", "etc/rc2.d/S01cups": "../init.d/cups"},
        "fail",
    ),
    (
        "service_print_server_unused",
        {**installed("cups"), "etc/init.d/cups": b"#!/bin/sh\n", "etc/rc2.d/K01cups": "../init.d/cups"},
        "pass",
    ),
    ("x_window_absent", installed("bash"), "pass"),
    ("x_window_absent", installed("xserver-common"), "fail"),
    ("mail_agents_local", installed("bash"), "pass"),
    ("mail_agents_local", {**installed("postfix"), MAIN: b"inet_interfaces = loopback-only\n"}, "pass"),
    ("mail_agents_local", {**installed("postfix"), MAIN: b"inet_interfaces = 127.0.0.1,\n  [::1]\n# no\n"}, "pass"),
    ("mail_agents_local", {**installed("postfix"), MAIN: b"inet_interfaces = localhost,\n 10.0.0.1\n"}, "fail"),
    (
        "mail_agents_local",
        {**installed("postfix"), MAIN: b"inet_interfaces=loopback-only\ninet_interfaces=all\n"},
        "fail",
    ),
    ("mail_agents_local", {**installed("postfix"), MAIN: b"#inet_interfaces = loopback-only\n"}, "fail"),
    ("mail_agents_local", {**installed("exim4-config"), EXIM: b"dc_local_interfaces='127.0.0.1 ; ::1'\n"}, "pass"),
    ("mail_agents_local", {**installed("exim4-config"), EXIM: b"dc_local_interfaces=''\n"}, "fail"),
    *((f"package_{name}_absent", installed(each), "fail") for name, each in ABSENT.items()),
    *((f"package_{name}_absent", installed("bash"), "pass") for name in ABSENT),
    *((f"package_{name}_installed", installed(*names), "pass") for name, names in PRESENT.items()),
    *((f"package_{name}_installed", installed(*names[1:], "bash"), "fail") for name, names in PRESENT.items()),
    (
        "package_talk_client_absent",
        {STATUS: stanza("talk", status="install ok unpacked")},
        "fail",
    ),  # its programs are there
    ("package_talk_client_absent", {STATUS: stanza("talk", status="hold ok installed")}, "fail"),
    ("package_talk_client_absent", {STATUS: stanza("talk", status="purge ok not-installed")}, "pass"),
    ("package_nftables_installed", {STATUS: stanza("nftables", status="install ok half-configured")}, "fail"),
    ("package_nftables_installed", {STATUS: stanza("nftables", status="hold ok installed")}, "pass"),
    ("time_single_service", unit("systemd-timesyncd.service", target="sysinit"), "pass"),
    ("time_single_service", unit("chrony.service"), "pass"),
    ("time_single_service", {**unit("chrony.service"), **unit("systemd-timesyncd.service")}, "fail"),
    ("time_single_service", unit("ntpsec.service"), "fail"),
    ("time_single_service", installed("chrony"), "fail"),
    ("timesyncd_on", unit("systemd-timesyncd.service"), "pass"),
    ("timesyncd_on", unit("systemd-timesyncd.service", enabled=False), "fail"),
    ("timesyncd_servers", {TIMESYNCD: b"[Time]\nNTP=time.example.org\n"}, "pass"),
    ("timesyncd_servers", {f"{TIMESYNCD}.d/a.conf": b"[Time]\nFallbackNTP=time.example.org\n"}, "pass"),
    ("timesyncd_servers", {TIMESYNCD: b"[Time]\n#NTP=time.example.org\n"}, "fail"),
    ("timesyncd_servers", {TIMESYNCD: b"[Time]\nNTP=a\n", f"{TIMESYNCD}.d/a.conf": b"[Time]\nNTP=\n"}, "fail"),
    ("chrony_sources", {CONF: b"pool 2.debian.pool.ntp.org iburst\n"}, "pass"),
    ("chrony_sources", {CONF: b"! server a\n% server b\n"}, "fail"),
    (
        "chrony_sources",
        {CONF: b"sourcedir /etc/chrony/sources.d\n", "etc/chrony/sources.d/a.sources": b"Server a\n"},
        "pass",
    ),
    (
        "chrony_sources",
        {CONF: b"sourcedir /etc/chrony/sources.d\n", "etc/chrony/sources.d/a.conf": b"server a\n"},
        "fail",
    ),
    (
        "chrony_sources",
        {CONF: b"confdir /etc/x\n", "etc/x/a.conf": b"include /etc/y/*\n", "etc/y/z": b"server a\n"},
        "pass",
    ),
    ("chrony_sources", {"etc/chrony.conf": b"server time.example.org\n"}, "pass"),
    ("chrony_sources", {"etc/chrony/sources.d/a.sources": b"server a\n"}, "fail"),
    ("chrony_user", {CONF: b"server a\n"}, "pass"),
    ("chrony_user", {CONF: b"user root\n"}, "fail"),
    ("chrony_user", {CONF: b"user root\n", "etc/default/chrony": b'DAEMON_OPTS="-F 1 -u _chrony"\n'}, "pass"),
    ("chrony_user", {"etc/sysconfig/chronyd": b'OPTIONS="-u root"\n'}, "fail"),
    ("chrony_on", unit("chrony.service"), "pass"),
    ("chrony_on", {**unit("chronyd.service"), f"{ETC}/chronyd.service": "/dev/null"}, "fail"),
    ("cron_on", {**CRON, **unit("cron.service")}, "pass"),
    ("cron_on", {**CRON, **unit("cron.service", enabled=False)}, "fail"),
    ("cron_on", unit("cron.service"), "not applicable"),
    ("crontab_access", {**CRON, "etc/crontab": (b"", 0o600)}, "pass"),
    ("crontab_access", {**CRON, "etc/crontab": (b"", 0o644)}, "fail"),
    *((f"{name.replace('.', '_')}_access", {**CRON, f"etc/{name}/": (b"", 0o700)}, "pass") for name in FOLDERS),
    *((f"{name.replace('.', '_')}_access", {**CRON, f"etc/{name}/": (b"", 0o755)}, "fail") for name in FOLDERS),
    ("cron_users", {**CRON, **ALLOWED}, "pass"),
    ("cron_users", {**CRON, **ALLOWED, "etc/cron.deny": (b"", 0o600)}, "fail"),
    ("cron_users", {**CRON, "etc/cron.allow": (b"", 0o644)}, "fail"),
    ("cron_users", CRON, "fail"),
    ("at_users", {**AT, "etc/at.allow": (b"", 0o640)}, "pass"),
    ("at_users", {**AT, "etc/at.allow": (b"", 0o640), "etc/at.deny": (b"", 0o640)}, "pass"),
    ("at_users", {**AT, "etc/at.allow": (b"", 0o640), "etc/at.deny": (b"", 0o644)}, "fail"),
    ("at_users", AT, "fail"),
    ("at_users", {}, "not applicable"),
    ("bluetooth_off", {**installed("bluez"), **unit("bluetooth.service")}, "fail"),
    ("bluetooth_off", {**installed("bluez"), **unit("bluetooth.service", enabled=False)}, "pass"),
    ("wireless_off", {}, "pass"),
    ("ipv6_reviewed", {}, "manual"),
    ("listeners_reviewed", {}, "manual"),
]


@pytest.mark.parametrize(("check", "files", "verdict"), ROWS)
def test_a_root_has_the_verdict_that_its_files_give_it(tmp_path: Path, check: str, files: Files, verdict: str) -> None:
    assert outcome(tmp_path, check, files).verdict == verdict


CRON_ALLOW = {**CRON, "etc/group": b"root:x:0:\ncrontab:x:102:\n", "etc/cron.allow": (b"", 0o640, 0, 102)}
DESKTOP = {"target": "multi-user.target", "packages": ("xorg-x11-server-common",)}

CHANGED: list[tuple[str, Files, dict[str, Any], str]] = [
    ("cron_users", CRON_ALLOW, {"groups": ("root", "crontab")}, "pass"),
    ("cron_users", CRON_ALLOW, {}, "fail"),
    ("at_users", {**AT, "etc/at.allow": (b"", 0o640), "etc/at.deny": (b"", 0o640)}, {"deny": "absent"}, "fail"),
    ("service_print_server_unused", CUPS, {"units": ()}, "fail"),
    ("x_window_absent", {f"{ETC}/default.target": f"/{UNITS}/multi-user.target"}, DESKTOP, "pass"),
    ("x_window_absent", {f"{UNITS}/default.target": "graphical.target"}, DESKTOP, "fail"),
    ("chrony_sources", {CONF: b"server a\nserver b\n"}, {"known": ("a",)}, "fail"),
    ("chrony_sources", {CONF: b"server a\n"}, {"known": ("a",)}, "pass"),
    ("timesyncd_servers", {TIMESYNCD: b"[Time]\nNTP=a b\n"}, {"known": ("a",)}, "fail"),
]


@pytest.mark.parametrize(("check", "files", "parameters", "verdict"), CHANGED)
def test_a_parameter_changes_what_is_wanted(
    tmp_path: Path, check: str, files: Files, parameters: dict[str, Any], verdict: str
) -> None:
    assert outcome(tmp_path, check, files, parameters).verdict == verdict


ACTIVE = {"run/systemd/units/invocation:cups.service": "0123"}
LISTENS = b"head\n 0: %b:%04X 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 77 1 0 100 0 0 10 0\n"
DEVICE = "sys/class/net/wlan0"

RUNNING: list[tuple[str, Files, Files, str]] = [
    ("service_print_server_unused", {**CUPS, **ACTIVE}, {}, "fail"),
    ("service_print_server_unused", {**CUPS, "run/systemd/units/": (b"", 0o755)}, {}, "pass"),
    ("chrony_on", {**unit("chrony.service"), "run/systemd/units/": (b"", 0o755)}, {}, "fail"),
    ("chrony_on", {**unit("chrony.service"), "run/systemd/units/invocation:chrony.service": "0123"}, {}, "pass"),
    ("mail_agents_local", {}, {"1/net/tcp": LISTENS % (b"00000000", 25)}, "fail"),
    ("mail_agents_local", {}, {"1/net/tcp": LISTENS % (b"0100007F", 25)}, "pass"),
    ("mail_agents_local", {}, {"1/net/tcp": LISTENS % (b"00000000", 80)}, "pass"),
    ("wireless_off", {}, {}, "pass"),
    (
        "wireless_off",
        {f"{DEVICE}/wireless/": (b"", 0o755), f"{DEVICE}/device/driver/module": "../../module/iwlwifi"},
        {},
        "fail",
    ),
    ("chrony_user", {}, {"9/comm": b"chronyd\n", "9/stat": b"9 (chronyd) S 1"}, "fail"),
]


@pytest.mark.parametrize(("check", "files", "shown", "verdict"), RUNNING)
def test_what_the_kernel_shows_counts_beside_what_is_configured(
    tmp_path: Path, check: str, files: Files, shown: Files, verdict: str
) -> None:
    assert outcome(tmp_path, check, files, shown=shown).verdict == verdict
