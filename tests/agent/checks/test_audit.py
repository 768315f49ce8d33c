from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.hosts.judged import outcome
from tests.hosts.trees import stanza

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hosts.judged import Files

STATUS = "var/lib/dpkg/status"
UNIT = "usr/lib/systemd/system/auditd.service"
WANTED = "etc/systemd/system/multi-user.target.wants/auditd.service"
GRUB, MENU = "etc/default/grub", "boot/grub/grub.cfg"
LOG = "var/log/audit/audit.log"
GROUP = b"root:x:0:\nadm:x:4:\n"
MENU_OF = "menuentry 'x' {\n\tlinux /boot/vmlinuz root=/dev/sda1 ro %s\n}\n"


def auditd(**settings: str) -> Files:
    """Give auditd.conf."""
    return {"etc/audit/auditd.conf": "".join(f"{name} = {value}\n" for name, value in settings.items()).encode()}


def boot(grub: str, *entries: str) -> Files:
    """Give what the menu is made from, and the arguments of entries of it."""
    menu = "".join(MENU_OF % arguments for arguments in entries).encode()
    return {GRUB: f'GRUB_CMDLINE_LINUX="{grub}"\n'.encode(), **({MENU: menu} if entries else {})}


LOW = {"space_left_action": "email", "admin_space_left_action": "halt"}
ENTRY = "boot/loader/entries/a.conf"

