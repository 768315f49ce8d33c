"""Docker's state of a container and of its image: config.v2.json, hostconfig.json, and the image's configuration.

Of the labels only those that cri-dockerd writes are looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.formats import json_path
from agent.formats.rfc3339 import seconds

if TYPE_CHECKING:
    from collections.abc import Iterator


class DockerContainer(NamedTuple):
    """A container.

    name: Its name.
    image: Reference of its image as it was given.
    image_id: Digest of the image's configuration.
    created, started: Seconds since 1970.
    user: User that it runs as; None for the image's root.
    is_sandbox: Whether it is what keeps a pod's namespaces.
    ports: Published ports, each as address:port->port/protocol.
    pod, pod_namespace, pod_uid, pod_container: Its Kubernetes pod, and its name there.
    """

    name: str | None
    image: str | None
    image_id: str | None
    created: int | None
    started: int | None
    user: str | None
    is_sandbox: bool
    ports: tuple[str, ...]
    pod: str | None
    pod_namespace: str | None
    pod_uid: str | None
    pod_container: str | None


def read(content: bytes) -> DockerContainer:
    """Read config.v2.json; ValueError when it is none."""
    document = json_path.document(content)

    def label(name: str) -> str | None:
        return json_path.text(document, "Config", "Labels", f"io.kubernetes.{name}")

    name = json_path.text(document, "Name")
    return DockerContainer(
        name=name.removeprefix("/") if name else None,
        image=json_path.text(document, "Config", "Image"),
        image_id=json_path.text(document, "Image"),
        created=seconds(json_path.text(document, "Created")),
        started=seconds(json_path.text(document, "State", "StartedAt")),
        user=json_path.text(document, "Config", "User"),
        is_sandbox=label("docker.type") == "podsandbox",
        ports=tuple(sorted(_ports(document))),
        pod=label("pod.name"),
        pod_namespace=label("pod.namespace"),
        pod_uid=label("pod.uid"),
        pod_container=label("container.name"),
    )


def read_privileged(content: bytes) -> bool | None:
    """Tell from hostconfig.json whether a container is privileged; ValueError when it is none."""
    return json_path.flag(json_path.document(content), "Privileged")


def read_layers(content: bytes) -> tuple[str, ...]:
    """Give the digests of an image's layers, the lowest first, from its configuration; ValueError when it is none."""
    return json_path.texts(json_path.document(content), "rootfs", "diff_ids")


def _ports(document: object) -> Iterator[str]:
    """Read NetworkSettings.Ports: {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}]}."""
    for inside, bindings in json_path.fields(document, "NetworkSettings", "Ports").items():
        for binding in bindings if isinstance(bindings, list) else ():
            address, port = json_path.text(binding, "HostIp"), json_path.text(binding, "HostPort")
            if port:
                yield f"{address or '*'}:{port}->{inside[:20]}"
