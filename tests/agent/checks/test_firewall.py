"""Checks of the packet filter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.hosts.judged import outcome

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hosts.judged import Files

UNITS, ETC = "usr/lib/systemd/system", "etc/systemd/system"


def on(name: str) -> Files:
    return {f"{UNITS}/{name}": b"[Unit]\n", f"{ETC}/multi-user.target.wants/{name}": f"/{UNITS}/{name}"}


NFT = "etc/nftables.conf"
CHAIN = "\tchain {0} {{\n\t\ttype filter hook {0} priority {1}; policy {2};\n\t\t{3}\n\t}}\n"
LO = 'iif "lo" accept; ip saddr 127.0.0.0/8 counter drop\n\t\tip6 saddr ::1 drop # forged'


def nft(policy: str = "drop", rules: str = LO, hooks: tuple[str, ...] = ("input", "forward", "output")) -> bytes:
    chains = "".join(CHAIN.format(hook, "filter", policy, rules if hook == "input" else "") for hook in hooks)
    return f"#!/usr/sbin/nft -f\nflush ruleset\n\ntable inet filter {{\n{chains}}}\n".encode()


COMMANDS = (
    b"add table inet f\n"
    b"add chain inet f input { type filter hook input priority 0; policy drop; }\n"
    b"create chain inet f forward { type filter hook forward priority 0; policy drop; }\n"
    b"add chain inet f output { type filter hook output priority 0; policy drop; }\n"
    b"add rule inet f input iifname lo accept\n"
    b"add rule inet f input ip saddr { 127.0.0.0/8 } drop\n"
)
JUMPS = nft(rules="jump local").replace(
    b"table inet filter {\n", b"table inet filter {\n\tchain local {\n" + LO.encode() + b"\n\t}\n"
)
SAVED = "*filter\n:INPUT {0} [0:0]\n:FORWARD {0} [0:0]\n:OUTPUT {0} [0:0]\n{1}COMMIT\n"
LOOP = "-A INPUT -i lo -j ACCEPT\n-A OUTPUT -o lo -j ACCEPT\n"
FORGED = "-A INPUT -s 127.0.0.0/8 -j DROP\n"
FORGED6 = FORGED.replace("127.0.0.0/8", "::1/128")
RULES4, RULES6 = "etc/iptables/rules.v4", "etc/iptables/rules.v6"


def saved(policy: str = "DROP", rules: str = "") -> bytes:
    return SAVED.format(policy, rules).encode()


UFW, UFW_DEFAULTS = "etc/ufw/ufw.conf", "etc/default/ufw"
POLICIES = 'DEFAULT_INPUT_POLICY="{0}"\nDEFAULT_OUTPUT_POLICY="{0}"\nDEFAULT_FORWARD_POLICY="{0}"\n'
GIVEN = (
    b"### tuple ### allow any any 0.0.0.0/0 any 0.0.0.0/0 in_lo\n-A ufw-user-input -i lo -j ACCEPT\n"
    b"### tuple ### allow any any 0.0.0.0/0 any 0.0.0.0/0 out_lo\n"
    b"### tuple ### deny any any 0.0.0.0/0 any 127.0.0.0/8 in comment=6e6f\n"
)
GIVEN6 = b"### tuple ### deny any any ::/0 any ::1 in\n"
USER: Files = {"etc/ufw/user.rules": GIVEN, "etc/ufw/user6.rules": GIVEN6}
TRUSTED = b'<?xml version="1.0"?>\n<zone target="ACCEPT"><interface name="lo"/></zone>'
RICH = b'<rule family="%b"><source address="%b"/><destination address="%b" invert="True"/><drop/></rule>'
PUBLIC = b"<zone>" + RICH % (b"ipv4", b"127.0.0.1", b"127.0.0.1") + RICH % (b"ipv6", b"::1", b"::1") + b"</zone>"
ZONES: Files = {"etc/firewalld/zones/trusted.xml": TRUSTED, "etc/firewalld/zones/public.xml": PUBLIC}

ROWS: list[tuple[str, Files, str]] = [
    ("firewall_single", on("nftables.service"), "pass"),
    ("firewall_single", {**on("nftables.service"), **on("ufw.service")}, "fail"),
    ("firewall_single", {**on("nftables.service"), **on("ufw.service"), f"{ETC}/ufw.service": "/dev/null"}, "pass"),
    ("firewall_single", on("firewalld.service"), "fail"),
    ("firewall_single", {}, "fail"),
    ("firewall_ufw_on", {**on("ufw.service"), UFW: b"# x\nENABLED=yes\n"}, "pass"),
    ("firewall_ufw_on", {**on("ufw.service"), UFW: b"ENABLED=no\n"}, "fail"),
    ("firewall_ufw_on", {UFW: b"ENABLED=yes\n"}, "fail"),
    ("firewall_ufw_closed", {UFW_DEFAULTS: POLICIES.format("DROP").encode()}, "pass"),
    ("firewall_ufw_closed", {UFW_DEFAULTS: POLICIES.format("reject").encode()}, "pass"),
    ("firewall_ufw_closed", {UFW_DEFAULTS: POLICIES.format("ACCEPT").encode()}, "fail"),
    ("firewall_ufw_closed", {UFW_DEFAULTS: b"#" + POLICIES.format("DROP").encode()}, "fail"),
    ("firewall_ufw_loopback", USER, "pass"),
    ("firewall_ufw_loopback", {"etc/ufw/user.rules": GIVEN}, "fail"),
    ("firewall_ufw_loopback", {"etc/ufw/user.rules": GIVEN, UFW_DEFAULTS: b"IPV6=no\n"}, "pass"),
    ("firewall_ufw_loopback", {**USER, "etc/ufw/user.rules": GIVEN.replace(b"in_lo", b"in_eth0")}, "fail"),
    (
        "firewall_ufw_loopback",
        {
            **USER,
            "etc/ufw/user.rules": GIVEN.replace(b"in_lo", b"in_eth0"),
            "etc/ufw/before.rules": b"-A ufw-before-input -i lo -j ACCEPT\n",
        },
        "pass",
    ),
    ("firewall_ufw_ports", {}, "not applicable"),
    ("firewall_nftables_tables", {NFT: nft()}, "pass"),
    ("firewall_nftables_tables", {NFT: nft() + b"flush ruleset\n"}, "fail"),
    ("firewall_nftables_tables", {NFT: b"# table inet filter {\n# }\n"}, "fail"),
    ("firewall_nftables_chains", {NFT: nft("accept")}, "pass"),
    ("firewall_nftables_chains", {NFT: COMMANDS}, "pass"),
    ("firewall_nftables_chains", {NFT: nft(hooks=("input", "output"))}, "fail"),
    ("firewall_nftables_chains", {NFT: nft().replace(b"type filter", b"type nat")}, "fail"),
    ("firewall_nftables_chains", {NFT: b'include "/etc/nft/*.nft"\n', "etc/nft/a.nft": nft()}, "pass"),
    (
        "firewall_nftables_chains",
        {"etc/sysconfig/nftables.conf": b'include "main.nft"\n', "etc/nftables/main.nft": nft()},
        "pass",
    ),
    ("firewall_nftables_closed", {NFT: nft()}, "pass"),
    ("firewall_nftables_closed", {NFT: nft("accept")}, "fail"),
    ("firewall_nftables_closed", {NFT: nft().replace(b" policy drop;", b"", 1)}, "fail"),
    ("firewall_nftables_loopback", {NFT: nft()}, "pass"),
    ("firewall_nftables_loopback", {NFT: JUMPS}, "pass"),
    ("firewall_nftables_loopback", {NFT: COMMANDS, "etc/sysctl.conf": b"net.ipv6.conf.all.disable_ipv6=1\n"}, "pass"),
    ("firewall_nftables_loopback", {NFT: COMMANDS}, "fail"),
    ("firewall_nftables_loopback", {NFT: nft(rules=LO.replace("::1", "::2"))}, "fail"),
    ("firewall_nftables_loopback", {NFT: nft(rules=LO.replace("lo", "eth0"))}, "fail"),
    ("firewall_nftables_loopback", {NFT: nft(rules="")}, "fail"),
    (
        "firewall_nftables_loopback",
        {NFT: nft(rules=LO.replace('iif "lo" accept', 'iifname { "lo" } accept comment "own"'))},
        "pass",
    ),
    ("firewall_nftables_loopback", {NFT: nft(rules=LO.replace('iif "lo"', 'iif != "lo"'))}, "fail"),
    ("firewall_nftables_on", on("nftables.service"), "pass"),
    ("firewall_nftables_on", {f"{UNITS}/nftables.service": b"[Unit]\n"}, "fail"),
    ("firewall_nftables_off", {f"{UNITS}/nftables.service": b"[Unit]\n"}, "pass"),
    ("firewall_nftables_off", on("nftables.service"), "fail"),
    ("firewall_nftables_permanent", {NFT: b'include "/etc/nft/a.nft"\n', "etc/nft/a.nft": nft()}, "pass"),
    ("firewall_nftables_permanent", {NFT: nft() + b'include "/etc/nft/a.nft"\n'}, "fail"),
    ("firewall_nftables_permanent", {}, "fail"),
    ("firewall_iptables_closed", {RULES4: saved()}, "pass"),
    ("firewall_iptables_closed", {RULES4: saved("ACCEPT")}, "fail"),
    ("firewall_iptables_closed", {RULES4: saved().replace(b"*filter", b"*nat")}, "fail"),
    ("firewall_iptables_closed", {}, "fail"),
    ("firewall_iptables_loopback", {RULES4: saved(rules=LOOP + FORGED)}, "pass"),
    ("firewall_iptables_loopback", {RULES4: saved(rules=FORGED + LOOP)}, "fail"),  # drops the host's own
    ("firewall_iptables_loopback", {RULES4: saved(rules=LOOP)}, "fail"),
    ("firewall_iptables_loopback", {RULES4: saved(rules=LOOP.replace("-i", "! -i") + FORGED)}, "fail"),
    ("firewall_iptables_ports", {}, "not applicable"),
    ("firewall_ip6tables_closed", {RULES6: saved()}, "pass"),
    ("firewall_ip6tables_closed", {RULES4: saved()}, "fail"),
    ("firewall_ip6tables_closed", {"etc/sysctl.conf": b"net.ipv6.conf.all.disable_ipv6=1\n"}, "pass"),
    ("firewall_ip6tables_loopback", {RULES6: saved(rules=LOOP + FORGED6)}, "pass"),
    ("firewall_ip6tables_loopback", {RULES6: saved(rules=LOOP + FORGED)}, "fail"),
    ("firewall_ip6tables_ports", {}, "not applicable"),
    ("firewall_firewalld_loopback", ZONES, "pass"),
    ("firewall_firewalld_loopback", {**ZONES, "etc/firewalld/zones/trusted.xml": b"<zone/>"}, "fail"),
    ("firewall_firewalld_loopback", {**ZONES, "etc/firewalld/zones/public.xml": b"<zone/>"}, "fail"),
    ("firewall_firewalld_loopback", {**ZONES, "etc/firewalld/zones/public.xml": b"<zone"}, "error"),
    (
        "firewall_firewalld_loopback",
        {**ZONES, "etc/firewalld/zones/x.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><zone/>'},
        "error",
    ),
    *(
        (f"firewall_{name}_reviewed", {}, "manual")
        for name in ("ufw_outbound", "nftables_flushed", "nftables_connections", "iptables_connections")
    ),
    ("firewall_ip6tables_connections_reviewed", {}, "manual"),
    ("firewall_firewalld_services_reviewed", {}, "manual"),
]


@pytest.mark.parametrize(("check", "files", "verdict"), ROWS)
def test_a_root_has_the_verdict_that_its_files_give_it(tmp_path: Path, check: str, files: Files, verdict: str) -> None:
    assert outcome(tmp_path, check, files).verdict == verdict


LISTENS = b"head\n 0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 77 1 0 100 0 0 10 0\n"
SSH = "-A INPUT -p tcp -m tcp --dport {0} -j ACCEPT\n"

PORTS: list[tuple[str, Files, str]] = [
    ("firewall_iptables_ports", {RULES4: saved(rules=SSH.format("20:30"))}, "pass"),
    ("firewall_iptables_ports", {RULES4: saved(rules=SSH.format(80))}, "fail"),
    ("firewall_iptables_ports", {RULES4: saved(rules=SSH.format(22).replace("tcp", "udp"))}, "fail"),
    ("firewall_ip6tables_ports", {RULES6: saved(rules=SSH.format(22))}, "pass"),
    ("firewall_ip6tables_ports", {}, "fail"),
    ("firewall_ufw_ports", {"etc/ufw/user.rules": b"### tuple ### limit tcp 22 0.0.0.0/0 any 0.0.0.0/0 in\n"}, "pass"),
    (
        "firewall_ufw_ports",
        {"etc/ufw/user.rules": b"### tuple ### allow tcp 80,443 0.0.0.0/0 any 0.0.0.0/0 in\n"},
        "fail",
    ),
]


@pytest.mark.parametrize(("check", "files", "verdict"), PORTS)
def test_open_ports_want_rules(tmp_path: Path, check: str, files: Files, verdict: str) -> None:
    shown: Files = {"1/net/tcp": LISTENS, "sys/net/ipv4/x": b"", "sys/net/ipv6/x": b""}
    assert outcome(tmp_path, check, files, shown=shown).verdict == verdict
