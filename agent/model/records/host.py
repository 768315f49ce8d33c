"""The facts of the section host."""

from __future__ import annotations

from typing import ClassVar

from agent.model.record import record


@record(frozen=True)
class HostFacts:
    """What the host is. There is one such record.

    hostname: Name that the kernel has, or that etc/hostname gives when the root is not running.
    distribution: ID of os-release, for example debian.
    distribution_version: VERSION_ID of os-release.
    distribution_codename: VERSION_CODENAME of os-release, else the name that its VERSION has in parentheses.
    distribution_name: PRETTY_NAME of os-release.
    distribution_like: ID_LIKE of os-release, in its order.
    kernel: Release of the running kernel; null when the root is not running.
    architecture: Machine that the running kernel reports, for example x86_64; of an unpacked root, that of its own programs.
    virtualization: What the host runs on, in systemd-detect-virt's names, none on bare metal.
    boot_id: Random identifier of this boot.
    uptime_class: How long the host is up, as a class: under_1d, under_7d, under_30d, under_90d, over_90d.
    booted_at: When the host booted, seconds since 1970.
    machine_id: Content of etc/machine-id, evidence of identity.
    product_uuid: UUID that the firmware gives the machine, evidence of identity.
    cpus: Number of logical processors that are online.
    memory_bytes: Physical memory in bytes.
    labels: Labels of the configuration, each written name=value, sorted.
    """

    KIND: ClassVar[str] = "host"
    VOLATILE: ClassVar[tuple[str, ...]] = ("booted_at",)

    hostname: str | None
    distribution: str | None
    distribution_version: str | None
    distribution_codename: str | None
    distribution_name: str | None
    distribution_like: tuple[str, ...]
    kernel: str | None
    architecture: str | None
    virtualization: str | None
    boot_id: str | None
    uptime_class: str | None
    booted_at: int | None
    machine_id: str | None
    product_uuid: str | None
    cpus: int | None
    memory_bytes: int | None
    labels: tuple[str, ...]

    @property
    def key(self) -> str:
        """host"""
        return "host"


@record(frozen=True)
class Address:
    """An address of one of the host's own network interfaces.

    interface: Name of the interface; null where the kernel tells an address without its interface.
    address: The IPv4 or IPv6 address.
    prefix: Length of the network prefix in bits.
    scope: link, private or public; loopback and IPv6 link-local addresses are left out.
    """

    KIND: ClassVar[str] = "address"
    VOLATILE: ClassVar[tuple[str, ...]] = ()

    interface: str | None
    address: str
    prefix: int | None
    scope: str

    @property
    def key(self) -> str:
        """address:<address>, with %<interface> where a link-local one has it"""
        return f"address:{self.address}" + (f"%{self.interface}" if self.scope == "link" and self.interface else "")


@record(frozen=True)
class AgentFacts:
    """The agent that looked. There is one such record.

    version: Version of stocktake.
    python: Version of the interpreter that runs it.
    uid: User id that it runs as.
    capabilities: Linux capabilities that it was given, sorted, for example cap_sys_ptrace.
    root: Path at which it reads the host's tree.
    """

    KIND: ClassVar[str] = "agent"
    VOLATILE: ClassVar[tuple[str, ...]] = ()

    version: str
    python: str
    uid: int
    capabilities: tuple[str, ...]
    root: str

    @property
    def key(self) -> str:
        """agent"""
        return "agent"


@record(frozen=True)
class Degradation:
    """A section that cannot see everything with the agent's privileges here.

    affected: Name of the section.
    missing: What is missing: a capability, a file, a kernel interface.
    effect: What the section therefore does not report.
    remedy: What would mend it.
    """

    KIND: ClassVar[str] = "degradation"
    VOLATILE: ClassVar[tuple[str, ...]] = ()

    affected: str
    missing: str
    effect: str
    remedy: str

    @property
    def key(self) -> str:
        """degradation:<section>:<missing>"""
        return f"degradation:{self.affected}:{self.missing}"
