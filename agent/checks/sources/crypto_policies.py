"""The crypto policy of the RHEL family (crypto-policies(7)): as configured, as applied, and what it gives sshd."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.sources import drop_ins

if TYPE_CHECKING:
    from agent.checks.engine.system import System

CONFIG = "/etc/crypto-policies/config"
STATE = "/etc/crypto-policies/state/current"
SSHD = "/etc/crypto-policies/back-ends/opensshserver.config"
_MODULES = ("/etc/crypto-policies/policies/modules", "/usr/share/crypto-policies/policies/modules")


class Policy(NamedTuple):
    """A policy with the modules that change it, in capitals, and where it is said."""

    name: str
    modules: tuple[str, ...]
    where: str

    def __str__(self) -> str:
        return ":".join((self.name, *self.modules))


def policy(system: System, path: str) -> Policy | None:
    """Give the policy that a file names in its first line that says something."""
    for line in drop_ins.lines(system, path):
        name, *modules = line.text.partition("#")[0].strip().upper().split(":")
        return Policy(name, tuple(modules), line.where)
    return None


def has_module(system: System, name: str) -> bool:
    """Tell whether a module is there to be applied."""
    return any(system.root.exists(f"{folder}/{name}.pmod") for folder in _MODULES)


def list_of_sshd(system: System, keyword: str) -> tuple[tuple[str, ...], str] | None:
    """Give the algorithms that the policy gives sshd for a keyword, as Ciphers, and where; None where it gives none."""
    for line in drop_ins.lines(system, SSHD):
        text = line.text.removeprefix("CRYPTO_POLICY='").rstrip("'")
        for word in text.replace("-o", "\n").splitlines():
            key, _, value = word.strip().replace("=", " ", 1).partition(" ")
            if key.lower() == keyword.lower():
                return tuple(value.strip().split(",")), line.where
    return None
