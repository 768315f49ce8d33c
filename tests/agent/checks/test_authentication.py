from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.hosts.judged import outcome
from tests.hosts.trees import stanza

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hosts.judged import Files

STATUS = "var/lib/dpkg/status"
AUTH = b"""\
auth requisite pam_faillock.so preauth
auth [success=2 default=ignore] pam_unix.so try_first_pass
auth [default=die] pam_faillock.so authfail
auth requisite pam_deny.so
auth required pam_permit.so
"""
ACCOUNT = b"account required pam_unix.so\naccount required pam_faillock.so\n"
PASSWORD = b"""\
password requisite pam_pwquality.so retry=3
password requisite pam_pwhistory.so use_authtok remember=24 enforce_for_root
password [success=1 default=ignore] pam_unix.so obscure use_authtok try_first_pass yescrypt
password requisite pam_deny.so
password required pam_permit.so
"""
SESSION = b"session required pam_unix.so\n"


def debian(auth: bytes = AUTH, account: bytes = ACCOUNT, password: bytes = PASSWORD, **more: bytes) -> Files:
    """Give the shared stacks of Debian, with files of /etc/security."""
    stacks = {"auth": auth, "account": account, "password": password, "session": SESSION}
    files: Files = {f"etc/pam.d/common-{kind}": content for kind, content in stacks.items()}
    return {**files, **{f"etc/security/{name}.conf": content for name, content in more.items()}}


def red_hat(system: bytes, password: bytes | None = None) -> Files:
    """Give the shared stacks of the RHEL family."""
    return {"etc/pam.d/system-auth": system, "etc/pam.d/password-auth": system if password is None else password}


NESTED = b"""\
auth substack inner
auth [success=1 default=ignore] pam_unix.so
auth required pam_faillock.so authfail
auth required pam_faillock.so preauth
account required pam_faillock.so
"""
ON_LINES = b"""\
auth required pam_faillock.so preauth unlock_time=900
auth sufficient pam_unix.so
auth required pam_faillock.so authfail unlock_time=900
"""
FAILED_BEFORE = b"auth required pam_deny.so\nauth sufficient pam_permit.so\n" + AUTH
JUMPS_OUT = b"auth substack inner\n" + AUTH
FIRST_DENIES = b"auth requisite pam_deny.so\n" + AUTH
JUMPED = b"password [default=1] pam_unix.so\npassword required pam_pwquality.so\npassword required pam_permit.so\n"
OLD, NEW = stanza("libpam-modules", "1.5.2-6+deb12u1"), stanza("libpam-modules", "1.5.3-5ubuntu5")
FORGETS = PASSWORD.replace(b" remember=24 enforce_for_root", b"")

