from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.hosts.judged import outcome

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hosts.judged import Files

CONFIG = "etc/ssh/sshd_config"
SERVER: Files = {"usr/sbin/sshd": b""}
BACKEND = "etc/crypto-policies/back-ends/opensshserver.config"
STRONG = b"Ciphers aes256-gcm@openssh.com\nMACs hmac-sha2-512-etm@openssh.com\nKexAlgorithms curve25519-sha256\n"

MODULES = {f"usr/share/crypto-policies/policies/modules/{name}.pmod": b"" for name in ("NO-SSHWEAKMACS", "NO-WEAKMAC")}


def config(text: bytes, **more: bytes) -> Files:
    """Give a configuration with files of sshd_config.d."""
    drop_ins = {f"etc/ssh/sshd_config.d/{name}.conf": content for name, content in more.items()}
    return {CONFIG: text, **drop_ins}


INCLUDING = b"Include /etc/ssh/sshd_config.d/*.conf\n"

ROWS: list[tuple[str, Files, str]] = [
    ("ssh_max_auth_tries", config(b"MaxAuthTries 4\n"), "pass"),
    ("ssh_max_auth_tries", config(b"MaxAuthTries 5\n"), "fail"),
    ("ssh_max_auth_tries", config(b""), "fail"),
    ("ssh_max_auth_tries", config(b"#MaxAuthTries 4\n"), "fail"),
    ("ssh_max_auth_tries", config(b"  maxauthtries\t=\t3   \r\n"), "pass"),
    ("ssh_max_auth_tries", config(b'MaxAuthTries "3"\n'), "pass"),
    ("ssh_max_auth_tries", config(b"MaxAuthTries 3 # few\n"), "pass"),
    ("ssh_max_auth_tries", config(b"MaxAuthTries 6\nMaxAuthTries 3\n"), "fail"),
    ("ssh_max_auth_tries", config(b"MaxAuthTries 3\nMaxAuthTries 6\n"), "pass"),
    ("ssh_max_auth_tries", config(INCLUDING + b"MaxAuthTries 6\n", a=b"MaxAuthTries 2\n"), "pass"),
    ("ssh_max_auth_tries", config(b"MaxAuthTries 6\n" + INCLUDING, a=b"MaxAuthTries 2\n"), "fail"),
    ("ssh_max_auth_tries", config(INCLUDING, b=b"MaxAuthTries 2\n", a=b"MaxAuthTries 9\n"), "fail"),
    ("ssh_max_auth_tries", config(b"Include sshd_config.d/*.conf\n", a=b"MaxAuthTries 2\n"), "pass"),
    ("ssh_max_auth_tries", config(b"MaxAuthTries 2\n", a=b"MaxAuthTries 9\n"), "pass"),
    ("ssh_max_auth_tries", config(b"Match User bob\n  MaxAuthTries 2\n"), "fail"),
    ("ssh_max_auth_tries", config(b"Match User bob\n" + INCLUDING, a=b"MaxAuthTries 2\n"), "fail"),
    ("ssh_max_auth_tries", config(INCLUDING + b"MaxAuthTries 2\n", a=b"Match User bob\nMaxAuthTries 9\n"), "pass"),
    ("ssh_max_auth_tries", config(b"Match User bob\nMaxAuthTries 6\nMatch all\nMaxAuthTries 3\n"), "pass"),
    ("ssh_permit_root_login", config(b"PermitRootLogin no\n"), "pass"),
    ("ssh_permit_root_login", config(b"PERMITROOTLOGIN NO\n"), "pass"),
    ("ssh_permit_root_login", config(b""), "fail"),
    ("ssh_permit_root_login", config(b"PermitRootLogin without-password\n"), "fail"),
    (
        "ssh_permit_root_login",
        {**config(b"PermitRootLogin no\n"), "etc/default/ssh": b"SSHD_OPTS=-oPermitRootLogin=yes"},
        "fail",
    ),
    ("ssh_hostbased", config(b""), "pass"),
    ("ssh_hostbased", config(b"HostbasedAuthentication yes\n"), "fail"),
    ("ssh_ignore_rhosts", config(b""), "pass"),
    ("ssh_ignore_rhosts", config(b"IgnoreRhosts no\n"), "fail"),
    ("ssh_gssapi", config(b"GSSAPIAuthentication no\n"), "pass"),
    ("ssh_gssapi", config(b"GSSAPIAuthentication yes\n"), "fail"),
    ("ssh_disable_forwarding", config(b"DisableForwarding yes\n"), "pass"),
    ("ssh_disable_forwarding", config(b""), "fail"),
    ("ssh_permit_empty_passwords", config(b""), "pass"),
    ("ssh_permit_empty_passwords", config(b"PermitEmptyPasswords true\n"), "fail"),
    ("ssh_permit_user_environment", config(b""), "pass"),
    ("ssh_permit_user_environment", config(b"PermitUserEnvironment LANG,LC_*\n"), "fail"),
    ("ssh_use_pam", config(b"UsePAM yes\n"), "pass"),
    ("ssh_use_pam", config(b""), "fail"),
    ("ssh_banner", config(b"Banner /etc/issue.net\n"), "pass"),
    ("ssh_banner", config(b"Banner none\n"), "fail"),
    ("ssh_log_level", config(b"LogLevel verbose\n"), "pass"),
    ("ssh_log_level", config(b""), "pass"),
    ("ssh_log_level", config(b"LogLevel DEBUG\n"), "fail"),
    ("ssh_login_grace_time", config(b"LoginGraceTime 1m\n"), "pass"),
    ("ssh_login_grace_time", config(b"LoginGraceTime 0\n"), "fail"),
    ("ssh_login_grace_time", config(b""), "fail"),
    ("ssh_max_sessions", config(b""), "pass"),
    ("ssh_max_sessions", config(b"MaxSessions 11\n"), "fail"),
    ("ssh_max_startups", config(b"MaxStartups 10:30:60\n"), "pass"),
    ("ssh_max_startups", config(b"MaxStartups 10\n"), "pass"),
    ("ssh_max_startups", config(b"MaxStartups 10:30:100\n"), "fail"),
    ("ssh_max_startups", config(b""), "fail"),
    ("ssh_max_startups", config(b"MaxStartups 10:30:60\nMaxStartups 10:30:100\n"), "fail"),
    ("ssh_keep_alive", config(b"ClientAliveInterval 15\n"), "pass"),
    ("ssh_keep_alive", config(b"ClientAliveInterval 15\nClientAliveCountMax 0\n"), "fail"),
    ("ssh_keep_alive", config(b"ClientAliveCountMax 3\n"), "fail"),
    ("ssh_access_limited", config(b"AllowGroups people\n"), "pass"),
    ("ssh_access_limited", config(b"Match Address 10.0.0.0/8\n AllowUsers bob\n"), "fail"),
    ("ssh_ciphers", config(b""), "pass"),
    ("ssh_ciphers", config(b"Ciphers aes128-ctr,aes256-cbc\n"), "fail"),
    ("ssh_ciphers", config(b"Ciphers -3des-cbc,aes128-cbc\n"), "pass"),
    ("ssh_ciphers", config(b"Ciphers +3des-cbc\n"), "fail"),
    ("ssh_macs", config(b""), "fail"),
    ("ssh_macs", config(b"MACs -*sha1*,umac-64*\n"), "pass"),
    ("ssh_macs", config(b"MACs ^hmac-sha2-512\n"), "fail"),
    ("ssh_macs", config(b"MACs hmac-sha2-512,hmac-sha2-256\n"), "pass"),
    ("ssh_key_exchanges", config(b""), "pass"),
    ("ssh_key_exchanges", config(b"KexAlgorithms curve25519-sha256,diffie-hellman-group14-sha1\n"), "fail"),
    ("ssh_ciphers_by_policy", config(b""), "fail"),
    ("ssh_ciphers_by_policy", {**config(f"Include /{BACKEND}\n".encode()), BACKEND: STRONG}, "pass"),
    (
        "ssh_macs_by_policy",
        {**config(b""), **MODULES, "etc/crypto-policies/config": b"# x\nDEFAULT:NO-SHA1:NO-SSHWEAKMACS:NO-WEAKMAC\n"},
        "pass",
    ),
    (
        "ssh_macs_by_policy",
        {**config(b""), "etc/crypto-policies/config": b"DEFAULT:NO-SSHWEAKMACS:NO-WEAKMAC\n"},
        "fail",
    ),
    ("ssh_ciphers", {**config(b""), BACKEND: b"CRYPTO_POLICY='-oCiphers=aes256-cbc -oMACs=hmac-sha2-256'\n"}, "fail"),
    ("ssh_macs", {**config(b""), BACKEND: b"CRYPTO_POLICY='-oCiphers=aes256-cbc -oMACs=hmac-sha2-256'\n"}, "pass"),
    (
        "ssh_ciphers",
        {**config(b""), BACKEND: b"CRYPTO_POLICY='-oCiphers=aes256-cbc'\n", "etc/sysconfig/sshd": b"CRYPTO_POLICY=\n"},
        "pass",
    ),
    (
        "ssh_macs_by_policy",
        {
            **config(b"MACs hmac-sha1\n"),
            **MODULES,
            "etc/crypto-policies/config": b"DEFAULT:NO-SSHWEAKMACS:NO-WEAKMAC\n",
        },
        "fail",
    ),
    ("ssh_key_exchanges_by_policy", config(b"KexAlgorithms diffie-hellman-group14-sha1\n"), "fail"),
    ("ssh_key_exchanges_by_policy", config(b""), "pass"),
    ("ssh_config_access", {CONFIG: (b"", 0o600)}, "pass"),
    ("ssh_config_access", {CONFIG: (b"", 0o644)}, "fail"),
    ("ssh_config_access", {CONFIG: (b"", 0o600, 1000, 0)}, "fail"),
    ("ssh_config_access", {CONFIG: (b"", 0o600), "etc/ssh/sshd_config.d/a.conf": (b"", 0o644)}, "fail"),
    ("ssh_private_keys_access", {"etc/ssh/ssh_host_rsa_key": (b"", 0o600)}, "pass"),
    ("ssh_private_keys_access", {"etc/ssh/ssh_host_rsa_key": (b"", 0o640)}, "fail"),
    (
        "ssh_private_keys_access",
        {"etc/ssh/ssh_host_rsa_key": (b"", 0o640, 0, 996), "etc/group": b"ssh_keys:x:996:\n"},
        "pass",
    ),
    ("ssh_private_keys_access", {"etc/ssh/ssh_host_rsa_key": (b"", 0o640, 0, 996)}, "fail"),
    ("ssh_private_keys_access", {}, "not applicable"),
    ("ssh_private_keys_access", {CONFIG: b"HostKey /srv/key\n", "srv/key": (b"", 0o644)}, "fail"),
    ("ssh_public_keys_access", {CONFIG: b"HostKey /srv/key\n", "srv/key.pub": (b"", 0o666)}, "fail"),
    ("ssh_public_keys_access", {"etc/ssh/ssh_host_rsa_key.pub": (b"", 0o644)}, "pass"),
    ("ssh_public_keys_access", {"etc/ssh/ssh_host_rsa_key.pub": (b"", 0o664)}, "fail"),
]


