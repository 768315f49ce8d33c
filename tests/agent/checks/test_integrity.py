from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.hosts.judged import outcome
from tests.hosts.trees import stanza

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hosts.judged import Files

CONFIG = "etc/aide/aide.conf"
AIDE = {"var/lib/dpkg/status": stanza("aide")}
UNITS = "usr/lib/systemd/system"
TIMER = {
    f"{UNITS}/ours.timer": b"[Timer]\nOnCalendar=daily\nUnit=check.service\n",
    f"{UNITS}/check.service": b"[Service]\nExecStart=/usr/bin/aide --check\n",
}
ENABLED = {"etc/systemd/system/timers.target.wants/ours.timer": f"/{UNITS}/ours.timer"}
TOOLS = ("auditctl", "auditd", "ausearch", "aureport", "autrace", "augenrules")
WANTED = "p+i+n+u+g+s+b+acl+xattrs+sha512"


def watching(attributes: str, folder: str = "/sbin") -> bytes:
    """Give a line for each tool."""
    return "".join(f"{folder}/{name} {attributes}\n" for name in TOOLS).encode()


ROWS: list[tuple[str, Files, str]] = [
    ("aide_installed", {**AIDE, CONFIG: b"database_in=file:/srv/aide.db\n", "srv/aide.db": b""}, "pass"),
    ("aide_installed", {**AIDE, CONFIG: b"database_in=file:/srv/aide.db\n"}, "fail"),
    ("aide_installed", {CONFIG: b"", "var/lib/aide/aide.db": b""}, "fail"),
    (
        "aide_installed",
        {
            **AIDE,
            "etc/aide.conf": b"@@define DBDIR /srv\ndatabase=file:@@{DBDIR}/aide.db.gz\n",
            "srv/aide.db.gz": b"",
        },
        "pass",
    ),
    ("aide_scheduled", {**TIMER, **ENABLED}, "pass"),
    ("aide_scheduled", TIMER, "fail"),
    (
        "aide_scheduled",
        {"etc/crontab": b"0 5 * * * root /usr/bin/aide.wrapper --config /etc/aide/aide.conf --check\n"},
        "pass",
    ),
    ("aide_scheduled", {"etc/crontab": b"#0 5 * * * root /usr/bin/aide --check\n"}, "fail"),
    ("aide_scheduled", {"var/spool/cron/crontabs/root": b"0 5 * * * /usr/sbin/aide -C | mail root\n"}, "pass"),
    ("aide_scheduled", {"etc/cron.d/x": b"0 5 * * * root /usr/bin/praide --check\n"}, "fail"),
    ("aide_watches_audit_tools", {CONFIG: watching(WANTED)}, "pass"),
    ("aide_watches_audit_tools", {CONFIG: watching(WANTED, "/usr/sbin")}, "pass"),
    ("aide_watches_audit_tools", {CONFIG: b"Tools = p+i+n+u+g+s+b+acl+xattrs+sha512\n" + watching("Tools")}, "pass"),
    ("aide_watches_audit_tools", {CONFIG: b"All = R+b+acl+xattrs+sha256\n/usr/sbin All\n"}, "pass"),
    ("aide_watches_audit_tools", {CONFIG: watching("R+b+acl+xattrs")}, "fail"),
    ("aide_watches_audit_tools", {CONFIG: watching(WANTED)[:-60]}, "fail"),
    ("aide_watches_audit_tools", {CONFIG: b"/usr/sbin " + WANTED.encode() + b"\n!/usr/sbin/audit.*\n"}, "fail"),
    ("aide_watches_audit_tools", {CONFIG: b"#" + watching(WANTED).replace(b"\n", b"\n#")}, "fail"),
    ("aide_watches_audit_tools", {CONFIG: watching(f"{WANTED}-sha512")}, "fail"),
    (
        "aide_watches_audit_tools",
        {CONFIG: b"@@x_include /etc/aide/aide.conf.d ^[a-z]+$\n", "etc/aide/aide.conf.d/tools": watching(WANTED)},
        "pass",
    ),
    ("aide_watches_audit_tools", {}, "fail"),
]


@pytest.mark.parametrize(("check", "files", "verdict"), ROWS)
def test_a_root_has_the_verdict_that_aide_would_give_it(tmp_path: Path, check: str, files: Files, verdict: str) -> None:
    assert outcome(tmp_path, check, files).verdict == verdict


def test_cron_does_not_count_where_a_timer_is_wanted(tmp_path: Path) -> None:
    files: Files = {"etc/crontab": b"0 5 * * * root /usr/bin/aide --check\n"}
    assert outcome(tmp_path, "aide_scheduled", files, {"cron": False}).verdict == "fail"


def test_a_pattern_that_might_take_for_ever_takes_no_time(tmp_path: Path) -> None:
    files: Files = {CONFIG: b"/(.*)*(.*)*(.*)*x R\n/(((a+)+)+)+$ R\n"}
    assert outcome(tmp_path, "aide_watches_audit_tools", files).verdict == "fail"
