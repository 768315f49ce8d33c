"""The configuration of sshd: files with what they include, in the order of sshd_config(5), where the first value counts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from agent.checks.sources import files
from agent.formats import sshd_config

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.checks.engine.system import System

CONFIG = "/etc/ssh/sshd_config"
_DEPTH = 16
"""Files that include each other, as deep as sshd follows them."""
_OPTION_FILES = (
    *("/etc/default/ssh", "/etc/crypto-policies/back-ends/opensshserver.config"),
    *("/etc/sysconfig/sshd", "/etc/sysconfig/ssh"),
)
_OPTIONS = re.compile(r"^\s*(SSHD_OPTS|OPTIONS|CRYPTO_POLICY)\s*=\s*(.*)$")
_OPTION = re.compile(r"""-o\s*["']?(\w+)(?:\s*=\s*|\s+)([^\s"']+)""")

_AES = "aes128-ctr,aes192-ctr,aes256-ctr,aes128-gcm@openssh.com,aes256-gcm@openssh.com"
_SIZES = ("umac-64", "umac-128", "hmac-sha2-256", "hmac-sha2-512", "hmac-sha1")
_ETM = ",".join(f"{name}-etm@openssh.com" for name in _SIZES)
_CURVES = "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521"
_GROUPS = (
    "diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,"
    "diffie-hellman-group14-sha256"
)
DEFAULTS = {
    "banner": "none",
    "ciphers": f"chacha20-poly1305@openssh.com,{_AES}",
    "clientalivecountmax": "3",
    "clientaliveinterval": "0",
    "disableforwarding": "no",
    "gssapiauthentication": "no",
    "hostbasedauthentication": "no",
    "ignorerhosts": "yes",
    "kexalgorithms": f"sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com,{_CURVES},{_GROUPS}",
    "logingracetime": "120",
    "loglevel": "INFO",
    "macs": f"{_ETM},umac-64@openssh.com,umac-128@openssh.com,hmac-sha2-256,hmac-sha2-512,hmac-sha1",
    "maxauthtries": "6",
    "maxsessions": "10",
    "maxstartups": "10:30:100",
    "permitemptypasswords": "no",
    "permitrootlogin": "prohibit-password",
    "permituserenvironment": "no",
    "usepam": "no",
}
"""Of OpenSSH 8.2 to 9.9, which Debian, Ubuntu and the RHEL family leave as they are: they set what they change in files."""


class Setting(NamedTuple):
    """A keyword with its value.

    value: Its arguments, parted by spaces.
    where: The file and line; empty for a default.
    match: The conditions of the Match block that it is in; empty for a setting of all connections.
    """

    keyword: str
    value: str
    where: str
    match: str


def settings(system: System) -> tuple[Setting, ...]:
    """Give all settings in the order in which they are met: options of the service, then the files."""
    return (*_of_options(system), *_of_file(system, CONFIG, "", 0))


def effective(system: System, keyword: str) -> Setting:
    """Give what counts for connections that no condition fits; what a block `Match all` says outweighs what is global."""
    found = [each for each in system.get(settings) if each.keyword == keyword]
    for match in ("all", ""):
        first = next((each for each in found if each.match == match), None)
        if first:
            return first
    return Setting(keyword, DEFAULTS.get(keyword, ""), "", "")


def host_keys(system: System) -> list[str]:
    """Give the private host keys: those of the usual names, and those that HostKey names elsewhere."""
    named = (each.value for each in system.get(settings) if each.keyword == "hostkey" and each.value.startswith("/"))
    return list(dict.fromkeys((*system.root.glob("/etc/ssh/*_key"), *named)))


def public_host_keys(system: System) -> list[str]:
    """Give the public keys beside them, and all others in the directory."""
    beside = (f"{path}.pub" for path in host_keys(system))
    return list(dict.fromkeys((*system.root.glob("/etc/ssh/*.pub"), *beside)))


def conditional(system: System, keyword: str) -> tuple[Setting, ...]:
    """Give what is said of a keyword for some connections alone."""
    return tuple(each for each in system.get(settings) if each.keyword == keyword and each.match not in ("", "all"))


def algorithms(value: str, keyword: str) -> tuple[str, ...]:
    """Give the names of a list, which may add to the default (+), take from it (-) or be put before it (^)."""
    default = DEFAULTS[keyword].split(",")
    names = [name for name in value.lstrip("+-^").split(",") if name]
    if value.startswith("-"):
        taken = [re.compile(re.escape(name).replace(r"\*", ".*").replace(r"\?", ".")) for name in names]
        return tuple(name for name in default if not any(each.fullmatch(name) for each in taken))
    if value.startswith("+"):
        return tuple(dict.fromkeys((*default, *names)))
    return tuple(dict.fromkeys((*names, *default))) if value.startswith("^") else tuple(names)


def _of_file(system: System, path: str, match: str, depth: int) -> Iterator[Setting]:
    """Read a file; a Match block ends with it, and what a block includes is within the block."""
    if depth > _DEPTH:
        return
    outer = match
    for each in sshd_config.directives(files.lines(system, path)):
        if each.keyword == "match":
            match = _joined(outer, " ".join(each.arguments))
        elif each.keyword == "include":
            for pattern in each.arguments:
                place = pattern if pattern.startswith("/") else f"/etc/ssh/{pattern}"
                for included in system.root.glob(place):
                    yield from _of_file(system, included, match, depth + 1)
        else:
            yield Setting(each.keyword, " ".join(each.arguments), f"{path}:{each.number}", match)


def _joined(outer: str, inner: str) -> str:
    """Give the conditions of a block within a block; all is one that always fits."""
    inner = inner.lower() if inner.lower() == "all" else inner
    return inner if outer in ("", "all") else outer if inner == "all" else f"{outer} {inner}"


def _of_options(system: System) -> Iterator[Setting]:
    """Give what options of the command say, which the unit takes from files: of a variable that several set, the last."""
    values: dict[str, tuple[str, str]] = {}
    for path in _OPTION_FILES:
        for number, line in enumerate(files.lines(system, path), 1):
            given = _OPTIONS.match(line.decode("utf-8", "replace"))
            if given:
                values[given[1]] = given[2], f"{path}:{number}"
    for text, where in values.values():
        for option in _OPTION.finditer(text):
            yield Setting(option[1].lower(), option[2], where, "")
