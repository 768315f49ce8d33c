"""The facts of the section ports."""

from __future__ import annotations

from typing import ClassVar

from agent.model.record import record


@record(frozen=True)
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


@record(frozen=True)
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
