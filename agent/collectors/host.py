"""The section host: what the host is, its addresses, the agent that looks, and what it cannot see here."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar

from agent.host import cloud, container_mark, evidence, hardware, kernel
from agent.host.architecture import PROGRAMS, architecture
from agent.host.distribution import OS_RELEASE, Distribution, read_distribution
from agent.host.errors import LimitReached, gap
from agent.host.interfaces import NETWORK, addresses
from agent.host.privileges import agent_facts, degradations, hidden_processes
from agent.host.virtualization import virtualization
from agent.model.record import names
from agent.model.records import CloudInstance, Degradation, Gap, HostFacts
from agent.model.spec import ROOT, Spec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agent.host import Host
    from agent.host.procfs import ProcFS
    from agent.model.records import Record
    from agent.model.spec import Cloud, Options

T = TypeVar("T")

SPEC = Spec(
    summary="What the host is: distribution, kernel, virtualization, identity, addresses, labels, and what the agent cannot see",
    every=3600,
    needs=frozenset((ROOT,)),
    reads=lambda: (
        *OS_RELEASE,
        *PROGRAMS,
        kernel.HOSTNAME,
        evidence.MACHINE_ID,
        *container_mark.MANAGER_FILES,
        *(path for path, _ in container_mark.MARKS),
        "/sys/class/dmi/id/*",
        "/sys/firmware/dmi/entries/0-0/raw",
        "/sys/firmware/devicetree/base",
        "/sys/firmware/devicetree/base/*",
        "/sys/firmware/devicetree/base/*/*",
        *cloud.READS,
        "/sys/hypervisor/type",
        "/sys/hypervisor/properties/features",
        "/sys/devices/system/clocksource/clocksource0/available_clocksource",
        "/proc/cpuinfo",
        "/proc/meminfo",
        "/proc/stat",
        "/proc/uptime",
        "/proc/sysinfo",
        "/proc/bc",
        "/proc/vz",
        "/proc/xen",
        "/proc/xen/capabilities",
        "/proc/*/ns/*",
        "/proc/*/net/*",
        "/proc/self/status",
        "/proc/self/fdinfo/*",
        "/proc/self/mountinfo",
        "/proc/sys/kernel/*",
        "/proc/sys/kernel/random/boot_id",
    ),
    memory=64,
    seconds=10,
    cloud=True,
)

_FORESEEN = (OSError, LimitReached, ValueError)
_NO_PRODUCT_UUID = Degradation(
    affected="host",
    missing="cap_dac_read_search",
    effect="the firmware's UUID of the machine, evidence of its identity",
    remedy="run as root, or grant cap_dac_read_search to the service",
)
_NO_DISTRIBUTION = Distribution(None, None, None, None, ())


def collect(host: Host, options: Options) -> Iterator[Record]:
    """Give the host, its addresses, the agent and its degradations; what could not be read is a gap."""
    optional = _Optional()
    yield _facts(host, options, optional)
    yield from optional.failures
    yield from _cloud(options.cloud)
    agent = agent_facts(host)
    yield agent
    wants = options.wants()
    yield from degradations(wants, agent)
    if host.proc:
        yield from hidden_processes(wants, agent, host.proc)
        yield from _addresses(host.proc)


class _Optional:
    """Reads facts that may be missing: an absent one is None, one that failed is None and a record of why."""

    def __init__(self) -> None:
        self.failures: list[Record] = []

    def read(self, subject: str, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except _FORESEEN as error:
            self.failures.append(gap(subject, error, None))
            return None


def _facts(host: Host, options: Options, optional: _Optional) -> HostFacts:
    def running(subject: str, read: Callable[[ProcFS], T]) -> T | None:
        return optional.read(subject, partial(read, host.proc)) if host.proc else None

    says = optional.read(OS_RELEASE[0], partial(read_distribution, host.root)) or _NO_DISTRIBUTION
    return HostFacts(
        hostname=optional.read(kernel.HOSTNAME, partial(kernel.hostname, host)),
        distribution=says.id,
        distribution_version=says.version,
        distribution_codename=says.codename,
        distribution_name=says.name,
        distribution_like=says.like,
        kernel=running("kernel release", kernel.release),
        architecture=optional.read("architecture", partial(architecture, host)),
        virtualization=running("virtualization", partial(virtualization, host.root)),
        boot_id=running("boot id", kernel.boot_id),
        uptime_class=running("uptime", kernel.uptime_class),
        booted_at=running("boot time", hardware.booted_at),
        machine_id=optional.read(evidence.MACHINE_ID, partial(evidence.machine_id, host.root)),
        product_uuid=optional.read(evidence.PRODUCT_UUID, partial(_product_uuid, host, optional)),
        cpus=running("processors", hardware.processors),
        memory_bytes=running("memory", hardware.memory),
        labels=options.labels,
    )


def _product_uuid(host: Host, optional: _Optional) -> str | None:
    """Read it of a running system; that only root may is a lasting degradation, not a gap in every run."""
    try:
        return evidence.product_uuid(host.root) if host.proc else None
    except PermissionError:
        optional.failures.append(_NO_PRODUCT_UUID)
        return None


def _cloud(known: Cloud) -> Iterator[Record]:
    """Give the instance as far as it is known; what its service did not tell is a gap and no absence."""
    if known.provider:
        told = {name: known.facts[name] for name in names(CloudInstance) if name in known.facts}
        yield CloudInstance(**{**told, "provider": known.provider})
    if known.problem:
        yield Gap("cloud metadata", known.reason, known.problem, None)


def _addresses(proc: ProcFS) -> Iterator[Record]:
    try:
        yield from addresses(proc)
    except _FORESEEN as error:
        yield gap(f"/proc/{NETWORK}", error, hides="address:")
