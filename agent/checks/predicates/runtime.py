"""Judgements about container runtimes on the host: Docker, containerd and CRI-O."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import MANUAL, PASS, Outcome, judged
from agent.checks.predicates import file_access
from agent.checks.sources import accounts, container_runtimes, docker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System
    from agent.checks.sources.container_runtimes import Runtime


class There(NamedTuple):
    """The host has a runtime; None stands for Docker."""

    runtime: Runtime | None

    def judge(self, system: System) -> Outcome:
        """Give the outcome."""
        runtime = self.runtime
        there = docker.is_there(system) if runtime is None else container_runtimes.is_there(system, runtime)
        name = runtime.name if runtime else "Docker"
        return judged(there, f"the host has {name}", "it has" if there else "it has not")


class Daemon(NamedTuple):
    """A setting of Docker's daemon whose value holds by some measure.

    default: What the daemon does where nothing is said; None for nothing.
    shown: Whether the value may be shown; names of hosts and files may not.
    """

    key: str
    flags: tuple[str, ...]
    expected: str
    default: str | None
    shown: bool
    holds: Callable[[str | tuple[str, ...] | None], bool]

    def judge(self, system: System) -> Outcome:
        """Give the outcome."""
        said = docker.said(system, self.key, self.flags)
        expected = f"{self.key} {self.expected}"
        if said is None:
            told = "not set" if self.default is None else f"{self.default} by default"
            return judged(self.holds(self.default), expected, told, (docker.CONFIG,))
        text = ", ".join(said.value) if isinstance(said.value, tuple) else said.value
        return judged(self.holds(said.value), expected, text if self.shown else "set", (said.where,))


class OverTls(NamedTuple):
    """Docker's daemon is reached over the network by clients alone whose certificates it knows."""

    def judge(self, system: System) -> Outcome:
        """Give the outcome; a daemon that listens on no TCP address has nobody to ask."""
        expected = "tlsverify with certificates where the daemon listens on TCP"
        hosts = docker.said(system, "hosts", ("-H", "--host"))
        listens = hosts is not None and any(each.startswith("tcp://") for each in _texts(hosts.value))
        if hosts is None or not listens:
            return Outcome(PASS, expected, "it does not listen on TCP")
        asked = docker.said(system, "tlsverify")
        lacking = [key for key in ("tlscacert", "tlscert", "tlskey") if docker.said(system, key) is None]
        verifies = asked is not None and _is(asked.value, "true")
        found = "verified" if verifies and not lacking else "without certificates" if verifies else "not verified"
        return judged(verifies and not lacking, expected, found, (hosts.where,))


class Toml(NamedTuple):
    """No setting of a runtime whose path ends with a name has what is refused.

    name: The last part of the path.
    refused: Values; an empty text stands for the empty one.
    """

    runtime: Runtime
    name: str
    refused: tuple[str, ...]

    def judge(self, system: System) -> Outcome:
        """Give the outcome with the settings that have it."""
        settings = system.get(container_runtimes.settings, self.runtime)
        told = " or ".join(each or "empty" for each in self.refused)
        wrong = [
            (each.value, each.where)
            for path, each in settings.items()
            if path.rpartition("/")[2] == self.name and any(_is(each.value, refused) for refused in self.refused)
        ]
        found = f"{self.name} = {wrong[0][0]}" if wrong else "none"
        return judged(not wrong, f"no {self.name} = {told}", found, tuple(where for _, where in wrong[:8]))


class Trusted(NamedTuple):
    """The members of a group are people who may be root."""

    group: str

    def judge(self, system: System) -> Outcome:
        """Give the outcome: none need a person to judge them where there are none."""
        expected = f"the members of {self.group} may be root"
        group = next((each for each in system.get(accounts.groups) if each.name == self.group), None)
        members = len(group.members) if group else 0
        where = (f"{accounts.GROUP}:{group.number}",) if group else ()
        return Outcome(MANUAL if members else PASS, expected, f"{members} members", where)


def docker_there() -> Rule:
    """Hold where the host has a Docker daemon."""
    return There(None)


def there(runtime: Runtime) -> Rule:
    """Hold where the host has a runtime."""
    return There(runtime)


def is_set(key: str, accepted: tuple[str, ...], default: str | None = None) -> Rule:
    """Hold where a setting of Docker's daemon is one of some values."""
    told = f"is {' or '.join(accepted)}"
    return Daemon(key, (), told, default, True, lambda value: any(_is(value, each) for each in accepted))


def is_not(key: str, refused: tuple[str, ...], default: str | None = None) -> Rule:
    """Hold where a setting of Docker's daemon is none of some values."""
    told = f"is not {' or '.join(refused)}"
    return Daemon(key, (), told, default, True, lambda value: not any(_is(value, each) for each in refused))


def given(key: str, flags: tuple[str, ...] = ()) -> Rule:
    """Hold where something is set; what it is is not shown."""
    return Daemon(key, flags, "is set", None, False, bool)


def not_given(key: str, flags: tuple[str, ...] = ()) -> Rule:
    """Hold where nothing is set; what it is is not shown."""
    return Daemon(key, flags, "is not set", None, False, lambda value: not value)


def over_tls() -> Rule:
    """Hold where the daemon listens on no TCP address, or verifies its clients."""
    return OverTls()


def without(runtime: Runtime, name: str, refused: tuple[str, ...]) -> Rule:
    """Hold where no setting of a runtime of some name has a value that is refused."""
    return Toml(runtime, name, refused)


def trusted(group: str) -> Rule:
    """Hold where a group has no members; ask a person where it has."""
    return Trusted(group)


def closed(paths: Callable[[System], Iterable[str]], what: str, mode: str) -> Rule:
    """Hold where some files are open to no more than a mode."""
    return file_access.given(paths, what, (("", mode),), owners=())


def of_root(paths: Callable[[System], Iterable[str]], what: str, groups: tuple[str, ...] = ("root",)) -> Rule:
    """Hold where some files belong to root and one of some groups."""
    return file_access.given(paths, what, tuple((group, file_access.ANY) for group in groups))


def _is(value: str | tuple[str, ...] | None, wanted: str) -> bool:
    return isinstance(value, str) and value.lower() == wanted.lower()


def _texts(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (value,)
