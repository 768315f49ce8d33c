from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.hosts.judged import outcome
from tests.hosts.trees import stanza

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hosts.judged import Files

STATUS = "var/lib/dpkg/status"
UNITS = "usr/lib/systemd/system"
DEBIAN = {"etc/os-release": b"ID=debian\nVERSION_ID=12\n"}
RED_HAT = {"etc/os-release": b'ID="almalinux"\nID_LIKE="rhel centos fedora"\n'}
ACCOUNTS = {
    "etc/passwd": b"root:x:0:0::/root:/bin/bash\nweb:x:33:33::/:/usr/sbin/nologin\nbob:x:1000:1000::/:/bin/bash\n",
    "etc/group": b"root:x:0:\nadm:x:4:\nutmp:x:43:\nsystemd-journal:x:999:\nweb:x:33:\n",
    "etc/shells": b"/bin/bash\n",
}


def journal(text: bytes, **drop_ins: bytes) -> Files:
    """Give journald.conf with drop-ins."""
    more = {f"etc/systemd/journald.conf.d/{name}.conf": content for name, content in drop_ins.items()}
    return {"etc/systemd/journald.conf": b"[Journal]\n" + text, **more}


def unit(name: str, wanted: bool = True) -> Files:
    """Give a unit, wanted or not."""
    link = {f"etc/systemd/system/multi-user.target.wants/{name}": f"/{UNITS}/{name}"} if wanted else {}
    return {f"{UNITS}/{name}": b"[Unit]\n", **link}


def rsyslog(text: bytes, **more: bytes) -> Files:
    """Give rsyslog.conf with files of rsyslog.d."""
    return {"etc/rsyslog.conf": text, **{f"etc/rsyslog.d/{name}.conf": content for name, content in more.items()}}


def log(path: str, mode: int, owner: int = 0, group: int = 0) -> Files:
    """Give a file below /var/log."""
    return {f"var/log/{path}": (b"", mode, owner, group), **ACCOUNTS}


UPLOAD = b"[Upload]\nURL=https://a\nServerKeyFile=/a\nServerCertificateFile=/b\nTrustedCertificateFile=/c\n"
INCLUDING = b"$IncludeConfig /etc/rsyslog.d/*.conf\n"
WRITES = b'*.* -/var/log/all;Format # all\nif $x then { action(type="omfile" file="/var/log/other") }\n'

