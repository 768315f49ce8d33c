"""Checks of banners and of GNOME."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.hosts.judged import outcome
from tests.hosts.trees import stanza

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hosts.judged import Files

DEBIAN = {"etc/os-release": b'ID="debian"\n'}
GDM: Files = {"var/lib/dpkg/status": stanza("gdm3")}
LOGIN, LOCAL = "etc/dconf/db/gdm.d/00-all", "etc/dconf/db/local.d/00-all"
LOGIN_LOCKS, LOCKS = "etc/dconf/db/gdm.d/locks/a", "etc/dconf/db/local.d/locks/a"
USER: Files = {**GDM, "etc/dconf/profile/user": b"user-db:user\nsystem-db:local\n"}
SHOWN = b"[org/gnome/login-screen]\nbanner-message-enable=true\nbanner-message-text='Go away'\n"
SHOWN_LOCK = b"/org/gnome/login-screen/banner-message-enable\n"
LOCK_KEYS = b"[org/gnome/desktop/session]\nidle-delay=uint32 %d\n[org/gnome/desktop/screensaver]\nlock-delay=uint32 %d\nlock-enabled=%b\n"
LOCK_PATHS = b"/org/gnome/desktop/session/idle-delay\n/org/gnome/desktop/screensaver/lock-delay\n"
MEDIA = b"[org/gnome/desktop/media-handling]\nautomount = false\nautomount-open = false\nautorun-never=true\n"
MEDIA_LOCKS = b"/org/gnome/desktop/media-handling/\n"

ROWS: list[tuple[str, Files, str]] = [
    ("banner_issue_silent", {"etc/issue": b"Authorised use only\n"}, "pass"),
    ("banner_issue_silent", {"etc/issue": b"Welcome to \\s \\r\n"}, "fail"),
    ("banner_issue_silent", {"etc/issue": b"Runs DEBIAN here\n", **DEBIAN}, "fail"),
    ("banner_issue_silent", {"etc/issue": b"Runs Debian here\n", "etc/os-release": b"ID=ubuntu\n"}, "pass"),
    ("banner_issue_silent", {"etc/issue": b"\n \n"}, "fail"),
    ("banner_issue_silent", {}, "fail"),
    ("banner_issue_net_silent", {"etc/issue.net": b"Authorised use only\n"}, "pass"),
    ("banner_issue_net_silent", {"etc/issue.net": b"\\m\n"}, "fail"),
    ("banner_motd_silent", {"etc/motd": b"A Debian host\n", **DEBIAN}, "fail"),
    ("banner_motd_silent", {"etc/motd": b"Be good\n", **DEBIAN}, "pass"),
    ("banner_motd_silent", {"etc/motd": "/dev/null"}, "pass"),
    ("banner_motd_silent", {}, "pass"),
    *(
        (f"banner_{name.replace('.', '_')}_access", {f"etc/{name}": (b"", 0o644)}, "pass")
        for name in ("motd", "issue", "issue.net")
    ),
    *(
        (f"banner_{name.replace('.', '_')}_access", {f"etc/{name}": (b"", 0o664)}, "fail")
        for name in ("motd", "issue", "issue.net")
    ),
    ("banner_motd_access", {"etc/motd": (b"", 0o644, 0, 5)}, "fail"),
    ("banner_motd_access", {"etc/motd": "/run/motd", "run/motd": (b"", 0o666)}, "fail"),  # the link's target counts
    ("banner_motd_access", {}, "pass"),
    ("package_gdm_absent", GDM, "fail"),
    ("package_gdm_absent", {}, "pass"),
    ("gnome_login_banner", {**GDM, LOGIN: SHOWN, LOGIN_LOCKS: SHOWN_LOCK}, "pass"),
    ("gnome_login_banner", {**GDM, LOGIN: SHOWN}, "fail"),
    ("gnome_login_banner", {**GDM, "etc/gdm3/greeter.dconf-defaults": SHOWN}, "pass"),  # users cannot change these
    ("gnome_login_banner", {**GDM, "etc/gdm3/greeter.dconf-defaults": SHOWN.replace(b"\nb", b"\n#b")}, "fail"),
    ("gnome_login_banner", {LOGIN: SHOWN}, "not applicable"),
    ("gnome_user_list_hidden", {**GDM, LOGIN: b"[org/gnome/login-screen]\ndisable-user-list=true\n"}, "pass"),
    ("gnome_user_list_hidden", {**GDM, LOGIN: b"[org/gnome]\ndisable-user-list=true\n"}, "fail"),
    (
        "gnome_user_list_hidden",
        {"var/lib/dpkg/status": stanza("gdm3", status="deinstall ok config-files")},
        "not applicable",
    ),
    ("gnome_screen_locks", {**USER, LOCAL: LOCK_KEYS % (900, 5, b"true")}, "pass"),
    ("gnome_screen_locks", {**GDM, LOCAL: LOCK_KEYS % (900, 5, b"true")}, "fail"),  # no profile names the database
    ("gnome_screen_locks", {**USER, LOCAL: LOCK_KEYS % (0, 5, b"true")}, "fail"),
    ("gnome_screen_locks", {**USER, LOCAL: (LOCK_KEYS % (900, 5, b"true")).replace(b"uint32 ", b"")}, "fail"),
    ("gnome_screen_locks", {**USER, LOCAL: LOCK_KEYS % (900, 6, b"true")}, "fail"),
    ("gnome_screen_locks", {**USER, LOCAL: LOCK_KEYS % (900, 5, b"false")}, "fail"),
    ("gnome_screen_lock_locked", {**USER, LOCKS: LOCK_PATHS}, "pass"),
    ("gnome_screen_lock_locked", {**USER, LOCKS: LOCK_PATHS.replace(b"/org", b"#/org", 1)}, "fail"),
    ("gnome_automount_off", {**USER, LOCAL: MEDIA, LOCKS: MEDIA_LOCKS}, "pass"),
    ("gnome_automount_off", {**USER, LOCAL: MEDIA}, "fail"),
    ("gnome_automount_off", {**USER, LOCKS: MEDIA_LOCKS}, "fail"),
    ("gnome_autorun_never", {**USER, LOCAL: MEDIA, LOCKS: MEDIA_LOCKS}, "pass"),
    ("gnome_autorun_never", {**USER, LOCAL: MEDIA.replace(b"true", b"false"), LOCKS: MEDIA_LOCKS}, "fail"),
    ("gnome_xdmcp_off", {**GDM, "etc/gdm3/custom.conf": b"[xdmcp]\nEnable=true\n"}, "fail"),
    ("gnome_xdmcp_off", {**GDM, "etc/gdm3/custom.conf": b"[xdmcp]\n#Enable=true\n"}, "pass"),
    ("gnome_xdmcp_off", {**GDM, "etc/gdm3/daemon.conf": b"[daemon]\nEnable=true\n"}, "pass"),
]


@pytest.mark.parametrize(("check", "files", "verdict"), ROWS)
def test_a_root_has_the_verdict_that_its_files_give_it(tmp_path: Path, check: str, files: Files, verdict: str) -> None:
    assert outcome(tmp_path, check, files).verdict == verdict