ROWS: list[tuple[str, Files, str]] = [
    ("package_pam_runtime_installed", {STATUS: stanza("libpam-runtime")}, "pass"),
    ("package_pam_runtime_installed", {STATUS: stanza("bash")}, "fail"),
    ("package_pam_modules_installed", {STATUS: stanza("libpam-modules")}, "pass"),
    ("package_pam_modules_installed", {STATUS: stanza("bash")}, "fail"),
    ("package_pam_pwquality_installed", {STATUS: stanza("libpam-pwquality")}, "pass"),
    ("package_pam_pwquality_installed", {STATUS: stanza("bash")}, "fail"),
    ("package_pam_latest", {STATUS: stanza("pam")}, "pass"),
    ("package_pam_latest", {STATUS: stanza("bash")}, "fail"),
    ("package_authselect_latest", {STATUS: stanza("authselect")}, "pass"),
    ("package_authselect_latest", {STATUS: stanza("bash")}, "fail"),
    ("pam_unix_called", debian(), "pass"),
    ("pam_unix_called", debian(account=b"account required pam_permit.so\n"), "fail"),
    ("pam_unix_called", {}, "fail"),
    ("pam_faillock_called", debian(), "pass"),
    ("pam_faillock_called", debian(auth=AUTH.replace(b"preauth", b"# preauth")), "fail"),
    (
        "pam_faillock_called",
        debian(auth=AUTH.replace(b"auth requisite pam_faillock", b"#auth requisite pam_faillock")),
        "fail",
    ),
    ("pam_faillock_called", debian(auth=FIRST_DENIES), "fail"),
    ("pam_faillock_called", debian(account=b"account required pam_unix.so\n"), "fail"),
    ("pam_faillock_called", debian(auth=AUTH.replace(b"success=2", b"\\\n  success=2")), "pass"),
    ("pam_faillock_called", debian(auth=b"@include other\n", account=ACCOUNT) | {"etc/pam.d/other": AUTH}, "pass"),
    ("pam_faillock_called", red_hat(AUTH + ACCOUNT), "pass"),
    ("pam_faillock_called", red_hat(AUTH + ACCOUNT, ACCOUNT), "fail"),
    ("pam_faillock_called", red_hat(b"auth include inner\n" + ACCOUNT) | {"etc/pam.d/inner": AUTH}, "pass"),
    (
        "pam_faillock_called",
        red_hat(NESTED) | {"etc/pam.d/inner": b"auth requisite pam_deny.so\nauth required x.so\n"},
        "pass",
    ),
    ("pam_faillock_called", red_hat(FAILED_BEFORE + ACCOUNT), "pass"),
    (
        "pam_faillock_called",
        red_hat(FAILED_BEFORE.replace(b"required pam_deny", b"optional pam_deny") + ACCOUNT),
        "fail",
    ),
    (
        "pam_faillock_called",
        red_hat(JUMPS_OUT + ACCOUNT) | {"etc/pam.d/inner": b"auth [success=9] pam_permit.so\n"},
        "pass",
    ),
    ("pam_pwquality_called", debian(), "pass"),
    ("pam_pwquality_called", debian(password=JUMPED), "fail"),
    ("pam_pwhistory_called", debian(), "pass"),
    ("pam_pwhistory_called", debian(password=b"password required pam_unix.so\n"), "fail"),
    ("faillock_deny", debian(), "pass"),
    ("faillock_deny", debian(faillock=b"deny = 5\n"), "pass"),
    ("faillock_deny", debian(faillock=b"deny=6\n"), "fail"),
    ("faillock_deny", debian(faillock=b"deny=0\n"), "fail"),
    ("faillock_deny", debian(faillock=b"# deny=6\n"), "pass"),
    ("faillock_deny", debian(faillock=b"deny = 4 # four\r\n"), "pass"),
    ("faillock_deny", debian(faillock=b"deny=6\ndeny=3\n"), "pass"),
    ("faillock_deny", debian(auth=AUTH.replace(b"authfail", b"authfail deny=10"), faillock=b"deny=3\n"), "fail"),
    ("faillock_deny", debian(auth=b"auth required pam_unix.so\n", faillock=b"deny=3\n"), "fail"),
    ("faillock_unlock_time", debian(faillock=b"unlock_time = 900\n"), "pass"),
    ("faillock_unlock_time", debian(auth=ON_LINES + b"auth sufficient pam_faillock.so authsucc\n"), "pass"),
    ("faillock_unlock_time", debian(auth=ON_LINES.replace(b"preauth unlock_time=900", b"preauth")), "fail"),
    ("faillock_unlock_time", debian(faillock=b"unlock_time = never\n"), "pass"),
    ("faillock_unlock_time", debian(faillock=b"unlock_time = 0\n"), "pass"),
    ("faillock_unlock_time", debian(faillock=b"unlock_time = 600\n"), "fail"),
    ("faillock_unlock_time", debian(), "fail"),
    ("faillock_root", debian(faillock=b"even_deny_root\n"), "pass"),
    ("faillock_root", debian(faillock=b"root_unlock_time=60\n"), "pass"),
    ("faillock_root", debian(faillock=b"even_deny_root\nroot_unlock_time=30\n"), "fail"),
    ("faillock_root", debian(), "fail"),
    ("pwquality_minlen", debian(pwquality=b"minlen = 14\n"), "pass"),
    ("pwquality_minlen", debian(pwquality=b"minlen = 13\n"), "fail"),
    ("pwquality_minlen", debian(), "fail"),
    ("pwquality_minlen", debian(pwquality=b"minlen 15\n"), "pass"),
    ("pwquality_minlen", debian(password=PASSWORD.replace(b"retry=3", b"minlen=8"), pwquality=b"minlen=14\n"), "fail"),
    ("pwquality_minlen", {**debian(), "etc/security/pwquality.conf.d/50.conf": b"minlen=14\n"}, "pass"),
    (
        "pwquality_minlen",
        {**debian(pwquality=b"minlen=8"), "etc/security/pwquality.conf.d/50.conf": b"minlen=14\n"},
        "fail",
    ),
    ("pwquality_minlen", debian(password=b"password required pam_unix.so\n", pwquality=b"minlen=14\n"), "fail"),
    ("pwquality_difok", debian(pwquality=b"difok = 2\n"), "pass"),
    ("pwquality_difok", debian(), "fail"),
    ("pwquality_complexity", debian(pwquality=b"minclass = 4\n"), "pass"),
    ("pwquality_complexity", debian(pwquality=b"dcredit=-1\nucredit=-1\nlcredit=-1\nocredit=-1\n"), "pass"),
    ("pwquality_complexity", debian(pwquality=b"dcredit=-1\nucredit=-1\nlcredit=0\nocredit=-1\n"), "fail"),
    ("pwquality_maxrepeat", debian(pwquality=b"maxrepeat = 3\n"), "pass"),
    ("pwquality_maxrepeat", debian(pwquality=b"maxrepeat = 0\n"), "fail"),
    ("pwquality_maxsequence", debian(pwquality=b"maxsequence = 1\n"), "pass"),
    ("pwquality_maxsequence", debian(pwquality=b"maxsequence = 4\n"), "fail"),
    ("pwquality_dictcheck", debian(), "pass"),
    ("pwquality_dictcheck", debian(pwquality=b"dictcheck = 0\n"), "fail"),
    ("pwquality_enforcing", debian(), "pass"),
    ("pwquality_enforcing", debian(password=PASSWORD.replace(b"retry=3", b"enforcing=0")), "fail"),
    ("pwquality_root", debian(pwquality=b"enforce_for_root\n"), "pass"),
    ("pwquality_root", debian(pwquality=b"# enforce_for_root\n"), "fail"),
    ("pwhistory_remember", debian(), "pass"),
    ("pwhistory_remember", debian(password=FORGETS), "fail"),
    ("pwhistory_remember", {**debian(password=FORGETS, pwhistory=b"remember=24\n"), STATUS: NEW}, "pass"),
    ("pwhistory_remember", {**debian(password=FORGETS, pwhistory=b"remember=24\n"), STATUS: OLD}, "fail"),
    ("pwhistory_remember", {**debian(pwhistory=b"remember=5\n"), STATUS: NEW}, "pass"),
    ("pwhistory_root", debian(), "pass"),
    ("pwhistory_root", debian(password=FORGETS), "fail"),
    ("pwhistory_use_authtok", debian(), "pass"),
    (
        "pwhistory_use_authtok",
        debian(password=PASSWORD.replace(b"pam_pwhistory.so use_authtok", b"pam_pwhistory.so")),
        "fail",
    ),
    ("pam_unix_no_nullok", debian(), "pass"),
    ("pam_unix_no_nullok", debian(auth=AUTH.replace(b"try_first_pass", b"nullok")), "fail"),
    ("pam_unix_no_remember", debian(), "pass"),
    ("pam_unix_no_remember", debian(password=PASSWORD.replace(b"obscure", b"remember=5")), "fail"),
    ("pam_unix_hashing", debian(), "pass"),
    ("pam_unix_hashing", debian(password=PASSWORD.replace(b"yescrypt", b"md5")), "fail"),
    ("pam_unix_hashing", debian(password=PASSWORD.replace(b"yescrypt", b"# yescrypt")), "fail"),
    ("pam_unix_use_authtok", debian(), "pass"),
    ("pam_unix_use_authtok", debian(password=PASSWORD.replace(b"obscure use_authtok", b"obscure")), "fail"),
]


