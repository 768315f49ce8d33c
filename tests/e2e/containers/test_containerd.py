"""Containers of containerd, made by CRI calls as a kubelet makes them, and by its own client."""

from __future__ import annotations

import json
import os

from tests.e2e.containers.looking import scan
from tests.hosts.podman import SLEEP
from tests.hosts.trees import STATUS, stanza

SECRET = "hunter2-of-the-pod"
DEBIAN = {
    STATUS: stanza("a", "1.0-1"),
    "var/lib/dpkg/info/a.list": b"/.\n",
    "etc/os-release": b"ID=debian\nVERSION_ID=12\n",
}


def test_a_container_of_a_pod_names_its_pod_and_image_and_no_secret(containerd, podman):
    image = containerd.load(podman, podman.image(DEBIAN))
    pod = containerd.pod("web-7c5ddbdf54-2vxqt")
    made = containerd.run(pod, "app", image, secret=SECRET)
    found = scan()
    container = found.containers[made]
    assert (container["runtime"], container["name"], container["image"]) == ("containerd", "app", image)
    assert (container["pod"], container["pod_namespace"], container["pod_container"]) == (
        pod.name,
        pod.namespace,
        "app",
    )
    assert (container["pod_uid"], container["workload"]) == (pod.uid, "deployment/web")
    assert (container["user"], container["seccomp"]) == ("0:0", "disabled")
    assert container["image_digest"] in containerd.ctr("images", "ls", f"name=={image}")
    assert container["layers"] == json.loads(podman("image", "inspect", image))[0]["RootFS"]["Layers"]
    assert "net" in container["host_namespaces"]
    assert {name: package["version"] for name, package in found.inside(made).items()} == {"a": "1.0-1"}
    assert found.gaps_of(made) == []
    assert SECRET not in repr(found)


def test_what_keeps_the_namespaces_of_a_pod_is_no_container(containerd):
    pod = containerd.pod("alone")
    assert pod.id not in scan().containers


def test_two_containers_of_a_pod_are_told_apart(containerd, podman):
    image = containerd.load(podman, podman.image(DEBIAN))
    pod = containerd.pod("two")
    first, second = containerd.run(pod, "one", image), containerd.run(pod, "other", image)
    found = scan()
    assert [found.containers[each]["pod_container"] for each in (first, second)] == ["one", "other"]
    assert found.containers[first]["contents"] == found.containers[second]["contents"]


def test_the_groups_of_systemd_name_the_pod_as_those_of_cgroupfs_do(containerd, podman):
    """Folders are named as the driver for systemd names slices; runc makes them itself."""
    image = containerd.load(podman, podman.image())
    uid = "0a1b2c3d_0000_1111_2222_333344445555"
    pod = containerd.pod(
        "sliced", group=f"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod{uid}.slice"
    )
    made = containerd.run(pod, "app", image)
    assert scan().containers[made]["pod"] == "sliced"


def test_a_container_of_its_own_client_has_the_name_that_it_was_given(containerd, podman):
    image = containerd.load(podman, podman.image(DEBIAN))
    name = f"by-hand-{os.getpid()}"
    containerd.ctr("run", "-d", image, name, *SLEEP)
    try:
        found = scan()
    finally:
        containerd.ctr("task", "kill", "-s", "9", name)
        containerd.ctr("task", "delete", "-f", name)
        containerd.ctr("container", "delete", name)
    container = found.containers[name]
    assert (container["runtime"], container["pod"]) == ("containerd", None)
    assert set(found.inside(name)) == {"a"}
