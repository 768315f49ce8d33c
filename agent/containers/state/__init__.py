"""What the runtimes' own state on disk says of a container; it may be anybody's, and is read within bounds."""

from __future__ import annotations

from typing import NamedTuple


class State(NamedTuple):
    """A container as its runtime knows it; None and empty where the state does not tell.

    runtime: Its runtime.
    name, image, image_digest, layers, created, started, user, privileged, ports: As in the record.
    pod, pod_namespace, pod_uid, pod_container: As in the record.
    is_sandbox: Whether it is what keeps a pod's namespaces, and no container of anybody's.
    sandbox: Id of the container that does so for it.
    """

    runtime: str
    name: str | None = None
    image: str | None = None
    image_digest: str | None = None
    layers: tuple[str, ...] = ()
    created: int | None = None
    started: int | None = None
    user: str | None = None
    privileged: bool | None = None
    ports: tuple[str, ...] = ()
    pod: str | None = None
    pod_namespace: str | None = None
    pod_uid: str | None = None
    pod_container: str | None = None
    is_sandbox: bool = False
    sandbox: str | None = None
