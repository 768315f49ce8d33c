from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.hosts.judged import outcome
from tests.hosts.trees import stanza

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hosts.judged import Files

STATUS = "var/lib/dpkg/status"
SU = "etc/pam.d/su"
WHEEL = b"auth sufficient pam_rootok.so\nauth required pam_wheel.so use_uid group=su\n"
EMPTY = {"etc/group": b"su:x:900:\n", "etc/passwd": b"bob:x:1000:1000::/home/bob:/bin/sh\n"}


def sudoers(text: bytes, **more: bytes) -> Files:
    """Give a policy with files of sudoers.d."""
    return {"etc/sudoers": text, **{f"etc/sudoers.d/{name}": content for name, content in more.items()}}


ROWS: list[tuple[str, Files, str]] = [
    ("sudo_installed", {STATUS: stanza("sudo")}, "pass"),
    ("sudo_installed", {STATUS: stanza("bash")}, "fail"),
    ("sudo_use_pty", sudoers(b"Defaults use_pty\n"), "pass"),
    ("sudo_use_pty", sudoers(b"Defaults\tenv_reset,use_pty , mail_badpass # x\n"), "pass"),
    ("sudo_use_pty", sudoers(b"Defaults env_reset, \\\n  use_pty\r\n"), "pass"),
    ("sudo_use_pty", sudoers(b"#Defaults use_pty\n"), "fail"),
    ("sudo_use_pty", sudoers(b"Defaults:bob use_pty\n"), "fail"),
    ("sudo_use_pty", sudoers(b"Defaults use_pty\nDefaults !use_pty\n"), "fail"),
    ("sudo_use_pty", sudoers(b"Defaults !use_pty\nDefaults use_pty\n"), "fail"),
    ("sudo_use_pty", sudoers(b"Defaults use_pty\nDefaults:bob !use_pty\n"), "fail"),
    ("sudo_use_pty", sudoers(b'Defaults badpass_message="use_pty"\n'), "fail"),
    ("sudo_use_pty", sudoers(b"@includedir /etc/sudoers.d\n", a=b"Defaults use_pty\n"), "pass"),
    ("sudo_use_pty", sudoers(b"#includedir sudoers.d\n", a=b"Defaults use_pty\n"), "pass"),
    (
        "sudo_use_pty",
        {**sudoers(b"@includedir /etc/sudoers.d\n"), "etc/sudoers.d/a.conf": b"Defaults use_pty\n"},
        "fail",
    ),
    ("sudo_use_pty", {**sudoers(b"@includedir /etc/sudoers.d\n"), "etc/sudoers.d/a~": b"Defaults use_pty\n"}, "fail"),
    ("sudo_use_pty", sudoers(b'@include "/etc/sudoers.d/a"\n', a=b"Defaults use_pty\n"), "pass"),
    ("sudo_use_pty", sudoers(b"# @include /etc/sudoers.d/a\n", a=b"Defaults use_pty\n"), "fail"),
    ("sudo_use_pty", {**sudoers(b""), STATUS: stanza("sudo", "1.9.15p5-3ubuntu5")}, "pass"),
    ("sudo_use_pty", {**sudoers(b""), STATUS: stanza("sudo", "1.9.13p3-1+deb12u1")}, "fail"),
    ("sudo_use_pty", {**sudoers(b"Defaults !use_pty\n"), STATUS: stanza("sudo", "1.9.15p5-3ubuntu5")}, "fail"),
    ("sudo_logfile", sudoers(b'Defaults logfile="/var/log/sudo.log"\n'), "pass"),
    ("sudo_logfile", sudoers(b"Defaults use_pty,logfile = /var/log/sudo.log\n"), "pass"),
    ("sudo_logfile", sudoers(b"Defaults syslog=auth\n"), "fail"),
    ("sudo_logfile", sudoers(b"Defaults@web logfile=/var/log/sudo.log\n"), "fail"),
    ("sudo_password_required", sudoers(b"root ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL) PASSWD: ALL\n"), "pass"),
    ("sudo_password_required", sudoers(b"bob ALL=(root) NOPASSWD: /bin/ls\n"), "fail"),
    ("sudo_password_required", sudoers(b"bob ALL=(root) SETENV:NOPASSWD :/bin/ls\n"), "fail"),
    ("sudo_password_required", sudoers(b"bob ALL = \\\n NOPASSWD: ALL\n"), "fail"),
    ("sudo_password_required", sudoers(b"# bob ALL=NOPASSWD: ALL\n"), "pass"),
    ("sudo_password_required", sudoers(b"#1000 ALL=NOPASSWD: ALL\n"), "fail"),
    ("sudo_password_required", sudoers(b"Defaults:bob !authenticate\n"), "fail"),
    ("sudo_authenticate", sudoers(b"Defaults authenticate\nbob ALL=NOPASSWD: ALL\n"), "pass"),
    ("sudo_authenticate", sudoers(b"Defaults env_reset, !authenticate\n"), "fail"),
    ("sudo_timestamp_timeout", sudoers(b""), "pass"),
    ("sudo_timestamp_timeout", sudoers(b"Defaults timestamp_timeout=15\n"), "pass"),
    ("sudo_timestamp_timeout", sudoers(b"Defaults timestamp_timeout = 2.5\n"), "pass"),
    ("sudo_timestamp_timeout", sudoers(b"Defaults timestamp_timeout=16\n"), "fail"),
    ("sudo_timestamp_timeout", sudoers(b"Defaults timestamp_timeout=-1\n"), "fail"),
    ("sudo_timestamp_timeout", sudoers(b"Defaults timestamp_timeout=30\nDefaults timestamp_timeout=5\n"), "fail"),
    ("sudo_timestamp_timeout", sudoers(b"Defaults:bob timestamp_timeout=60\n"), "fail"),
    ("su_restricted", {SU: WHEEL, **EMPTY}, "pass"),
    ("su_restricted", {SU: WHEEL, "etc/group": b"su:x:900:bob\n"}, "fail"),
    ("su_restricted", {SU: WHEEL, "etc/group": b"su:x:900:\n", "etc/passwd": b"bob:x:1000:900::/:/bin/sh\n"}, "fail"),
    ("su_restricted", {SU: WHEEL}, "fail"),
    ("su_restricted", {SU: b"#auth required pam_wheel.so use_uid group=su\n", **EMPTY}, "fail"),
    ("su_restricted", {SU: b"auth required pam_wheel.so group=su\n", **EMPTY}, "fail"),
    ("su_restricted", {SU: b"auth sufficient pam_wheel.so use_uid group=su\n", **EMPTY}, "fail"),
    ("su_restricted", {SU: b"auth required pam_wheel.so use_uid group=su deny\n", **EMPTY}, "fail"),
    ("su_restricted", {SU: b"auth sufficient pam_permit.so\n" + WHEEL, **EMPTY}, "fail"),
    (
        "su_restricted",
        {SU: b"auth [default=die success=ok] /lib/security/pam_wheel.so use_uid group=su\n", **EMPTY},
        "pass",
    ),
]


@pytest.mark.parametrize(("check", "files", "verdict"), ROWS)
def test_a_root_has_the_verdict_that_sudo_and_su_would_give_it(
    tmp_path: Path, check: str, files: Files, verdict: str
) -> None:
    assert outcome(tmp_path, check, files).verdict == verdict


def test_rules_without_a_password_are_named_by_their_lines_alone(tmp_path: Path) -> None:
    found = outcome(tmp_path, "sudo_password_required", sudoers(b"bob ALL=NOPASSWD: /opt/secret\n"))
    assert (found.found, found.where) == ("NOPASSWD", ("/etc/sudoers:1",))
    assert "secret" not in repr(found)
