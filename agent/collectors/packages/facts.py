"""Facts about packages that are no package: modules here by the part of the section that they belong to."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agent.databases.distribution import Distribution
    from agent.host import Host
    from agent.model.records import Package, Record
    from agent.model.spec import Options


class Known(NamedTuple):
    """What is known of the host before facts are asked for.

    distribution: Distribution of the root.
    kernels: Packages that concern its kernels (agent.collectors.packages.kernel_packages).
    """

    distribution: Distribution
    kernels: Sequence[Package]


class Facts(Protocol):
    """What such a module has.

    READS: Globs of all that it reads.
    """

    READS: tuple[str, ...]

    def facts(self, host: Host, known: Known) -> Iterator[Record]:
        """Give the facts; foreseen failures are gaps."""
        ...


MODULES: dict[str, tuple[str, ...]] = {
    "origins": ("apt_repositories", "rpm_repositories", "modularity", "subscriptions"),
    "kernel": ("kernel",),
}
"""Names of modules by part."""


def asked_for(options: Options) -> Iterator[Facts]:
    """Give the modules of the parts that are asked for."""
    for part, names in MODULES.items():
        if options.asks_for(part):
            yield from map(_load, names)


def reads() -> Iterator[str]:
    """Give what all of them read."""
    for names in MODULES.values():
        for name in names:
            yield from _load(name).READS


def _load(name: str) -> Facts:
    return cast("Facts", import_module(f"{__package__}.{name}"))