@pytest.mark.parametrize(("check", "files", "verdict"), ROWS)
def test_a_root_has_the_verdict_that_sshd_would_give_it(tmp_path: Path, check: str, files: Files, verdict: str) -> None:
    assert outcome(tmp_path, check, {**SERVER, **files}).verdict == verdict


def test_without_a_server_nothing_applies(tmp_path: Path) -> None:
    assert outcome(tmp_path, "ssh_use_pam", config(b"")).verdict == "not applicable"


def test_a_match_block_that_weakens_what_holds_is_told(tmp_path: Path) -> None:
    text = b"PermitRootLogin no\nMatch Address 10.0.0.0/8\n  PermitRootLogin yes\n"
    found = outcome(tmp_path, "ssh_permit_root_login", {**SERVER, **config(text)})
    assert found.found == "no; yes for Match Address 10.0.0.0/8"
    assert found.where == (f"/{CONFIG}:1", f"/{CONFIG}:3")


def test_a_configuration_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    assert outcome(tmp_path, "ssh_use_pam", {**SERVER, f"{CONFIG}/": b""}).verdict == "error"


def test_files_that_include_each_other_end(tmp_path: Path) -> None:
    text = INCLUDING + b"MaxAuthTries 4\n"
    found = outcome(tmp_path, "ssh_max_auth_tries", {**SERVER, **config(text, a=INCLUDING)})
    assert found.verdict == "pass"