@pytest.mark.parametrize(("check", "files", "verdict"), ROWS)
def test_a_root_has_the_verdict_that_pam_would_give_it(tmp_path: Path, check: str, files: Files, verdict: str) -> None:
    assert outcome(tmp_path, check, files).verdict == verdict


TEMPLATE = b"""\
auth required pam_faillock.so preauth {include if "with-faillock"}
auth sufficient pam_unix.so {if not "without-nullok":nullok}
password requisite pam_pwquality.so
password required pam_pwhistory.so
"""


@pytest.mark.parametrize(
    ("template", "config", "verdict"),
    [
        (TEMPLATE, b"custom/ours\nwith-faillock\n", "pass"),
        (TEMPLATE, b"custom/others\n", "fail"),
        (TEMPLATE.replace(b"pam_pwhistory", b"#pam_pwhistory"), b"custom/ours\n", "fail"),
        (TEMPLATE, b"", "fail"),
    ],
)
def test_a_profile_of_authselect_has_all_modules(tmp_path: Path, template: bytes, config: bytes, verdict: str) -> None:
    folder = "etc/authselect/custom/ours"
    files: Files = {f"{folder}/{name}": template for name in ("system-auth", "password-auth")}
    files["etc/authselect/authselect.conf"] = config
    assert outcome(tmp_path, "authselect_profile", files).verdict == verdict
