"""Every fact that can leave the host: one frozen dataclass per kind of record.

A field's documentation is its line in the docstring, from which the README's tables are generated.
None means not known or not applicable, never no. Fields named in VOLATILE travel with a record but
are no part of its identity: a change of them alone is no change of the record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


class Record(Protocol):
    """What every kind of record has."""

    KIND: ClassVar[str]
    VOLATILE: ClassVar[tuple[str, ...]]

    @property
    def key(self) -> str:
        """Name the fact within its section; the same fact keeps its key from run to run."""
        ...


@dataclass(frozen=True)
class Gap:
    """Something that could not be read, was skipped, or was cut off at a limit.

    subject: What is missing: a path, a process, a kind of thing.
    reason: One word for why: absent, changed, denied, escapes, io_error, limit, malformed, not_a_file, unsupported, vanished.
    detail: What happened and what to do about it, for a person.
    hides: Prefix of the keys of records that may exist unseen because of this gap, empty for the whole section; null when no record is missing and only fields are.
    """

    KIND: ClassVar[str] = "gap"
    VOLATILE: ClassVar[tuple[str, ...]] = ()

    subject: str
    reason: str
    detail: str
    hides: str | None

    @property
    def key(self) -> str:
        """gap:<subject>"""
        return f"gap:{self.subject}"


@dataclass(frozen=True)
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


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class AgentFacts:
    """The agent that looked. There is one such record.

    version: Version of stocktake.
    python: Version of the interpreter that runs it.
    uid: User id that it runs as.
    capabilities: Effective Linux capabilities, sorted, for example cap_sys_ptrace.
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


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class Package:
    """A package that a package database lists.

    manager: Package manager whose database lists it: dpkg.
    name: Name of the binary package.
    version: Full version as the database writes it.
    epoch: Epoch of the version, 0 where it has none; null where there is no version.
    upstream_version: Version without epoch and revision.
    revision: Distribution's revision; null where the version has none.
    architecture: Architecture that the package was built for.
    source_name: Name of the source package that it was built from.
    source_version: Version of that source package.
    category: Section of the archive, for example libs.
    status: State: installed, config-files, half-installed, unpacked, half-configured, triggers-awaited, triggers-pending.
    selection: What the administrator wants of it: install, hold, deinstall, purge.
    origin: Origin field of the package; null where it has none, as in most packages of Debian itself.
    vendor: Vendor field of the package, null likewise.
    purl: Package URL; null where the version is missing.
    location: Database file that lists it, below the root.
    installed_at: When its files were last unpacked, seconds since 1970.
    """

    KIND: ClassVar[str] = "package"
    VOLATILE: ClassVar[tuple[str, ...]] = ("installed_at",)

    manager: str
    name: str
    version: str | None
    epoch: int | None
    upstream_version: str | None
    revision: str | None
    architecture: str | None
    source_name: str | None
    source_version: str | None
    category: str | None
    status: str
    selection: str | None
    origin: str | None
    vendor: str | None
    purl: str | None
    location: str
    installed_at: int | None

    @property
    def key(self) -> str:
        """<manager>/<name>:<architecture>, so that an upgrade is a change of one record"""
        return f"{self.manager}/{self.name}:{self.architecture or ''}"


@dataclass(frozen=True)
class Listener:
    """A listening TCP socket or a bound UDP socket, in any network namespace of the host.

    protocol: tcp or udp.
    family: ipv4 or ipv6.
    address: Address that it is bound to.
    port: Port that it is bound to.
    namespace: Network namespace: host, a container's id, or the namespace's inode as net:[4026532001].
    process: Name of the process that holds it, as the kernel has it.
    executable: Path of that process's executable, within the root it sees.
    uid: User id that owns the socket.
    user: Name of that user in the host's etc/passwd.
    package: Key of the package that owns the executable; null where none does or the root is not the host's.
    container: Id of the container that the process runs in; null outside containers.
    exposure: Who can reach it: loopback, private, public, any, container-internal, published.
    exposure_reason: Why the exposure is that.
    owner_unknown: Why the holding process is not known; null where it is.
    ordinal: 1, or higher where several owners share the address and port.
    pid: Process id of the holder.
    fd: Descriptor of the socket in that process.
    inodes: Inodes of the sockets that this record stands for, at most 64.
    started: When the holder started, in clock ticks since boot; with pid it names one process for certain.
    """

    KIND: ClassVar[str] = "listener"
    VOLATILE: ClassVar[tuple[str, ...]] = ("pid", "fd", "inodes", "started")

    protocol: str
    family: str
    address: str
    port: int
    namespace: str
    process: str | None
    executable: str | None
    uid: int
    user: str | None
    package: str | None
    container: str | None
    exposure: str
    exposure_reason: str
    owner_unknown: str | None
    ordinal: int
    pid: int | None
    fd: int | None
    inodes: tuple[int, ...]
    started: int | None

    @property
    def key(self) -> str:
        """<namespace>/<protocol>/<address>/<port>, with #<ordinal> from the second owner on"""
        more = f"#{self.ordinal}" if self.ordinal > 1 else ""
        return f"{self.namespace}/{self.protocol}/{self.address}/{self.port}{more}"


@dataclass(frozen=True)
class UnixListener:
    """A listening Unix stream socket that every local user can connect to.

    path: Path of the socket in its process's root, or @name for an abstract one.
    abstract: Whether it is abstract, that is, without file permissions at all.
    namespace: Network namespace, as in a listener.
    mode: Permission bits of the socket's file in octal; null for an abstract one.
    uid: User id that owns the file; null for an abstract one.
    user: Name of that user in the host's etc/passwd.
    process: Name of the process that holds it.
    executable: Path of that process's executable, within the root it sees.
    package: Key of the package that owns the executable.
    container: Id of the container that the process runs in.
    owner_unknown: Why the holding process is not known; null where it is.
    ordinal: 1, or higher where processes with different roots have a socket of this path.
    pid: Process id of the holder.
    fd: Descriptor of the socket in that process.
    inodes: Inodes of the sockets that this record stands for, at most 64.
    started: When the holder started, in clock ticks since boot.
    """

    KIND: ClassVar[str] = "unix_listener"
    VOLATILE: ClassVar[tuple[str, ...]] = ("pid", "fd", "inodes", "started")

    path: str
    abstract: bool
    namespace: str
    mode: str | None
    uid: int | None
    user: str | None
    process: str | None
    executable: str | None
    package: str | None
    container: str | None
    owner_unknown: str | None
    ordinal: int
    pid: int | None
    fd: int | None
    inodes: tuple[int, ...]
    started: int | None

    @property
    def key(self) -> str:
        """<namespace>/unix/<path>, with #<ordinal> from the second root on"""
        more = f"#{self.ordinal}" if self.ordinal > 1 else ""
        return f"{self.namespace}/unix/{self.path}{more}"


KINDS: Mapping[str, type] = {
    kind.KIND: kind for kind in (Gap, HostFacts, Address, AgentFacts, Degradation, Package, Listener, UnixListener)
}
"""Every kind of record by its name."""
