"""The benchmarks that there are, what each was written for, and which one suits a distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.benchmark import Recommendation, tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from agent.checks.engine.release import Release


class Benchmark(NamedTuple):
    """A benchmark.

    name: debian12.
    title: Its published title.
    version: Its published version.
    folder: Folder of its tables.
    written_for: Distribution and version that its recommendations were written for: "debian 12".
    systems: Distributions with major versions to which it is applied by itself: ID of os-release and the version;
        empty for one that is about no distribution, which suits every one and is applied where it is asked for.
    without: Sections that mean something else, or nothing, on these systems.
    """

    name: str
    title: str
    version: str
    folder: str
    written_for: str
    systems: tuple[tuple[str, str], ...]
    without: frozenset[str] = frozenset()

    @property
    def is_derived(self) -> bool:
        """Whether it is another one's recommendations for systems that they were not written for."""
        return self.name != self.folder

    def recommendations(self) -> Iterator[Recommendation]:
        """Give its recommendations, in the order of their sections."""
        return (each for each in tables(self.folder) if each.section not in self.without)

    def suits(self, release: Release) -> bool:
        """Tell whether a distribution is one that its recommendations were written for."""
        return not self.is_derived and (not self.systems or (release.id, release.major) in self.systems)


_REBUILDS = ("rhel", "almalinux", "rocky", "ol", "centos")
_DEBIAN = ("CIS Debian Linux 12", "1.1.0", "debian12", "debian 12")
_UBUNTU = ("CIS Ubuntu Linux 24.04 LTS", "1.0.0", "ubuntu2404", "ubuntu 24.04")
_KUBERNETES = ("CIS Kubernetes, nodes", "1.12.0", "kubernetes_node", "nodes of kubernetes 1.32 to 1.34")
_DOCKER = (
    "CIS Docker, hosts, and the same of containerd and CRI-O",
    "1.7.0",
    "container_runtime",
    "hosts of containers",
)
_RHEL = ("CIS Red Hat Enterprise Linux 9", "2.0.0", "rhel9", "rhel 9")

BENCHMARKS: Mapping[str, Benchmark] = {
    benchmark.name: benchmark
    for benchmark in (
        Benchmark("debian12", *_DEBIAN, (("debian", "12"),)),
        Benchmark("ubuntu2404", *_UBUNTU, (("ubuntu", "24.04"),)),
        Benchmark("rhel9", *_RHEL, tuple((name, "9") for name in _REBUILDS)),
        Benchmark("debian11", *_DEBIAN, (("debian", "11"),)),
        Benchmark("debian13", *_DEBIAN, (("debian", "13"),)),
        Benchmark("ubuntu2204", *_UBUNTU, (("ubuntu", "22.04"),)),
        Benchmark("rhel8", *_RHEL, tuple((name, "8") for name in _REBUILDS)),
        Benchmark("amazon2023", *_RHEL, (("amzn", "2023"),)),
        Benchmark("kubernetes_node", *_KUBERNETES, ()),
        Benchmark("container_runtime", *_DOCKER, ()),
    )
}
"""By name. Derived ones are the recommendations of another system; results say what they were written for."""

_NEAREST = {"debian": "debian12", "ubuntu": "ubuntu2404", "rhel": "rhel9", "centos": "rhel9", "fedora": "rhel9"}
"""By ID or ID_LIKE, where no benchmark names the system itself."""


def suited(release: Release) -> Benchmark | None:
    """Give the benchmark of a distribution; else that of what it says it is like; None where there is none."""
    for benchmark in BENCHMARKS.values():
        if (release.id, release.major) in benchmark.systems:
            return benchmark
    near = next((_NEAREST[name] for name in (release.id, *release.like) if name in _NEAREST), None)
    return BENCHMARKS[near] if near else None
