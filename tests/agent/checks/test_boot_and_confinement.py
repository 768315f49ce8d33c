"""Checks of the boot loader, AppArmor, SELinux, the crypto policy and where packages come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.hosts.judged import outcome

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hosts.judged import Files

MENU, HASH = "boot/grub/grub.cfg", "grub.pbkdf2.sha512.10000.AB.CD"
ADMIN = f'set superusers="admin"\npassword_pbkdf2 admin {HASH}\n'.encode()
LINUX = b"menuentry 'x' {\n\tlinux\t/boot/vmlinuz root=/dev/sda1 %b\n}\n"
PROFILE = "etc/apparmor.d/usr.bin.man"
ENFORCED = b"#include <tunables/global>\n/usr/bin/man {\n  /etc/{a,b} r,\n  profile child {\n  }\n}\n"
COMPLAINS = b"abi <abi/3.0>,\nprofile man /usr/bin/man flags=(attach_disconnected, complain) {\n}\n"
STUB = b"profile brave /opt/brave flags=(unconfined) {\n  userns,\n}\n"
LOADED = "sys/kernel/security/apparmor/profiles"
SELINUX = "etc/selinux/config"
POLICY, STATE = "etc/crypto-policies/config", "etc/crypto-policies/state/current"
MODULES = ("NO-SHA1", "NO-SSHCBC", "NO-SSHWEAKCIPHERS", "NO-SSHWEAKMACS", "NO-WEAKMAC", "NO-RPMSHA1")
PMODS: Files = {f"etc/crypto-policies/policies/modules/{name}.pmod": b"" for name in MODULES}
STRONG = ":".join(("DEFAULT", *MODULES)).encode() + b"\n"
SSHD = "etc/crypto-policies/back-ends/opensshserver.config"
GCM = b"Ciphers aes256-gcm@openssh.com,aes256-ctr\nMACs hmac-sha2-256\n"
DNF, REPO = "etc/dnf/dnf.conf", "etc/yum.repos.d/a.repo"
CHECKED = {DNF: b"[main]\ngpgcheck = 1\n"}

ROWS: list[tuple[str, Files, str]] = [
    ("boot_loader_password", {MENU: ADMIN}, "pass"),
    ("boot_loader_password", {MENU: ADMIN.replace(b'="admin"', b"='root'")}, "fail"),  # another user
    ("boot_loader_password", {MENU: b"#" + ADMIN}, "fail"),
    ("boot_loader_password", {MENU: b'set superusers="a"\npassword a secret\n'}, "fail"),
    ("boot_loader_password", {MENU: b"set timeout=5\n"}, "fail"),
    ("boot_loader_password", {}, "not applicable"),
    ("boot_loader_password", {"boot/grub2/user.cfg": f"GRUB2_PASSWORD={HASH}\n".encode()}, "pass"),
    ("boot_loader_password", {"boot/grub2/user.cfg": b"GRUB2_PASSWORD=plain\n", "boot/grub2/grub.cfg": b""}, "fail"),
    ("boot_loader_password", {"etc/grub.d/40_custom": ADMIN}, "pass"),
    (
        "boot_loader_password",
        {
            "boot/grub2/user.cfg": f"GRUB2_PASSWORD={HASH}\n".encode(),
            "boot/grub2/grub.cfg": b'    set superusers="root"\n',
        },
        "pass",
    ),
    (
        "boot_loader_password",  # nothing makes a superuser of the one who has it
        {"boot/grub2/user.cfg": f"GRUB2_PASSWORD={HASH}\n".encode(), "boot/grub2/grub.cfg": b"set timeout=5\n"},
        "fail",
    ),
    ("boot_loader_access", {MENU: (b"", 0o600)}, "pass"),
    ("boot_loader_access", {MENU: (b"", 0o400)}, "pass"),
    ("boot_loader_access", {MENU: (b"", 0o640)}, "fail"),
    ("boot_loader_access", {MENU: (b"", 0o600, 1, 0)}, "fail"),
    ("boot_loader_access", {"boot/grub2/user.cfg": (b"", 0o604), "boot/grub2/grub.cfg": (b"", 0o600)}, "fail"),
    ("apparmor_at_boot", {MENU: LINUX % b"apparmor=1 security=apparmor"}, "pass"),
    ("apparmor_at_boot", {MENU: LINUX % b"apparmor=1"}, "fail"),
    ("apparmor_at_boot", {MENU: LINUX % b"apparmor=1 security=apparmor" + LINUX % b"quiet"}, "fail"),
    ("apparmor_at_boot", {"etc/default/grub": b'GRUB_CMDLINE_LINUX="apparmor=1 security=apparmor"\n'}, "pass"),
    ("apparmor_at_boot", {"etc/default/grub": b'GRUB_CMDLINE_LINUX=""\n'}, "fail"),
    ("apparmor_at_boot", {}, "not applicable"),
    ("apparmor_profiles_loaded", {PROFILE: ENFORCED}, "pass"),
    ("apparmor_profiles_loaded", {PROFILE: COMPLAINS}, "pass"),
    ("apparmor_profiles_loaded", {PROFILE: STUB}, "fail"),
    ("apparmor_profiles_loaded", {}, "fail"),
    (
        "apparmor_profiles_loaded",
        {PROFILE: ENFORCED, "etc/apparmor.d/disable/usr.bin.man": "/etc/apparmor.d/usr.bin.man"},
        "fail",
    ),
    ("apparmor_profiles_enforced", {PROFILE: ENFORCED}, "pass"),
    ("apparmor_profiles_enforced", {PROFILE: COMPLAINS}, "fail"),
    (
        "apparmor_profiles_enforced",
        {PROFILE: ENFORCED, "etc/apparmor.d/force-complain/usr.bin.man": "../usr.bin.man"},
        "fail",
    ),
    ("apparmor_profiles_enforced", {PROFILE: ENFORCED, "etc/apparmor.d/x.dpkg-old": COMPLAINS}, "pass"),
    ("selinux_at_boot", {"boot/loader/entries/a.conf": b"options root=/dev/sda1 ro\n"}, "pass"),
    ("selinux_at_boot", {"boot/loader/entries/a.conf": b"options ro selinux=0\n"}, "fail"),
    ("selinux_at_boot", {"etc/default/grub": b'GRUB_CMDLINE_LINUX="quiet enforcing=0"\n'}, "fail"),
    ("selinux_policy", {SELINUX: b"SELINUX=enforcing\nSELINUXTYPE=targeted \n"}, "pass"),
    ("selinux_policy", {SELINUX: b"SELINUXTYPE=minimum\n"}, "fail"),
    ("selinux_policy", {SELINUX: b"#SELINUXTYPE=targeted\n"}, "fail"),
    ("selinux_not_disabled", {SELINUX: b"SELINUX=Permissive\n"}, "pass"),
    ("selinux_not_disabled", {SELINUX: b"# SELINUX=enforcing\nSELINUX=disabled\n"}, "fail"),
    ("selinux_not_disabled", {SELINUX: b"SELINUX = enforcing\n"}, "fail"),  # libselinux takes no spaces
    ("selinux_enforcing", {SELINUX: b"SELINUX=enforcing\r\n"}, "pass"),
    ("selinux_enforcing", {SELINUX: b"SELINUX=permissive\nSELINUX=enforcing\n"}, "fail"),  # the first counts
    ("crypto_policy_strong", {POLICY: STRONG, STATE: STRONG, **PMODS}, "pass"),
    ("crypto_policy_strong", {POLICY: b"# the policy\n" + STRONG.lower(), **PMODS}, "pass"),
    ("crypto_policy_strong", {POLICY: STRONG, STATE: b"DEFAULT\n", **PMODS}, "fail"),
    ("crypto_policy_strong", {POLICY: STRONG}, "fail"),  # no module is there
    ("crypto_policy_strong", {POLICY: b"DEFAULT:NO-SHA1\n", **PMODS}, "fail"),
    ("crypto_policy_strong", {POLICY: STRONG.replace(b"DEFAULT", b"LEGACY"), **PMODS}, "fail"),
    ("crypto_policy_strong", {}, "fail"),
    ("crypto_policy_not_overridden_by_sshd", {"etc/sysconfig/sshd": b"# CRYPTO_POLICY=\n"}, "pass"),
    ("crypto_policy_not_overridden_by_sshd", {"etc/sysconfig/sshd": b"CRYPTO_POLICY=\n"}, "fail"),
    ("crypto_policy_without_chacha20_for_ssh", {SSHD: GCM}, "pass"),
    ("crypto_policy_without_chacha20_for_ssh", {SSHD: b"Ciphers aes256-ctr,chacha20-poly1305@openssh.com\n"}, "fail"),
    ("crypto_policy_without_etm_for_ssh", {SSHD: GCM}, "pass"),
    ("crypto_policy_without_etm_for_ssh", {SSHD: b"MACs hmac-sha2-256-etm@openssh.com\n"}, "fail"),
    ("dnf_gpgcheck", CHECKED, "pass"),
    ("dnf_gpgcheck", {DNF: b"[main]\ngpgcheck=True\n"}, "pass"),
    ("dnf_gpgcheck", {DNF: b"[main]\n#gpgcheck=1\n"}, "fail"),
    ("dnf_gpgcheck", {DNF: b"[other]\ngpgcheck=1\n"}, "fail"),
    ("dnf_gpgcheck", {**CHECKED, REPO: b"[a]\ngpgcheck=0\n"}, "fail"),
    ("dnf_gpgcheck", {**CHECKED, REPO: b"[a]\n#gpgcheck=0\n"}, "pass"),
    *((f"packages_{name}_reviewed", {}, "manual") for name in ("keys", "sources", "metadata_signatures", "updates")),
    ("selinux_unconfined_services", {}, "manual"),
    ("file_system_modules_reviewed", {}, "manual"),
]


@pytest.mark.parametrize(("check", "files", "verdict"), ROWS)
def test_a_root_has_the_verdict_that_its_files_give_it(tmp_path: Path, check: str, files: Files, verdict: str) -> None:
    assert outcome(tmp_path, check, files).verdict == verdict


RUNNING: list[tuple[str, Files, Files, str]] = [
    ("apparmor_profiles_loaded", {LOADED: b"/usr/bin/man (enforce)\nx (complain)\n"}, {}, "pass"),
    ("apparmor_profiles_enforced", {LOADED: b"/usr/bin/man (enforce)\nx (complain)\n"}, {}, "fail"),
    ("apparmor_profiles_loaded", {LOADED: b"", PROFILE: ENFORCED}, {}, "fail"),
    (
        "apparmor_profiles_enforced",
        {LOADED: b"/usr/bin/man (enforce)\n"},
        {"7/exe": "/usr/bin/man", "7/attr/current": b"unconfined\n"},
        "fail",
    ),
    ("selinux_enforcing", {SELINUX: b"SELINUX=enforcing\n", "sys/fs/selinux/enforce": b"0"}, {}, "fail"),
    ("selinux_enforcing", {SELINUX: b"SELINUX=enforcing\n", "sys/fs/selinux/enforce": b"1"}, {}, "pass"),
    ("selinux_not_disabled", {SELINUX: b"SELINUX=enforcing\n", "sys/fs/": (b"", 0o755)}, {}, "fail"),
]


@pytest.mark.parametrize(("check", "files", "shown", "verdict"), RUNNING)
def test_what_the_kernel_shows_counts_beside_what_is_configured(
    tmp_path: Path, check: str, files: Files, shown: Files, verdict: str
) -> None:
    assert outcome(tmp_path, check, files, shown={"cmdline": b"", **shown}).verdict == verdict


def test_the_hash_of_a_password_is_in_no_evidence(tmp_path: Path) -> None:
    assert HASH not in str(outcome(tmp_path, "boot_loader_password", {MENU: ADMIN}))