ROWS: list[tuple[str, Files, str]] = [
    ("journald_runs", unit("systemd-journald.service"), "pass"),
    ("journald_runs", unit("systemd-journald.service", False), "fail"),
    ("one_log_system", unit("systemd-journald.service"), "pass"),
    ("one_log_system", {**unit("systemd-journald.service"), **unit("rsyslog.service")}, "pass"),
    ("one_log_system", {**unit("rsyslog.service"), **unit("syslog-ng.service")}, "fail"),
    ("package_journal_remote_installed", {STATUS: stanza("systemd-journal-remote")}, "pass"),
    ("package_journal_remote_installed", {STATUS: stanza("bash")}, "fail"),
    ("journal_upload_configured", {"etc/systemd/journal-upload.conf": UPLOAD}, "pass"),
    ("journal_upload_configured", {"etc/systemd/journal-upload.conf": UPLOAD.replace(b"URL", b"#URL")}, "fail"),
    ("journal_upload_runs", unit("systemd-journal-upload.service"), "pass"),
    ("journal_upload_runs", unit("systemd-journal-upload.service", False), "fail"),
    ("journal_remote_off", {}, "pass"),
    ("journal_remote_off", unit("systemd-journal-remote.socket", False), "fail"),
    (
        "journal_remote_off",
        {
            **unit("systemd-journal-remote.socket", False),
            "etc/systemd/system/systemd-journal-remote.socket": "/dev/null",
        },
        "pass",
    ),
    ("journald_forwards_not", {**DEBIAN, **journal(b"ForwardToSyslog=no\n")}, "pass"),
    ("journald_forwards_not", {**DEBIAN, **journal(b"#ForwardToSyslog=no\n")}, "fail"),
    ("journald_forwards_not", {**RED_HAT, **journal(b"#ForwardToSyslog=yes\n")}, "pass"),
    (
        "journald_forwards_not",
        {**DEBIAN, **journal(b"ForwardToSyslog=yes\n", a=b"[Journal]\nForwardToSyslog=0\n")},
        "pass",
    ),
    ("journald_forwards_not", {**DEBIAN, **journal(b"", a=b"[Other]\nForwardToSyslog=no\n")}, "fail"),
    ("journald_forwards", {**RED_HAT, **journal(b"ForwardToSyslog = yes\n")}, "pass"),
    ("journald_forwards", {**RED_HAT, **journal(b"")}, "fail"),
    ("journald_forwards", {**DEBIAN, **journal(b"")}, "pass"),
    ("journald_compresses", journal(b""), "pass"),
    ("journald_compresses", journal(b"Compress=no\n"), "fail"),
    ("journald_compresses", journal(b"Compress=4K\n"), "pass"),
    ("journald_persists", journal(b"Storage=persistent\n"), "pass"),
    ("journald_persists", journal(b"Storage=volatile\n"), "fail"),
    ("journald_persists", journal(b""), "fail"),
    (
        "journald_persists",
        journal(b"", b=b"[Journal]\nStorage=volatile\n", a=b"[Journal]\nStorage=persistent\n"),
        "fail",
    ),
    ("package_rsyslog_installed", {STATUS: stanza("rsyslog")}, "pass"),
    ("package_rsyslog_installed", {STATUS: stanza("bash")}, "fail"),
    ("rsyslog_runs", unit("rsyslog.service"), "pass"),
    ("rsyslog_runs", unit("rsyslog.service", False), "fail"),
    ("rsyslog_create_mode", rsyslog(b"$FileCreateMode 0640\n"), "pass"),
    ("rsyslog_create_mode", rsyslog(b"$filecreatemode 0600 # closed\r\n"), "pass"),
    ("rsyslog_create_mode", rsyslog(b"#$FileCreateMode 0640\n"), "fail"),
    ("rsyslog_create_mode", rsyslog(b"$FileCreateMode 0644\n"), "fail"),
    ("rsyslog_create_mode", rsyslog(INCLUDING, a=b"$FileCreateMode 0640\n"), "pass"),
    ("rsyslog_create_mode", rsyslog(b"$FileCreateMode 0640\n" + INCLUDING, a=b"$FileCreateMode 0666\n"), "fail"),
    ("rsyslog_create_mode", rsyslog(b'include(file="/etc/rsyslog.d/*.conf")\n', a=b"$FileCreateMode 0640\n"), "pass"),
    ("rsyslog_create_mode", rsyslog(b'module(load="builtin:omfile"\n  FileCreateMode="0640")\n'), "pass"),
    ("rsyslog_create_mode", rsyslog(b"/* $FileCreateMode 0644\n*/\n$FileCreateMode 0640\n"), "pass"),
    ("rsyslog_create_mode", {**rsyslog(INCLUDING), "etc/rsyslog.d/a.bak": b"$FileCreateMode 0640\n"}, "fail"),
    ("rsyslog_forwards", rsyslog(b"*.* @@logs.example.org:514\n"), "pass"),
    ("rsyslog_forwards", rsyslog(b'action(type="omfwd" target="logs.example.org")\n'), "pass"),
    ("rsyslog_forwards", rsyslog(b"#*.* @@logs.example.org:514\n*.* /var/log/all\n"), "fail"),
    ("rsyslog_does_not_listen", rsyslog(b'module(load="imuxsock")\n$ModLoad imklog\n'), "pass"),
    ("rsyslog_does_not_listen", rsyslog(b'#module(load="imtcp")\n# input(type="imtcp" port="514")\n'), "pass"),
    ("rsyslog_does_not_listen", rsyslog(b'module( load = "imtcp" )\n'), "fail"),
    ("rsyslog_does_not_listen", rsyslog(b'input(\n  type="imudp"\n  port="514")\n'), "fail"),
    ("rsyslog_does_not_listen", rsyslog(b"$ModLoad imtcp\n"), "fail"),
    ("rsyslog_does_not_listen", rsyslog(b"$InputTCPServerRun 514\n"), "fail"),
    ("rsyslog_does_not_listen", rsyslog(INCLUDING, z=b"  $UDPServerRun 514\n"), "fail"),
    ("log_files_closed", log("app.log", 0o640, 0, 4), "pass"),
    ("log_files_closed", log("app.log", 0o644), "fail"),
    ("log_files_closed", log("a/b/app.log", 0o660), "fail"),
    ("log_files_closed", log("app.log", 0o600, 1000), "fail"),
    ("log_files_closed", log("app.log", 0o640, 0, 1000), "fail"),
    ("log_files_closed", log("web/app.log", 0o640, 33, 33), "pass"),
    ("log_files_closed", log("wtmp", 0o664, 0, 43), "pass"),
    ("log_files_closed", log("wtmp.1", 0o666, 0, 43), "fail"),
    ("log_files_closed", log("lastlog", 0o664, 0, 43), "pass"),
    ("log_files_closed", log("lastlog", 0o664, 33, 43), "fail"),
    ("log_files_closed", log("journal/x/system.journal", 0o640, 0, 999), "pass"),
    ("log_files_closed", log("journal/x/system.journal", 0o644, 0, 999), "fail"),
    ("log_files_closed", log("cloud-init.log", 0o644), "pass"),
    ("log_files_closed", log("apt/history.log", 0o644), "pass"),
    ("log_files_closed", log("auth.log", 0o644, 0, 4), "fail"),
    ("log_files_closed", {}, "pass"),
    ("rsyslog_files_closed", {**rsyslog(WRITES), "var/log/all": (b"", 0o600), "var/log/other": (b"", 0o640)}, "pass"),
    ("rsyslog_files_closed", {**rsyslog(WRITES), "var/log/all": (b"", 0o600), "var/log/other": (b"", 0o644)}, "fail"),
    ("rsyslog_files_closed", {**rsyslog(WRITES), "var/log/all": (b"", 0o600, 0, 4)}, "fail"),
    ("journald_access_reviewed", {}, "manual"),
    ("journald_rotation_reviewed", {}, "manual"),
    ("rsyslog_rules_reviewed", {}, "manual"),
    ("logrotate_reviewed", {}, "manual"),
]


@pytest.mark.parametrize(("check", "files", "verdict"), ROWS)
def test_a_root_has_the_verdict_that_its_log_systems_give_it(
    tmp_path: Path, check: str, files: Files, verdict: str
) -> None:
    assert outcome(tmp_path, check, files).verdict == verdict