ROWS: list[tuple[str, Files, str]] = [
    ("audit_installed", {STATUS: stanza("auditd") + stanza("audispd-plugins")}, "pass"),
    ("audit_installed", {STATUS: stanza("auditd")}, "fail"),
    ("audit_runs", {UNIT: b"[Service]\n", WANTED: f"/{UNIT}"}, "pass"),
    ("audit_runs", {UNIT: b"[Service]\n"}, "fail"),
    (
        "audit_runs",
        {UNIT: b"[Service]\n", WANTED: f"/{UNIT}", "etc/systemd/system/auditd.service": "/dev/null"},
        "fail",
    ),
    ("audit_at_boot", boot("quiet audit=1", "audit=1", "single audit=1"), "pass"),
    ("audit_at_boot", boot("quiet audit=1", "audit=1", "single"), "fail"),
    ("audit_at_boot", boot("quiet", "audit=1"), "fail"),
    ("audit_at_boot", boot("audit=1 audit=0"), "fail"),
    ("audit_at_boot", boot("audit=1"), "pass"),
    ("audit_at_boot", {GRUB: b'#GRUB_CMDLINE_LINUX="audit=1"\n'}, "fail"),
    (
        "audit_at_boot",
        {**boot("quiet"), f"{GRUB}.d/a.cfg": b'GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX audit=1"\n'},
        "pass",
    ),
    ("audit_at_boot", {ENTRY: b"title x\noptions root=/dev/sda1 audit=1\n"}, "pass"),
    ("audit_at_boot", {ENTRY: b"options $kernelopts\n", "boot/grub2/grubenv": b"# x\nkernelopts=ro audit=1\n"}, "pass"),
    ("audit_at_boot", {ENTRY: b"options $kernelopts\n", "boot/grub2/grubenv": b"kernelopts=ro\n"}, "fail"),
    ("audit_at_boot", {}, "not applicable"),
    ("audit_backlog", boot("audit_backlog_limit=8192"), "pass"),
    ("audit_backlog", boot("audit_backlog_limit=8191"), "fail"),
    ("audit_log_size", auditd(max_log_file="8"), "pass"),
    ("audit_log_size", auditd(log_format="ENRICHED"), "fail"),
    ("audit_logs_kept", auditd(max_log_file_action="KEEP_LOGS"), "pass"),
    ("audit_logs_kept", auditd(max_log_file_action="rotate"), "fail"),
    ("audit_logs_kept", {"etc/audit/auditd.conf": b"#max_log_file_action = keep_logs\n"}, "fail"),
    ("audit_disk_full", auditd(disk_full_action="single", disk_error_action="syslog"), "pass"),
    ("audit_disk_full", auditd(disk_full_action="syslog", disk_error_action="syslog"), "fail"),
    ("audit_disk_full", auditd(disk_full_action="halt"), "fail"),
    ("audit_space_low", auditd(**LOW, action_mail_acct="root"), "pass"),
    ("audit_space_low", auditd(**LOW), "pass"),
    ("audit_space_low", auditd(**LOW, action_mail_acct="bob"), "fail"),
    ("audit_space_low", auditd(**{**LOW, "space_left_action": "syslog"}), "fail"),
    ("audit_log_modes", {LOG: (b"", 0o600)}, "pass"),
    ("audit_log_modes", {LOG: (b"", 0o600), f"{LOG}.1": (b"", 0o644)}, "fail"),
    ("audit_log_modes", {**auditd(log_file="/srv/audit.log"), "srv/audit.log": (b"", 0o644)}, "fail"),
    ("audit_log_owner", {LOG: (b"", 0o600)}, "pass"),
    ("audit_log_owner", {LOG: (b"", 0o600, 1000, 0)}, "fail"),
    ("audit_log_group", {LOG: (b"", 0o640, 0, 4), **auditd(log_group="adm"), "etc/group": GROUP}, "pass"),
    ("audit_log_group", {LOG: (b"", 0o640, 0, 5), **auditd(log_group="adm"), "etc/group": GROUP}, "fail"),
    ("audit_log_group", {LOG: (b"", 0o600), **auditd(log_group="staff"), "etc/group": GROUP}, "fail"),
    ("audit_log_group", {LOG: (b"", 0o600), **auditd(max_log_file="8")}, "pass"),
    ("audit_log_folder", {"var/log/audit/": (b"", 0o750)}, "pass"),
    ("audit_log_folder", {"var/log/audit/": (b"", 0o755)}, "fail"),
    ("audit_config_modes", {"etc/audit/rules.d/a.rules": (b"", 0o640)}, "pass"),
    ("audit_config_modes", {"etc/audit/auditd.conf": (b"", 0o644)}, "fail"),
    ("audit_config_modes_strict", {"etc/audit/rules.d/a.rules": (b"", 0o600)}, "pass"),
    ("audit_config_modes_strict", {"etc/audit/rules.d/a.rules": (b"", 0o640)}, "fail"),
    ("audit_config_owner", {"etc/audit/auditd.conf": (b"", 0o640)}, "pass"),
    ("audit_config_owner", {"etc/audit/auditd.conf": (b"", 0o640, 1000, 0)}, "fail"),
    ("audit_config_group", {"etc/audit/auditd.conf": (b"", 0o640)}, "pass"),
    ("audit_config_group", {"etc/audit/audit.rules": (b"", 0o640, 0, 5)}, "fail"),
    ("audit_tool_modes", {"usr/sbin/auditctl": (b"", 0o755)}, "pass"),
    ("audit_tool_modes", {"usr/sbin/ausearch": (b"", 0o775)}, "fail"),
    ("audit_tool_owner", {"usr/sbin/auditctl": (b"", 0o755)}, "pass"),
    ("audit_tool_owner", {"usr/sbin/auditctl": (b"", 0o755, 1000, 0)}, "fail"),
    ("audit_tool_group", {"usr/sbin/auditctl": (b"", 0o755)}, "pass"),
    ("audit_tool_group", {"usr/sbin/auditctl": (b"", 0o755, 0, 5)}, "fail"),
]


@pytest.mark.parametrize(("check", "files", "verdict"), ROWS)
def test_a_root_has_the_verdict_that_auditd_would_give_it(
    tmp_path: Path, check: str, files: Files, verdict: str
) -> None:
    assert outcome(tmp_path, check, files).verdict == verdict


def test_the_arguments_of_another_kernel_than_the_roots_are_not_looked_at(tmp_path: Path) -> None:
    assert outcome(tmp_path, "audit_at_boot", boot("audit=1")).unobserved == ("running kernel",)
