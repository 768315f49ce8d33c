from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.hosts.judged import outcome

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hosts.judged import Files

PASSWD = (
    b"root:x:0:0:root:/root:/bin/bash\n"
    b"daemon:x:1:1::/usr/sbin:/usr/sbin/nologin\n"
    b"sync:x:4:65534::/bin:/bin/sync\n"
    b"bob:x:1000:1000::/home/bob:/bin/bash\n"
)
GROUP = b"root:x:0:\ndaemon:x:1:\nshadow:x:42:\nnogroup:x:65534:\nbob:x:1000:\n"
SHELLS = b"# shells\n/bin/sh\n/bin/bash\n"
HASH = "$y$j9T$salt$hash"
TODAY = int(time.time() // 86400)


def passwd(more: bytes = b"", of: bytes = PASSWD, **files: bytes) -> Files:
    """Give usual users with some more, and other files of etc."""
    given: Files = {"etc/passwd": of + more, "etc/group": GROUP, "etc/shells": SHELLS}
    return {**given, **{f"etc/{name}": content for name, content in files.items()}}


def shadow(line: str, **login_defs: str) -> Files:
    """Give one line of shadow, and settings of login.defs."""
    settings = "".join(f"{name}\t{value}\n" for name, value in login_defs.items())
    return {**passwd(shadow=f"{line}\n".encode()), "etc/login.defs": settings.encode()}


def profile(text: bytes, login_defs: bytes = b"UMASK 027\n", bashrc: bytes = b"umask 027\n") -> Files:
    """Give a file of profile.d, login.defs and the system's bashrc."""
    return {"etc/profile.d/a.sh": text, "etc/login.defs": login_defs, "etc/bash.bashrc": bashrc}


AGED = f"bob:{HASH}:{TODAY - 3}:1:365:7:30::"
BACK = f"bob:{HASH}:{TODAY + 3}:1:365:7:30::"
SAFE = {"usr/bin/": (b"", 0o755), "usr/local/bin/": (b"", 0o755)}

ROWS: list[tuple[str, Files, str]] = [
    ("accounts_maximum_days", shadow(AGED, PASS_MAX_DAYS="365"), "pass"),
    ("accounts_maximum_days", shadow(AGED, PASS_MAX_DAYS="99999"), "fail"),
    ("accounts_maximum_days", shadow(AGED), "fail"),
    ("accounts_maximum_days", shadow(AGED.replace("365", ""), PASS_MAX_DAYS="365"), "fail"),
    ("accounts_maximum_days", shadow(AGED.replace("365", "99999"), PASS_MAX_DAYS="365"), "fail"),
    ("accounts_maximum_days", shadow("bob:!:19000:0:99999:7:::", PASS_MAX_DAYS="365"), "pass"),
    ("accounts_maximum_days", shadow(f"bob:!{HASH}:19000:0:99999:7:::", PASS_MAX_DAYS="365"), "pass"),
    ("accounts_maximum_days", shadow(AGED, PASS_MAX_DAYS="90 # days"), "fail"),
    (
        "accounts_maximum_days",
        {**shadow(AGED), "etc/login.defs": b"PASS_MAX_DAYS 99999\n  PASS_MAX_DAYS\t 90 \r\n"},
        "pass",
    ),
    ("accounts_minimum_days", shadow(AGED, PASS_MIN_DAYS="1"), "pass"),
    ("accounts_minimum_days", shadow(AGED, PASS_MIN_DAYS="0"), "fail"),
    ("accounts_minimum_days", shadow(AGED.replace(":1:", ":0:"), PASS_MIN_DAYS="1"), "fail"),
    ("accounts_warning_days", shadow(AGED, PASS_WARN_AGE="7"), "pass"),
    ("accounts_warning_days", shadow(AGED, PASS_WARN_AGE="6"), "fail"),
    ("accounts_encrypt_method", shadow(AGED, ENCRYPT_METHOD="YESCRYPT"), "pass"),
    ("accounts_encrypt_method", shadow(AGED, ENCRYPT_METHOD="yescrypt"), "fail"),
    ("accounts_encrypt_method", shadow(AGED, ENCRYPT_METHOD="MD5"), "fail"),
    ("accounts_encrypt_method", {"etc/login.defs": b"#ENCRYPT_METHOD YESCRYPT\n"}, "fail"),
    ("accounts_inactive_days", {**shadow(AGED), "etc/default/useradd": b"INACTIVE=30\n"}, "pass"),
    ("accounts_inactive_days", {**shadow(AGED), "etc/default/useradd": b"INACTIVE=-1\n"}, "fail"),
    ("accounts_inactive_days", {**shadow(AGED), "etc/default/useradd": b"# INACTIVE=30\n"}, "fail"),
    ("accounts_inactive_days", {**shadow(AGED.replace(":30:", "::")), "etc/default/useradd": b"INACTIVE=30\n"}, "fail"),
    ("accounts_changed_in_past", shadow(AGED), "pass"),
    ("accounts_changed_in_past", shadow(BACK), "fail"),
    ("accounts_one_superuser", passwd(), "pass"),
    ("accounts_one_superuser", passwd(b"toor:x:0:0::/root:/bin/sh\n"), "fail"),
    ("accounts_one_superuser", passwd(b"#toor:x:0:0::/root:/bin/sh\n"), "pass"),
    ("accounts_one_superuser", passwd(b"toor:x:00:0::/root\n"), "fail"),
    ("accounts_root_primary_group", passwd(), "pass"),
    ("accounts_root_primary_group", passwd(b"eve:x:1001:0::/home/eve:/bin/sh\n"), "fail"),
    ("accounts_root_primary_group", passwd(of=PASSWD.replace(b"x:0:0:", b"x:0:1:")), "fail"),
    ("accounts_root_primary_group", passwd(b"halt:x:7:0::/sbin:/sbin/halt\n"), "pass"),
    ("accounts_one_root_group", passwd(), "pass"),
    ("accounts_one_root_group", passwd(group=GROUP + b"admins:x:0:\n"), "fail"),
    ("accounts_root_password", shadow(f"root:{HASH}:19000:0:99999:7:::"), "pass"),
    ("accounts_root_password", shadow("root:*:19000:0:99999:7:::"), "pass"),
    ("accounts_root_password", shadow("root::19000:0:99999:7:::"), "fail"),
    ("accounts_root_path", {"etc/profile": b'PATH="/usr/bin:/usr/local/bin"\n', **SAFE}, "pass"),
    ("accounts_root_path", {"etc/profile": b'PATH="/usr/bin:/opt/bin"\n', **SAFE}, "fail"),
    ("accounts_root_path", {"root/.bashrc": b"export PATH=$PATH:.\n"}, "fail"),
    ("accounts_root_path", {"root/.bashrc": b"export PATH=$PATH:\n"}, "fail"),
    ("accounts_root_path", {"root/.bash_profile": b"PATH=$PATH:$HOME/bin\n"}, "pass"),
    ("accounts_root_path", {"root/.bashrc": b"PATH=/opt/bin:$PATH\n", "opt/bin/": (b"", 0o777)}, "fail"),
    ("accounts_root_path", {"root/.bashrc": b"PATH=/opt/bin:$PATH\n", "opt/bin/": (b"", 0o755, 1000, 0)}, "fail"),
    ("accounts_root_path", {"etc/environment": b'PATH="/etc/passwd"\n', "etc/passwd": PASSWD}, "fail"),
    ("accounts_root_path", {"usr/bin/": (b"", 0o775)}, "fail"),
    ("accounts_root_path", {"usr/bin/": (b"", 0o755), "bin": "usr/bin"}, "pass"),
    ("accounts_root_umask", {"root/.bashrc": b"umask 027\n"}, "pass"),
    ("accounts_root_umask", {"root/.bashrc": b"# umask 022\n"}, "pass"),
    ("accounts_root_umask", {"root/.profile": b"umask 0022\n"}, "fail"),
    ("accounts_root_umask", {"root/.bashrc": b"umask u=rwx,g=rx,o=\n"}, "pass"),
    ("accounts_root_umask", {"root/.bashrc": b"umask u=rwx,g=rx,o=rx\n"}, "fail"),
    ("accounts_system_accounts", passwd(), "pass"),
    ("accounts_system_accounts", passwd(b"web:x:33:33::/var/www:/bin/bash\n"), "fail"),
    ("accounts_system_accounts", passwd(b"web:x:33:33::/var/www:\n"), "fail"),
    ("accounts_system_accounts", passwd(b"web:x:999:999::/:/bin/false\n"), "pass"),
    ("accounts_system_accounts", {**passwd(b"web:x:600:600::/:/bin/sh\n"), "etc/login.defs": b"UID_MIN 500\n"}, "pass"),
    ("accounts_locked_without_shell", passwd(shadow=b"daemon:*:19000:0:99999:7:::\n"), "pass"),
    ("accounts_locked_without_shell", passwd(shadow=f"daemon:{HASH}:19000:0:99999:7:::\n".encode()), "fail"),
    ("accounts_locked_without_shell", passwd(shadow=b"daemon::19000:0:99999:7:::\n"), "fail"),
    ("accounts_locked_without_shell", passwd(shadow=f"bob:{HASH}:19000:0:99999:7:::\n".encode()), "pass"),
    ("accounts_nologin_not_a_shell", passwd(), "pass"),
    ("accounts_nologin_not_a_shell", {"etc/shells": b"/bin/sh\n/usr/sbin/nologin\n"}, "fail"),
    ("accounts_nologin_not_a_shell", {"etc/shells": b"/bin/sh\n#/usr/sbin/nologin\n"}, "pass"),
    ("accounts_idle_shells_end", profile(b"TMOUT=900\nreadonly TMOUT\nexport TMOUT\n"), "pass"),
    ("accounts_idle_shells_end", profile(b"declare -xr TMOUT=600\n"), "pass"),
    ("accounts_idle_shells_end", profile(b"typeset -x -r TMOUT=600;\r\n"), "pass"),
    ("accounts_idle_shells_end", profile(b"readonly TMOUT=900 ; export TMOUT # idle\n"), "pass"),
    ("accounts_idle_shells_end", profile(b"if [ -z x ]; then readonly TMOUT=900; export TMOUT; fi\n"), "pass"),
    ("accounts_idle_shells_end", profile(b"TMOUT=900\nexport TMOUT\n"), "fail"),
    ("accounts_idle_shells_end", profile(b"TMOUT=900\nreadonly TMOUT\n"), "fail"),
    ("accounts_idle_shells_end", profile(b"declare -xr TMOUT=901\n"), "fail"),
    ("accounts_idle_shells_end", profile(b"declare -xr TMOUT=0\n"), "fail"),
    ("accounts_idle_shells_end", profile(b"#declare -xr TMOUT=600\n"), "fail"),
    ("accounts_idle_shells_end", profile(b"echo TMOUT=600; readonly OTHER; export OTHER\n"), "fail"),
    ("accounts_idle_shells_end", {**profile(b"declare -xr TMOUT=600\n"), "etc/profile": b"TMOUT=3600\n"}, "fail"),
    ("accounts_idle_shells_end", {"etc/profile.d/a.conf": b"declare -xr TMOUT=600\n"}, "fail"),
    ("accounts_umask", profile(b"umask 027\n"), "pass"),
    ("accounts_umask", profile(b"umask 0077\n"), "pass"),
    ("accounts_umask", profile(b"umask 022\n"), "fail"),
    ("accounts_umask", profile(b"umask 027\n[ 1 ] && umask 002\n"), "fail"),
    ("accounts_umask", profile(b"umask 027\n", login_defs=b"UMASK 022\n"), "fail"),
    ("accounts_umask", profile(b"umask 027\n", bashrc=b""), "fail"),
    ("accounts_umask", profile(b'echo "umask 022"\numask 027\n'), "pass"),
    ("accounts_hashes_in_shadow", passwd(), "pass"),
    ("accounts_hashes_in_shadow", passwd(f"eve:{HASH}:1001:1000::/:/bin/sh\n".encode()), "fail"),
    ("accounts_hashes_in_shadow", passwd(b"eve::1001:1000::/:/bin/sh\n"), "fail"),
    ("accounts_no_empty_password", shadow("bob:!:19000:0:99999:7:::"), "pass"),
    ("accounts_no_empty_password", shadow("bob::19000:0:99999:7:::"), "fail"),
    ("accounts_groups_exist", passwd(), "pass"),
    ("accounts_groups_exist", passwd(b"eve:x:1001:1001::/:/bin/sh\n"), "fail"),
    ("accounts_shadow_group_empty", passwd(), "pass"),
    ("accounts_shadow_group_empty", passwd(b"eve:x:1001:42::/:/bin/sh\n"), "fail"),
    ("accounts_shadow_group_empty", passwd(group=b"shadow:x:42:bob\n"), "fail"),
    ("accounts_unique_user_ids", passwd(), "pass"),
    ("accounts_unique_user_ids", passwd(b"eve:x:1000:1000::/:/bin/sh\n"), "fail"),
    ("accounts_unique_group_ids", passwd(), "pass"),
    ("accounts_unique_group_ids", passwd(group=GROUP + b"eve:x:1000:\n"), "fail"),
    ("accounts_unique_user_names", passwd(), "pass"),
    ("accounts_unique_user_names", passwd(b"bob:x:1001:1000::/:/bin/sh\n"), "fail"),
    ("accounts_unique_group_names", passwd(), "pass"),
    ("accounts_unique_group_names", passwd(group=GROUP + b"bob:x:1001:\n"), "fail"),
]

CHANGED: list[tuple[str, Files, dict[str, object], str]] = [
    ("accounts_root_password", shadow("root:*:19000:0:99999:7:::"), {"locked": False}, "fail"),
    ("accounts_warning_days", shadow(AGED.replace(":7:", ":3:"), PASS_WARN_AGE="7"), {"users": True}, "fail"),
    ("accounts_system_accounts", passwd(shadow=f"daemon:{HASH}::::::\n".encode()), {"locked": True}, "fail"),
    ("accounts_system_accounts", passwd(shadow=b"daemon:!!:::::::\n"), {"locked": True}, "pass"),
    (
        "accounts_encrypt_method",
        {**shadow(AGED, ENCRYPT_METHOD="SHA512"), "etc/libuser.conf": b"[defaults]\ncrypt_style = sha512\n"},
        {"accepted": ("SHA512",), "libuser": ("sha512",)},
        "pass",
    ),
    (
        "accounts_encrypt_method",
        {**shadow(AGED, ENCRYPT_METHOD="SHA512"), "etc/libuser.conf": b"[import]\ncrypt_style = sha512\n"},
        {"accepted": ("SHA512",), "libuser": ("sha512",)},
        "fail",
    ),
]


@pytest.mark.parametrize(("check", "files", "verdict"), ROWS)
def test_a_root_has_the_verdict_that_its_accounts_give_it(
    tmp_path: Path, check: str, files: Files, verdict: str
) -> None:
    assert outcome(tmp_path, check, files).verdict == verdict


@pytest.mark.parametrize(("check", "files", "parameters", "verdict"), CHANGED)
def test_a_benchmark_may_ask_for_more(
    tmp_path: Path, check: str, files: Files, parameters: dict[str, object], verdict: str
) -> None:
    assert outcome(tmp_path, check, files, parameters).verdict == verdict


def test_no_hash_is_shown(tmp_path: Path) -> None:
    files = {**shadow(f"root:{HASH}:::::::"), "etc/passwd": f"root:{HASH}:0:0::/root:/bin/sh\n".encode()}
    checks = ("accounts_root_password", "accounts_hashes_in_shadow", "accounts_maximum_days")
    assert not any(HASH in repr(outcome(tmp_path, check, files)) for check in checks)
