"""Checks of kernel modules, kernel parameters and core dumps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.hosts.judged import outcome
from tests.hosts.trees import stanza

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hosts.judged import Files

SYSCTL = "etc/sysctl.d/60-hardening.conf"
MODULE = "etc/modprobe.d/blocked.conf"
BLOCKED = b"# usb\ninstall usb_storage \\\n  /bin/false\r\nblacklist usb-storage\n"
CRAMFS = b"install cramfs /bin/false\nblacklist cramfs\n"
KERNEL = "usr/lib/modules/6.1.0-1/modules"
COOKIES = b"net.ipv4.tcp_syncookies=1"
WITHOUT_IPV6 = b"net.ipv6.conf.all.disable_ipv6 = 1\n"
DEBIAN_13 = {"etc/os-release": b"ID=debian\nVERSION_ID=13\n"}
UFW = {"etc/ufw/ufw.conf": b"ENABLED=yes\n", "etc/default/ufw": b"IPT_SYSCTL=/etc/ufw/sysctl.conf\n"}
LIMITS, SUID = "etc/security/limits.d/a.conf", {SYSCTL: b"fs.suid_dumpable=0"}

ROWS: list[tuple[str, Files, str]] = [
    ("kernel_module_usb_storage_blocked", {MODULE: BLOCKED}, "pass"),
    ("kernel_module_usb_storage_blocked", {MODULE: b"install usb-storage /bin/false\n"}, "fail"),
    ("kernel_module_usb_storage_blocked", {MODULE: b"blacklist usb-storage\n"}, "fail"),
    ("kernel_module_cramfs_blocked", {MODULE: CRAMFS}, "pass"),
    ("kernel_module_cramfs_blocked", {MODULE: b"\tinstall\tcramfs\t/usr/bin/true # no\nblacklist cramfs"}, "pass"),
    ("kernel_module_cramfs_blocked", {MODULE: b"blacklist cramfs\ninstall cramfs /sbin/modprobe x\n"}, "fail"),
    ("kernel_module_cramfs_blocked", {MODULE: b"#install cramfs /bin/false\n#blacklist cramfs\n"}, "fail"),
    ("kernel_module_cramfs_blocked", {MODULE: CRAMFS.replace(b"cramfs", b"cramfs2")}, "fail"),
    ("kernel_module_cramfs_blocked", {MODULE: b"install cramfs /sbin/insmod x\n" + CRAMFS}, "fail"),  # the first counts
    ("kernel_module_cramfs_blocked", {MODULE: CRAMFS + b"install cramfs /sbin/insmod x\n"}, "pass"),
    ("kernel_module_cramfs_blocked", {MODULE: b"install cramfs\nblacklist cramfs\n"}, "fail"),
    ("kernel_module_cramfs_blocked", {"etc/modprobe.d/blocked": CRAMFS}, "fail"),  # not named .conf
    ("kernel_module_cramfs_blocked", {"usr/lib/modprobe.d/a.conf": CRAMFS}, "pass"),
    (
        "kernel_module_cramfs_blocked",
        {"usr/lib/modprobe.d/a.conf": CRAMFS, "etc/modprobe.d/a.conf": "/dev/null"},
        "fail",
    ),
    ("kernel_module_cramfs_blocked", {"usr/lib/modprobe.d/a.conf": CRAMFS, "etc/modprobe.d/a.conf": b""}, "fail"),
    ("kernel_module_cramfs_blocked", {"etc/modprobe.d/dir.conf/": (b"", 0o755), MODULE: CRAMFS}, "pass"),
    ("kernel_module_cramfs_blocked", {"etc/modprobe.d/a.conf": "../x/y.conf", "etc/x/y.conf": CRAMFS}, "pass"),
    ("kernel_module_cramfs_blocked", {f"{KERNEL}.dep": b"kernel/fs/udf/udf.ko.xz: x\n"}, "pass"),  # no kernel has it
    ("kernel_module_udf_blocked", {f"{KERNEL}.dep": b"kernel/fs/udf/udf.ko.xz:\n"}, "fail"),
    (
        "kernel_module_squashfs_blocked",
        {f"{KERNEL}.dep": b"", f"{KERNEL}.builtin": b"kernel/fs/squashfs/squashfs.ko\n"},
        "not applicable",
    ),
    (
        "kernel_module_squashfs_blocked",
        {
            f"{KERNEL}.dep": b"",
            f"{KERNEL}.builtin": b"kernel/fs/squashfs/squashfs.ko\n",
            MODULE: CRAMFS.replace(b"cramfs", b"squashfs"),
        },
        "pass",
    ),
    ("kernel_module_squashfs_blocked", {"var/lib/dpkg/status": stanza("snapd")}, "not applicable"),
    *(
        (f"kernel_module_{name}_blocked", {MODULE: f"install {name} {command}\nblacklist {name}\n".encode()}, verdict)
        for name in ("freevxfs", "hfs", "hfsplus", "jffs2", "overlay", "squashfs", "udf", "dccp", "tipc", "rds", "sctp")
        for command, verdict in (("/bin/false", "pass"), ("/sbin/modprobe x", "fail"))
    ),
    ("sysctl_tcp_syncookies", {SYSCTL: b"# x\nnet/ipv4/tcp_syncookies=1 \r\n"}, "pass"),
    ("sysctl_tcp_syncookies", {SYSCTL: b"  net.ipv4.tcp_syncookies\t=\t1\n; no\n"}, "pass"),
    ("sysctl_tcp_syncookies", {SYSCTL: b"-net.ipv4.tcp_syncookies = 1\n"}, "pass"),
    ("sysctl_tcp_syncookies", {SYSCTL: b"net.ipv4.tcp_syncookies = 0x1\n"}, "pass"),
    ("sysctl_tcp_syncookies", {SYSCTL: b"#net.ipv4.tcp_syncookies=1\n"}, "fail"),
    ("sysctl_tcp_syncookies", {SYSCTL: b"net.ipv4.tcp_syncookies=1 # the kernel refuses this\n"}, "fail"),
    ("sysctl_tcp_syncookies", {SYSCTL: b""}, "fail"),
    ("sysctl_tcp_syncookies", {"etc/sysctl.conf": COOKIES}, "pass"),
    ("sysctl_tcp_syncookies", {"etc/sysctl.conf": COOKIES, **DEBIAN_13}, "fail"),  # nothing reads it any more
    (
        "sysctl_tcp_syncookies",
        {"etc/sysctl.conf": COOKIES, "etc/sysctl.d/9.conf": "../sysctl.conf", **DEBIAN_13},
        "pass",
    ),
    ("sysctl_tcp_syncookies", {SYSCTL: COOKIES, "etc/sysctl.conf": b"net.ipv4.tcp_syncookies=0"}, "fail"),
    ("sysctl_tcp_syncookies", {SYSCTL: COOKIES, "etc/sysctl.d/00-a.conf": b"net.ipv4.tcp_syncookies=0"}, "fail"),
    ("sysctl_tcp_syncookies", {SYSCTL: COOKIES, "usr/lib/sysctl.d/99.conf": b"net.ipv4.tcp_syncookies=0"}, "pass"),
    ("sysctl_tcp_syncookies", {"usr/lib/sysctl.d/a.conf": COOKIES}, "pass"),
    ("sysctl_tcp_syncookies", {"usr/lib/sysctl.d/a.conf": COOKIES, "etc/sysctl.d/a.conf": "/dev/null"}, "fail"),
    ("sysctl_tcp_syncookies", {"etc/sysctl.d/a": COOKIES}, "fail"),
    (
        "sysctl_rp_filter",
        {SYSCTL: b"net.ipv4.conf.*.rp_filter=1", "usr/lib/sysctl.d/50.conf": b"net.ipv4.conf.*.rp_filter=2"},
        "pass",
    ),
    ("sysctl_rp_filter", {SYSCTL: b"net.ipv4.conf.all.rp_filter=1\n"}, "fail"),
    (
        "sysctl_log_martians",
        {SYSCTL: b"net.ipv4.conf.all.log_martians=1\nnet.ipv4.conf.default.log_martians=1\n"},
        "pass",
    ),
    (
        "sysctl_log_martians",
        {
            SYSCTL: b"net.ipv4.conf.*.log_martians=1\n",
            "etc/ufw/sysctl.conf": b"net/ipv4/conf/all/log_martians=0\n",
            **UFW,
        },
        "fail",
    ),
    ("sysctl_accept_ra", {SYSCTL: b"net.ipv6.conf.all.accept_ra=0\nnet.ipv6.conf.default.accept_ra=0\n"}, "pass"),
    ("sysctl_accept_ra", {SYSCTL: b"net.ipv6.conf.all.accept_ra=0\nnet.ipv6.conf.default.accept_ra=1\n"}, "fail"),
    ("sysctl_accept_ra", {SYSCTL: WITHOUT_IPV6}, "pass"),
    ("sysctl_ip_forward", {SYSCTL: WITHOUT_IPV6 + b"net.ipv4.ip_forward=0\n"}, "pass"),
    ("sysctl_ip_forward", {SYSCTL: b"net.ipv4.ip_forward=0\n"}, "fail"),
    ("sysctl_ptrace_scope", {SYSCTL: b"kernel.yama.ptrace_scope=3"}, "pass"),
    ("sysctl_ptrace_scope", {SYSCTL: b"kernel.yama.ptrace_scope=0"}, "fail"),
    ("sysctl_randomize_va_space", {SYSCTL: b"kernel.randomize_va_space=2"}, "pass"),
    ("sysctl_randomize_va_space", {SYSCTL: b"kernel.randomize_va_space=1"}, "fail"),
    ("sysctl_suid_dumpable", SUID, "pass"),
    ("sysctl_suid_dumpable", {SYSCTL: b"fs.suid_dumpable=2"}, "fail"),
    ("sysctl_bogus_errors", {SYSCTL: b"net.ipv4.icmp_ignore_bogus_error_responses=1"}, "pass"),
    ("sysctl_bogus_errors", {SYSCTL: b"net.ipv4.icmp_ignore_bogus_error_responses=0"}, "fail"),
    ("sysctl_echo_broadcasts", {SYSCTL: b"net.ipv4.icmp_echo_ignore_broadcasts=1"}, "pass"),
    ("sysctl_echo_broadcasts", {SYSCTL: b"net.ipv4.icmp_echo_ignore_broadcasts=0"}, "fail"),
    *(
        (
            f"sysctl_{name}",
            {SYSCTL: f"net.ipv4.conf.*.{name}={value}\nnet.ipv6.conf.*.{name}={value}\n".encode()},
            verdict,
        )
        for name in ("send_redirects", "accept_redirects", "secure_redirects", "accept_source_route")
        for value, verdict in ((0, "pass"), (1, "fail"))
    ),
    ("core_dumps_restricted", {**SUID, LIMITS: b"* hard core 0 # no"}, "pass"),
    ("core_dumps_restricted", {**SUID, LIMITS: b"*\t-\tcore\t0\n"}, "pass"),
    ("core_dumps_restricted", {**SUID, "etc/security/limits.conf": b"* hard core 0\n"}, "pass"),
    ("core_dumps_restricted", {**SUID, LIMITS: b"* soft core 0"}, "fail"),
    ("core_dumps_restricted", {**SUID, LIMITS: b"root hard core 0"}, "fail"),
    ("core_dumps_restricted", {**SUID, LIMITS: b"* hard core 0\n* hard core unlimited\n"}, "fail"),
    ("core_dumps_restricted", {LIMITS: b"* hard core 0\n"}, "fail"),
    ("coredump_storage", {"etc/systemd/coredump.conf.d/a.conf": b"[Coredump]\nStorage=none\n"}, "pass"),
    ("coredump_storage", {"etc/systemd/coredump.conf": b"[Coredump]\n#Storage=none\n"}, "fail"),
    ("coredump_storage", {"etc/systemd/coredump.conf": b"Storage=none\n"}, "fail"),
    (
        "coredump_storage",
        {
            "etc/systemd/coredump.conf": b"[Coredump]\nStorage=external\n",
            "usr/lib/systemd/coredump.conf.d/z.conf": b"[Coredump]\nStorage = none\n",
        },
        "pass",
    ),
    ("coredump_process_size_max", {"etc/systemd/coredump.conf": b"[Coredump]\nProcessSizeMax=0\n"}, "pass"),
    ("coredump_process_size_max", {"etc/systemd/coredump.conf": b"[Coredump]\nProcessSizeMax=2G\n"}, "fail"),
]


@pytest.mark.parametrize(("check", "files", "verdict"), ROWS)
def test_a_root_has_the_verdict_that_its_files_give_it(tmp_path: Path, check: str, files: Files, verdict: str) -> None:
    assert outcome(tmp_path, check, files).verdict == verdict


LOADED = b"udf 16384 0 - Live 0x0\nusb_storage 81920 1 uas, Live 0x0\n"
NET = {"self/ns/net": "net:[1]", "1/ns/net": "net:[1]", "sys/net/ipv4/x": b"", "sys/net/ipv6/x": b""}
COOKIES_FILE = {SYSCTL: COOKIES}

RUNNING: list[tuple[str, Files, Files, str, tuple[str, ...]]] = [
    ("kernel_module_usb_storage_blocked", {MODULE: BLOCKED}, {"modules": LOADED}, "fail", ()),
    ("kernel_module_cramfs_blocked", {MODULE: CRAMFS}, {"modules": LOADED}, "pass", ()),
    ("sysctl_tcp_syncookies", COOKIES_FILE, {**NET, "sys/net/ipv4/tcp_syncookies": b"1\n"}, "pass", ()),
    ("sysctl_tcp_syncookies", COOKIES_FILE, {**NET, "sys/net/ipv4/tcp_syncookies": b"0\n"}, "fail", ()),
    (
        "sysctl_tcp_syncookies",
        COOKIES_FILE,
        {**NET, "self/ns/net": "net:[2]", "sys/net/ipv4/tcp_syncookies": b"0\n"},
        "pass",
        ("running value",),
    ),  # a pod sees the parameters of its own network, not those of the host
    ("sysctl_accept_ra", {}, {"sys/net/ipv4/x": b""}, "pass", ()),
    ("sysctl_suid_dumpable", SUID, {"sys/fs/suid_dumpable": b"2\n"}, "fail", ()),
]


@pytest.mark.parametrize(("check", "files", "shown", "verdict", "unobserved"), RUNNING)
def test_what_the_kernel_shows_counts_beside_what_is_configured(
    tmp_path: Path, check: str, files: Files, shown: Files, verdict: str, unobserved: tuple[str, ...]
) -> None:
    found = outcome(tmp_path, check, files, shown=shown)
    assert (found.verdict, found.unobserved) == (verdict, unobserved)


def test_the_proc_of_another_system_that_is_mounted_in_a_root_shows_nothing_of_it(tmp_path: Path) -> None:
    shown: Files = {**NET, "sys/net/ipv4/tcp_syncookies": b"0\n"}
    other = outcome(tmp_path / "a", "sysctl_tcp_syncookies", COOKIES_FILE, shown={**shown, "1/root": "/"})
    own = outcome(tmp_path / "b", "sysctl_tcp_syncookies", COOKIES_FILE, shown={**shown, "1/root": "../../root"})
    assert (other.verdict, other.unobserved) == ("pass", ("running value",))
    assert (own.verdict, own.unobserved) == ("fail", ())


def test_a_root_that_does_not_run_says_what_was_not_observed(tmp_path: Path) -> None:
    assert outcome(tmp_path, "sysctl_tcp_syncookies", COOKIES_FILE).unobserved == ("running value",)


def test_the_evidence_names_file_line_and_value(tmp_path: Path) -> None:
    found = outcome(tmp_path, "sysctl_tcp_syncookies", {SYSCTL: b"# no\nnet.ipv4.tcp_syncookies=2\n"})
    assert (found.found, found.where) == ("2", ("/etc/sysctl.d/60-hardening.conf:2",))


def test_a_file_that_cannot_be_read_is_an_error_and_no_failure(tmp_path: Path) -> None:
    assert outcome(tmp_path, "sysctl_tcp_syncookies", {SYSCTL: SYSCTL.rpartition("/")[2]}).verdict == "error"
