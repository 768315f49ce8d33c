"""The facts of the section containers: what runs, and the software inside it."""

from __future__ import annotations

from typing import ClassVar

from agent.model.record import record


@record(frozen=True)
class Container:
    """A running container, known from its processes and from the state that its runtime keeps on disk.

    id: Id of the container; its name for lxc and systemd-nspawn; its PID namespace where nothing names it.
    runtime: Who made it: containerd, cri-o, docker, podman, lxc, systemd-nspawn, or unknown where no state of it was found.
    name: Name that its runtime gave it.
    image: Reference of its image as the runtime was given it.
    image_digest: Digest of the image's manifest or configuration, as sha256:...
    layers: Digests of the image's layers, the lowest first; empty where the state has none.
    created: When it was made, seconds since 1970.
    started: When its first process started, seconds since 1970.
    user: User that it runs as, as the runtime was told, or the user id of its first process.
    privileged: Whether it is privileged: every capability, no seccomp filter, and every device.
    capabilities: Capabilities that its first process may gain beyond the runtimes' usual ones, sorted.
    host_namespaces: Kinds of namespaces that it shares with the host: cgroup, ipc, mnt, net, pid, time, user, uts; null where that may not be seen.
    read_only: Whether its root is mounted read-only.
    seccomp: Its first process's seccomp mode: disabled, strict, filter.
    apparmor: Its first process's AppArmor profile; null where there is none or AppArmor is not there.
    selinux: Its first process's SELinux context; null where there is none.
    no_new_privileges: Whether its first process can gain no privileges by executing.
    host_mounts: Paths of the host that are mounted into it and would give it power over the host, each as source:target:ro|rw.
    volumes: Directories in it on file systems of their own (volumes), in which no packages are looked for.
    ports: Ports of the host that are published into it or its pod, each as address:port->port/protocol, * for every address.
    pod: Name of its Kubernetes pod.
    pod_namespace: Namespace of that pod.
    pod_uid: Uid of that pod.
    pod_container: Name of the container within the pod.
    workload: What made the pod, as kind/name, as far as the pod's name tells it.
    pid_namespace: Its PID namespace, as pid:[4026532001].
    contents: Key of the contents that its packages are read from (see container_contents); null where they were not read (see the gap).
    drift: Whether its package databases differ from those of its image; null where that is not known.
    pid: Process id of its first process, as the host sees it.
    processes: Number of its processes when it was looked at.
    """

    KIND: ClassVar[str] = "container"
    VOLATILE: ClassVar[tuple[str, ...]] = ("pid", "processes")

    id: str
    runtime: str
    name: str | None
    image: str | None
    image_digest: str | None
    layers: tuple[str, ...]
    created: int | None
    started: int | None
    user: str | None
    privileged: bool | None
    capabilities: tuple[str, ...]
    host_namespaces: tuple[str, ...] | None
    read_only: bool | None
    seccomp: str | None
    apparmor: str | None
    selinux: str | None
    no_new_privileges: bool | None
    host_mounts: tuple[str, ...]
    volumes: tuple[str, ...]
    ports: tuple[str, ...]
    pod: str | None
    pod_namespace: str | None
    pod_uid: str | None
    pod_container: str | None
    workload: str | None
    pid_namespace: str | None
    contents: str | None
    drift: bool | None
    pid: int | None
    processes: int

    @property
    def key(self) -> str:
        """container/<id>"""
        return f"container/{self.id}"


@record(frozen=True)
class ContainerContents:
    """The package databases and the software that one or many containers have: read once for all that share them.

    id: What identifies them: a digest over what the databases and the layers are.
    image_digest: Digest of the image that they come from, where it is known.
    distribution: Id of the distribution (os-release); null where it has none.
    distribution_version: Its version (VERSION_ID of os-release).
    managers: Package databases that were read: apk, dpkg, pacman, rpm.
    packages: Number of packages that were found.
    complete: Whether all could be read; otherwise the gaps whose subjects start with contents/<id> say what could not.
    read_at: When they were read, seconds since 1970.
    """

    KIND: ClassVar[str] = "container_contents"
    VOLATILE: ClassVar[tuple[str, ...]] = ("read_at",)

    id: str
    image_digest: str | None
    distribution: str | None
    distribution_version: str | None
    managers: tuple[str, ...]
    packages: int
    complete: bool
    read_at: int

    @property
    def key(self) -> str:
        """contents/<id>"""
        return f"contents/{self.id}"


@record(frozen=True)
class ContainedPackage:
    """A package inside containers: of the operating system, of a language, or built into a program.

    contents: Id of the contents that it belongs to.
    package: Key that the section packages would give it.
    manager: Package manager or ecosystem: dpkg, rpm, apk, pacman, pypi, npm, maven, golang, cargo, gem, composer, nuget, generic.
    name: Its name.
    version: Its version, in full; null where it says none.
    architecture: Architecture as the database writes it; null for packages of languages.
    source: Name of its source package; null where there is none.
    source_version: Version of the source package.
    purl: Package URL.
    location: File that says so, below the container's root; null for packages of the operating system.
    owner: Key of the operating system's package that owns that file; null where none does.
    added: Whether it is there although the image does not have it; null where that is not known.
    """

    KIND: ClassVar[str] = "contained_package"
    VOLATILE: ClassVar[tuple[str, ...]] = ()

    contents: str
    package: str
    manager: str
    name: str
    version: str | None
    architecture: str | None
    source: str | None
    source_version: str | None
    purl: str | None
    location: str | None
    owner: str | None
    added: bool | None

    @property
    def key(self) -> str:
        """contents/<contents>/<package>"""
        return f"contents/{self.contents}/{self.package}"
