"""The pod of a rendered DaemonSet, run by podman with nothing but what the manifest says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

Manifest = dict[str, Any]
_UNITS = {"Ki": "k", "Mi": "m", "Gi": "g"}
_PROPAGATION = {"HostToContainer": "rslave", "None": "rprivate", "Bidirectional": "rshared"}


class Node(NamedTuple):
    """What kubelet would know.

    name: Name of the node.
    folder: Where volumes that are no paths of the host are made.
    hosts: Paths of the host that are other folders here, so that a test does not use the machine's own state.
    """

    name: str
    folder: Path
    hosts: Mapping[str, Path]


def run_options(resources: Sequence[Manifest], node: Node) -> list[str]:
    """Give the options of podman run that stand for the pod of the only DaemonSet, with its image and arguments behind."""
    pod = of_kind(resources, "DaemonSet")["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    options = [*_namespaces(pod), *_security(pod, container), *_limits(container), *_environment(container, node)]
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    for mount in container["volumeMounts"]:
        options += ["--volume", _volume(mount, _source(volumes[mount["name"]], resources, node))]
    return [*options, container["image"], *container["args"]]


def of_kind(resources: Sequence[Manifest], kind: str) -> Manifest:
    """Give the only resource of a kind."""
    (found,) = [resource for resource in resources if resource["kind"] == kind]
    return found


def _namespaces(pod: Manifest) -> Iterator[str]:
    assert pod["hostPID"] is True
    assert not pod["hostNetwork"]
    yield "--pid=host"


def _security(pod: Manifest, container: Manifest) -> Iterator[str]:
    """Give what confines the container; podman's own seccomp filter stands for that of the runtime."""
    whole, own = pod["securityContext"], container["securityContext"]
    yield f"--user={own.get('runAsUser', whole['runAsUser'])}:{whole['runAsGroup']}"
    yield from (f"--cap-drop={name.lower()}" for name in own["capabilities"]["drop"])
    yield from (f"--cap-add={name}" for name in own["capabilities"]["add"])
    assert own["privileged"] is False
    if own["allowPrivilegeEscalation"] is False:
        yield "--security-opt=no-new-privileges"
    if own["readOnlyRootFilesystem"]:
        yield from ("--read-only", "--read-only-tmpfs=false")
    if whole["seccompProfile"]["type"] == "Unconfined":
        yield "--security-opt=seccomp=unconfined"


def _limits(container: Manifest) -> Iterator[str]:
    number, unit = re.fullmatch(r"(\d+)(Ki|Mi|Gi)", container["resources"]["limits"]["memory"]).groups()
    yield f"--memory={number}{_UNITS[unit]}"
    millis = re.fullmatch(r"(\d+)m", container["resources"]["requests"]["cpu"])[1]
    yield f"--cpu-shares={max(2, int(millis) * 1024 // 1000)}"


def _environment(container: Manifest, node: Node) -> Iterator[str]:
    known: dict[str, str] = {}
    for variable in container["env"]:
        if "valueFrom" in variable:
            assert variable["valueFrom"] == {"fieldRef": {"fieldPath": "spec.nodeName"}}
            known[variable["name"]] = node.name
        else:
            known[variable["name"]] = re.sub(r"\$\((\w+)\)", lambda name: known[name[1]], variable["value"])
        yield f"--env={variable['name']}={known[variable['name']]}"


def _volume(mount: Manifest, source: Path) -> str:
    source = source / mount["subPath"] if "subPath" in mount else source
    options = ["ro" if mount.get("readOnly") else "rw", _PROPAGATION[mount.get("mountPropagation", "None")], "rbind"]
    return f"{source}:{mount['mountPath']}:{','.join(options)}"


def _source(volume: Manifest, resources: Sequence[Manifest], node: Node) -> Path:
    """Give a volume's folder, made as kubelet makes it."""
    if "hostPath" in volume:
        return _host_path(volume["hostPath"], node)
    folder = node.folder / volume["name"]
    folder.mkdir(mode=0o777, exist_ok=True)
    if "configMap" in volume:
        name, mode = volume["configMap"]["name"], volume["configMap"]["defaultMode"]
        (found,) = [each for each in resources if each["kind"] == "ConfigMap" and each["metadata"]["name"] == name]
        project(folder, {key: text.encode() for key, text in found["data"].items()}, mode)
    return folder


def project(folder: Path, files: Mapping[str, bytes], mode: int) -> None:
    """Write files as kubelet does: links through ..data into a folder that is replaced as a whole."""
    version = folder / "..version"
    version.mkdir(exist_ok=True)
    (folder / "..data").unlink(missing_ok=True)
    (folder / "..data").symlink_to(version.name)
    for name, content in files.items():
        (version / name).write_bytes(content)
        (version / name).chmod(mode)
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(f"..data/{name}")


def _host_path(source: Manifest, node: Node) -> Path:
    from pathlib import Path

    path = node.hosts.get(source["path"], Path(source["path"]))
    if source["type"] == "DirectoryOrCreate":
        path.mkdir(mode=0o755, parents=True, exist_ok=True)
    assert path.is_dir()
    return path
