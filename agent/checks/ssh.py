"""Checks of the SSH server."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from agent.checks.engine.check import Check
from agent.checks.predicates import crypto_policy, file_access, package, presence, sshd
from agent.checks.predicates.combine import all_of, any_of
from agent.checks.sources import sshd as sources

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule, Value

_SERVER = any_of(package.installed("openssh-server"), presence.exists("/usr/sbin/sshd"))
_FIX = "Write it to the top of /etc/ssh/sshd_config or to a file of sshd_config.d that comes first, and reload sshd."
_LISTS = ("AllowUsers", "AllowGroups", "DenyUsers", "DenyGroups")
_CBC = ("3des-cbc", "aes128-cbc", "aes192-cbc", "aes256-cbc", "rijndael-cbc@lysator.liu.se")
_OLD = ("arcfour", "arcfour128", "arcfour256", "blowfish-cbc", "cast128-cbc")
_WEAK_EXCHANGES = ("diffie-hellman-group1-sha1", "diffie-hellman-group14-sha1", "diffie-hellman-group-exchange-sha1")
_WEAK_NAMES = ("hmac-md5", "hmac-md5-96", "hmac-ripemd160", "hmac-sha1", "hmac-sha1-96", "umac-64")
_WEAK_CODES = (
    *(name for name in _WEAK_NAMES if name != "umac-64"),
    *(f"{name}-etm@openssh.com" for name in _WEAK_NAMES),
    *("hmac-ripemd160@openssh.com", "umac-64@openssh.com"),
)
_KEY_MODES = (("root", "0600"), ("ssh_keys", "0640"), ("_ssh", "0640"), ("ssh", "0640"))


def _keep_alive() -> Rule:
    return all_of(sshd.at_least("ClientAliveInterval", 1), sshd.at_least("ClientAliveCountMax", 1))


def _config_access() -> Rule:
    modes = (("root", "0600"),)
    return all_of(
        file_access.files(("/etc/ssh/sshd_config",), modes, needed=True),
        file_access.files(("/etc/ssh/sshd_config.d/*",), modes),
    )


def _by_policy(keyword: str, refused: tuple[str, ...], modules: tuple[str, ...]) -> Rule:
    return crypto_policy.unless_set_by_hand(keyword, sshd.without(keyword, refused), modules)


def _set(name: str, keyword: str, accepted: Value, why: str) -> Check:
    told = accepted if isinstance(accepted, str) else " or ".join(map(str, accepted))  # type: ignore[arg-type]
    rule = partial(sshd.is_set, keyword)
    return Check(f"ssh_{name}", f"{keyword} of sshd is {told}", why, _FIX, rule, {"accepted": accepted}, _SERVER)


def _check(name: str, title: str, why: str, rule: partial[Rule], fix: str = _FIX, **parameters: Value) -> Check:
    return Check(f"ssh_{name}", title, why, fix, rule, parameters, _SERVER)


CHECKS = (
    _check(
        "config_access",
        "Only root can read and write the configuration of sshd",
        "Who can write it decides who can log in.",
        partial(_config_access),
        "Give sshd_config and the files of sshd_config.d to root and group root, with the mode 0600.",
    ),
    _check(
        "private_keys_access",
        "Private host keys are root's alone",
        "Who can read them can pretend to be this host.",
        partial(file_access.given, sources.host_keys, "private host keys", _KEY_MODES),
        "Give the keys to root with the mode 0600, or 0640 where a group of their own has them.",
    ),
    _check(
        "public_keys_access",
        "Only root can write public host keys",
        "Clients are told to trust what they say.",
        partial(file_access.given, sources.public_host_keys, "public host keys", (("root", "0644"),)),
        "Give them to root and group root, with the mode 0644.",
    ),
    _check(
        "access_limited",
        "sshd names who may log in, or who may not",
        "Every account of the host could be tried.",
        partial(sshd.any_of_them, _LISTS),
    ),
    _set("banner", "Banner", "/etc/issue.net", "Users are told the terms of use before they log in."),
    _check(
        "ciphers",
        "sshd offers no CBC ciphers",
        "Parts of the plain text can be recovered from them.",
        partial(sshd.without, "Ciphers"),
        refused=(*_CBC, *_OLD),
    ),
    _check(
        "key_exchanges",
        "sshd offers no key exchange with SHA-1",
        "Who can make hashes collide, or solve small groups, can read what was sent.",
        partial(sshd.without, "KexAlgorithms"),
        refused=_WEAK_EXCHANGES,
    ),
    _check(
        "macs",
        "sshd offers strong message authentication alone",
        "Short or broken hashes let packets be forged.",
        partial(sshd.without, "MACs"),
        refused=_WEAK_CODES,
    ),
    _check(
        "ciphers_by_policy",
        "sshd offers no weak ciphers, by the system's crypto policy or its own list",
        "Parts of the plain text can be recovered from them.",
        partial(_by_policy, "Ciphers"),
        "Set a crypto policy with the modules NO-SSHCBC and NO-SSHWEAKCIPHERS.",
        refused=(*_CBC, *_OLD, "chacha20-poly1305@openssh.com"),
        modules=("NO-SSHCBC", "NO-SSHWEAKCIPHERS"),
    ),
    _check(
        "key_exchanges_by_policy",
        "sshd offers no key exchange with SHA-1, by the system's crypto policy or its own list",
        "Who can make hashes collide, or solve small groups, can read what was sent.",
        partial(_by_policy, "KexAlgorithms"),
        "Set a crypto policy with the module NO-SHA1.",
        refused=_WEAK_EXCHANGES,
        modules=("NO-SHA1",),
    ),
    _check(
        "macs_by_policy",
        "sshd offers strong message authentication alone, by the system's crypto policy or its own list",
        "Short or broken hashes let packets be forged.",
        partial(_by_policy, "MACs"),
        "Set a crypto policy with the modules NO-SSHWEAKMACS and NO-WEAKMAC.",
        refused=_WEAK_CODES,
        modules=("NO-SSHWEAKMACS", "NO-WEAKMAC"),
    ),
    _check(
        "keep_alive",
        "sshd ends sessions of clients that do not answer",
        "What is left of a broken connection could be taken over.",
        partial(_keep_alive),
    ),
    _set("disable_forwarding", "DisableForwarding", "yes", "Connections tunnel past the filters."),
    _set("gssapi", "GSSAPIAuthentication", "no", "One more library is reached before a login."),
    _set("hostbased", "HostbasedAuthentication", "no", "Whoever takes over a trusted host can log in as anybody."),
    _set("ignore_rhosts", "IgnoreRhosts", "yes", "Users could let others in without a password."),
    _check(
        "login_grace_time",
        "sshd waits a minute for a login at most",
        "Connections that never log in keep others out.",
        partial(sshd.between, "LoginGraceTime"),
        least=1,
        most=60,
    ),
    _set("log_level", "LogLevel", ("VERBOSE", "INFO"), "Logins go unseen, or are lost among messages for developers."),
    _check(
        "max_auth_tries",
        "sshd allows few tries for each connection",
        "Passwords can be guessed faster.",
        partial(sshd.between, "MaxAuthTries", 1),
        most=4,
    ),
    _check(
        "max_sessions",
        "sshd allows few sessions for each connection",
        "One client could use up the host.",
        partial(sshd.between, "MaxSessions", 0),
        most=10,
    ),
    _check(
        "max_startups",
        "sshd limits connections that have not logged in",
        "Clients that never log in would keep all others out.",
        partial(sshd.startups),
        most="10:30:60",
    ),
    _set("permit_empty_passwords", "PermitEmptyPasswords", "no", "An account without a password would be open to all."),
    _set(
        "permit_root_login", "PermitRootLogin", "no", "Nobody could tell who it was, and its name need not be guessed."
    ),
    _set(
        "permit_user_environment", "PermitUserEnvironment", "no", "Users could make programs of others load their code."
    ),
    _set("use_pam", "UsePAM", "yes", "Locks and limits of accounts would not hold for logins over the network."),
)
