"""What the specification of a running container tells of it: config.json of OCI bundles, with the annotations of CRI.

Of the annotations only those named here are looked at; arguments and environment are not.
"""

from __future__ import annotations

from typing import NamedTuple

from agent.formats import json_path
from agent.formats.rfc3339 import seconds

_CONTAINERD = "io.kubernetes.cri."
_CRI_O = "io.kubernetes.cri-o."
_SANDBOX = ("sandbox", "podsandbox")


class OciConfig(NamedTuple):
    """The container, as far as its specification tells.

    is_sandbox: Whether it is what keeps a pod's namespaces, and no container of anybody's.
    manager: libpod for containers of podman.
    created: When it was made, seconds since 1970.
    user: Its user and group ids, as 1000:1000.
    privileged: Whether its runtime calls it privileged.
    image: Reference of its image.
    pod, pod_namespace, pod_uid: Its Kubernetes pod.
    pod_container: Its name in that pod.
    sandbox: Id of the container that keeps the pod's namespaces.
    """

    is_sandbox: bool
    manager: str | None
    created: int | None
    user: str | None
    privileged: bool | None
    image: str | None
    pod: str | None
    pod_namespace: str | None
    pod_uid: str | None
    pod_container: str | None
    sandbox: str | None


def read(content: bytes) -> OciConfig:
    """Read a specification; ValueError when it is none."""
    document = json_path.document(content)
    if not json_path.fields(document, "linux"):
        raise ValueError("it is no specification of a Linux container")

    def first(*names: str) -> str | None:
        found = (json_path.text(document, "annotations", name) for name in names)
        return next((text for text in found if text), None)

    kind = first(f"{_CONTAINERD}container-type", f"{_CRI_O}ContainerType")
    privileged = first("io.podman.annotations.privileged", f"{_CRI_O}PrivilegedRuntime")
    return OciConfig(
        is_sandbox=kind in _SANDBOX,
        manager=first("io.container.manager"),
        created=seconds(first(f"{_CRI_O}Created")),
        user=_user(document),
        privileged=None if privileged is None else privileged.lower() == "true",
        image=first(f"{_CONTAINERD}image-name", f"{_CRI_O}ImageName"),
        pod=first(f"{_CONTAINERD}sandbox-name", f"{_CRI_O}KubeName", "io.kubernetes.pod.name"),
        pod_namespace=first(f"{_CONTAINERD}sandbox-namespace", f"{_CRI_O}Namespace", "io.kubernetes.pod.namespace"),
        pod_uid=first(f"{_CONTAINERD}sandbox-uid", "io.kubernetes.pod.uid"),
        pod_container=first(f"{_CONTAINERD}container-name", "io.kubernetes.container.name"),
        sandbox=first(f"{_CONTAINERD}sandbox-id", f"{_CRI_O}SandboxID"),
    )


def _user(document: object) -> str | None:
    """Give the ids, which the JSON reader leaves as text."""
    uid, gid = json_path.text(document, "process", "user", "uid"), json_path.text(document, "process", "user", "gid")
    return f"{uid}:{gid}" if uid and gid else uid
