from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from agent.checks.engine.catalogue import checks
from agent.checks.engine.system import System
from agent.host import open_host
from tests.hosts.judged import outcome

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hosts.judged import Files

SHADOW = {"etc/group": b"shadow:x:42:\nroot:x:0:\n"}
ACCOUNTS: Files = {
    "etc/passwd": b"root:x:0:0::/root:/bin/bash\nbob:x:1000:1000::/home/bob:/bin/bash\n",
    "etc/group": b"root:x:0:\nbob:x:1000:\n",
    "etc/shells": b"/bin/bash\n",
    "root/": (b"", 0o700),
}
HOME: Files = {**ACCOUNTS, "home/bob/": (b"", 0o750, 1000, 1000)}


def home(**files: tuple[bytes, int, int, int]) -> Files:
    """Give the home of a user with dot files."""
    return {**HOME, **{f"home/bob/.{name}": given for name, given in files.items()}}


ROWS: list[tuple[str, Files, str]] = [
    *(
        row
        for name, path in (
            ("passwd", "etc/passwd"),
            ("passwd_backup", "etc/passwd-"),
            ("group", "etc/group"),
            ("group_backup", "etc/group-"),
            ("shells", "etc/shells"),
        )
        for row in (
            (f"file_{name}_access", {path: (b"", 0o644)}, "pass"),
            (f"file_{name}_access", {path: (b"", 0o664)}, "fail"),
            (f"file_{name}_access", {path: (b"", 0o644, 0, 5)}, "fail"),
        )
    ),
    *(
        row
        for name in ("shadow", "gshadow", "shadow_backup", "gshadow_backup")
        for path in (f"etc/{name.replace('_backup', '-')}",)
        for row in (
            (f"file_{name}_access", {path: (b"", 0o640, 0, 42), **SHADOW}, "pass"),
            (f"file_{name}_access", {path: (b"", 0o640), **SHADOW}, "pass"),
            (f"file_{name}_access", {path: (b"", 0o644), **SHADOW}, "fail"),
            (f"file_{name}_access", {path: (b"", 0o640, 0, 4), **SHADOW}, "fail"),
            (f"file_{name}_root_alone_access", {path: (b"", 0o000)}, "pass"),
            (f"file_{name}_root_alone_access", {path: (b"", 0o400)}, "fail"),
        )
    ),
    ("file_passwd_access", {"etc/": (b"", 0o777), "etc/passwd": (b"", 0o644)}, "fail"),
    ("file_passwd_access", {"etc/": (b"", 0o1777), "etc/passwd": (b"", 0o644)}, "pass"),
    ("file_opasswd_access", {"etc/": (b"", 0o777), "etc/security/opasswd": (b"", 0o600)}, "fail"),
    ("file_shadow_access", {}, "not applicable"),
    ("file_opasswd_access", {"etc/security/opasswd": (b"", 0o600)}, "pass"),
    ("file_opasswd_access", {"etc/security/opasswd.old": (b"", 0o640)}, "fail"),
    ("files_not_world_writable", {"srv/a": (b"", 0o644), "tmp/": (b"", 0o1777)}, "pass"),
    ("files_not_world_writable", {"srv/a": (b"", 0o666)}, "fail"),
    ("files_not_world_writable", {"srv/a/": (b"", 0o777)}, "fail"),
    ("files_not_world_writable", {"srv/a": (b"", 0o644), "srv/b": "a"}, "pass"),
    ("files_not_world_writable", {"var/lib/docker/a": (b"", 0o666)}, "pass"),
    ("files_owned", {**ACCOUNTS, "srv/a": (b"", 0o644, 1000, 1000)}, "pass"),
    ("files_owned", {**ACCOUNTS, "srv/a": (b"", 0o644, 4321, 0)}, "fail"),
    ("files_owned", {**ACCOUNTS, "srv/a": (b"", 0o644, 0, 4321)}, "fail"),
    ("files_set_id", {"usr/bin/su": (b"", 0o4755)}, "manual"),
    ("packaged_files_reviewed", {}, "manual"),
    ("homes_private", HOME, "pass"),
    ("homes_private", ACCOUNTS, "fail"),
    ("homes_private", {**ACCOUNTS, "home/bob/": (b"", 0o755, 1000, 1000)}, "fail"),
    ("homes_private", {**ACCOUNTS, "home/bob/": (b"", 0o700, 0, 1000)}, "fail"),
    ("homes_private", {**ACCOUNTS, "home/bob/": (b"", 0o700, 1000, 0)}, "fail"),
    ("homes_private", {**ACCOUNTS, "data/bob/": (b"", 0o700, 1000, 1000), "home/bob": "/data/bob"}, "pass"),
    ("homes_dot_files", home(profile=(b"", 0o644, 1000, 1000)), "pass"),
    ("homes_dot_files", home(profile=(b"", 0o664, 1000, 1000)), "fail"),
    ("homes_dot_files", home(profile=(b"", 0o644, 0, 1000)), "fail"),
    ("homes_dot_files", home(profile=(b"", 0o644, 1000, 0)), "fail"),
    ("homes_dot_files", home(forward=(b"", 0o600, 1000, 1000)), "fail"),
    ("homes_dot_files", home(netrc=(b"", 0o600, 1000, 1000)), "fail"),
    ("homes_dot_files", home(rhosts=(b"", 0o600, 1000, 1000)), "fail"),
    ("homes_dot_files", home(bash_history=(b"", 0o600, 1000, 1000)), "pass"),
    ("homes_dot_files", home(bash_history=(b"", 0o640, 1000, 1000)), "fail"),
    ("homes_dot_files", {**HOME, "etc/hosts.equiv": b""}, "fail"),
    ("homes_dot_files", {**HOME, "home/bob/.ssh/": (b"", 0o777)}, "pass"),
]


@pytest.mark.parametrize(("check", "files", "verdict"), ROWS)
def test_a_root_has_the_verdict_that_its_modes_give_it(tmp_path: Path, check: str, files: Files, verdict: str) -> None:
    root = tmp_path / "root"
    root.mkdir()
    assert outcome(root, check, files).verdict == verdict


def test_users_who_cannot_log_in_need_no_home(tmp_path: Path) -> None:
    users = b"www:x:33:33::/var/www:/usr/sbin/nologin\nnobody:x:65534:65534::/nonexistent:/bin/bash\n"
    assert outcome(tmp_path, "homes_private", {"etc/passwd": users}).verdict == "pass"


def test_what_could_not_be_seen_is_no_pass(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o700)
    tmp_path.chmod(0o755)
    system = System(open_host(str(tmp_path)))
    os.seteuid(65534)
    try:
        found = checks()["files_not_world_writable"].judge(system)
    finally:
        os.seteuid(0)
    assert found.verdict == "error"
    assert "/closed" in found.found


def test_all_questions_about_all_files_cost_one_walk(tmp_path: Path) -> None:
    seen: list[str] = []
    (tmp_path / "srv").mkdir()
    system = System(open_host(str(tmp_path), observe=seen.append))
    for check in ("files_not_world_writable", "files_owned", "files_set_id", "audit_rules_set_id_programs"):
        checks()[check].judge(system)
    assert seen.count("/srv") == 1


def test_the_directory_that_everybody_can_write_is_named(tmp_path: Path) -> None:
    found = outcome(tmp_path, "file_passwd_access", {"etc/": (b"", 0o777), "etc/passwd": (b"", 0o644)})
    assert found.found == "owner 0, group 0, mode 0644, below /etc, which everybody can write"
