"""Judgements about nodes of Kubernetes: the kubelet, kube-proxy, and their files."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import FAIL, PASS, Outcome, judged
from agent.checks.predicates import file_access
from agent.checks.sources import kube_proxy, kubelet, program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System

_LOCAL = ("127.", "localhost", "[::1]", "::1")


class Node(NamedTuple):
    """The host is a node of Kubernetes, or has a part of one."""

    what: str
    there: Callable[[System], bool]

    def judge(self, system: System) -> Outcome:
        """Give the outcome."""
        there = system.get(self.there)
        return judged(there, f"the host has a {self.what}", "it has" if there else "it has none")


class Setting(NamedTuple):
    """A setting of the kubelet whose value holds by some measure.

    flag: Name of the argument; empty where there is none.
    key: Path in the configuration; empty where there is none.
    default: What the kubelet does with a configuration that does not say; None stands for nothing.
    alone: What it does without any configuration.
    shown: Whether the value may be shown; a path or a name may not.
    holds: Judges a value, None for one that is not set.
    """

    flag: str
    key: str
    expected: str
    default: str | None
    alone: str | None
    shown: bool
    holds: Callable[[str | tuple[str, ...] | None], bool]

    def judge(self, system: System) -> Outcome:
        """Give the outcome."""
        said = kubelet.said(system, self.flag, self.key)
        expected = f"{self.key or self.flag} {self.expected}"
        if said is None:
            value = self.default if system.get(kubelet.is_configured) else self.alone
            told = "not set" if value is None else f"{value} by default"
            return judged(self.holds(value), expected, told)
        text = ",".join(said.value) if isinstance(said.value, tuple) else said.value
        return judged(self.holds(said.value), expected, text if self.shown else "set", (said.where,))


class ProxyIsLocal(NamedTuple):
    """kube-proxy shows its metrics on the host itself alone."""

    def judge(self, system: System) -> Outcome:
        """Give the outcome; it does so by default."""
        expected = "metricsBindAddress of kube-proxy is local"
        value = kube_proxy.setting(system, "metrics-bind-address", "metricsBindAddress")
        if not value:
            return Outcome(PASS, expected, "127.0.0.1:10249 by default")
        return Outcome(PASS if value.startswith(_LOCAL) else FAIL, expected, value)


def node() -> Rule:
    """Hold where the host has a kubelet."""
    return Node("kubelet", kubelet.is_there)


def proxy() -> Rule:
    """Hold where the host has a kube-proxy."""
    return Node("kube-proxy", kube_proxy.is_there)


def is_set(
    flag: str, key: str, accepted: tuple[str, ...], default: str | None = None, alone: str | None = None
) -> Rule:
    """Hold where a setting is one of some values."""
    return Setting(flag, key, " or ".join(accepted), default, alone, True, lambda value: _text(value) in accepted)


def is_not(flag: str, key: str, refused: tuple[str, ...], default: str | None = None, alone: str | None = None) -> Rule:
    """Hold where a setting is none of some values, and has none of them where it is a list."""
    told = f"not {' or '.join(refused)}"
    return Setting(flag, key, told, default, alone, True, lambda value: not set(refused) & set(_texts(value)))


def given(flag: str, key: str) -> Rule:
    """Hold where something is set; what it is is not shown."""
    return Setting(flag, key, "is set", None, None, False, bool)


def not_given(flag: str, key: str) -> Rule:
    """Hold where nothing is set; what it is is not shown."""
    return Setting(flag, key, "is not set", None, None, False, lambda value: not value)


def at_least(flag: str, key: str, least: int, default: str) -> Rule:
    """Hold where a setting is a number that is large enough."""
    told = f"at least {least}"
    return Setting(flag, key, told, default, default, True, lambda value: _number(value) >= least)


def among(flag: str, key: str, accepted: tuple[str, ...]) -> Rule:
    """Hold where a list is set, and all of it is among some values."""
    told = "is a list of strong ones"
    return Setting(flag, key, told, None, None, True, lambda value: bool(value) and set(_texts(value)) <= set(accepted))


def proxy_is_local() -> Rule:
    """Hold where kube-proxy shows its metrics on the host itself alone."""
    return ProxyIsLocal()


def closed(paths: Callable[[System], Iterable[str]], what: str, mode: str) -> Rule:
    """Hold where some files are open to no more than a mode, whosoever they are."""
    return file_access.given(paths, what, (("", mode),), owners=())


def of_root(paths: Callable[[System], Iterable[str]], what: str) -> Rule:
    """Hold where some files belong to root and its group."""
    return file_access.given(paths, what, (("root", file_access.ANY),))


def files_of_unit(system: System) -> list[str]:
    """Give the unit of the kubelet and its drop-ins."""
    return program.unit_files(system, kubelet.UNIT)


def _text(value: str | tuple[str, ...] | None) -> str | None:
    return value.lower() if isinstance(value, str) else None


def _texts(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return tuple((value or "").split(",")) if not isinstance(value, tuple) else value


def _number(value: str | tuple[str, ...] | None) -> int:
    text = _text(value) or ""
    return int(text) if text.isdigit() and len(text) < 10 else -1
