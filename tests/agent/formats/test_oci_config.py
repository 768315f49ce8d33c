import json

import pytest

from agent.formats import oci_config

SECRET = "hunter2"


def config(annotations, **process):
    return json.dumps(
        {
            "process": {"user": {"uid": 101, "gid": 102}, "env": [f"PASSWORD={SECRET}"], "args": [SECRET], **process},
            "annotations": {"secret": SECRET, **annotations},
            "linux": {"namespaces": []},
        }
    ).encode()


def test_a_container_of_containerd_names_its_pod_and_image():
    read = oci_config.read(
        config(
            {
                "io.kubernetes.cri.container-type": "container",
                "io.kubernetes.cri.container-name": "web",
                "io.kubernetes.cri.image-name": "docker.io/library/nginx:1",
                "io.kubernetes.cri.sandbox-id": "ab" * 32,
                "io.kubernetes.cri.sandbox-name": "web-0",
                "io.kubernetes.cri.sandbox-namespace": "shop",
                "io.kubernetes.cri.sandbox-uid": "u1",
            }
        )
    )
    assert (read.pod, read.pod_namespace, read.pod_uid, read.pod_container) == ("web-0", "shop", "u1", "web")
    assert (read.image, read.user, read.is_sandbox, read.sandbox) == (
        "docker.io/library/nginx:1",
        "101:102",
        False,
        "ab" * 32,
    )
    assert SECRET not in repr(read)


@pytest.mark.parametrize("name", ["io.kubernetes.cri.container-type", "io.kubernetes.cri-o.ContainerType"])
def test_what_keeps_the_namespaces_of_a_pod_is_told_from_its_containers(name):
    assert oci_config.read(config({name: "sandbox"})).is_sandbox


def test_a_container_of_cri_o_names_its_pod_and_image():
    read = oci_config.read(
        config(
            {
                "io.kubernetes.cri-o.ContainerType": "container",
                "io.kubernetes.cri-o.ImageName": "quay.io/web:1",
                "io.kubernetes.cri-o.Created": "2024-05-01T12:00:00Z",
                "io.kubernetes.pod.name": "web-0",
                "io.kubernetes.pod.namespace": "shop",
                "io.kubernetes.container.name": "web",
            }
        )
    )
    assert (read.pod, read.pod_namespace, read.pod_container) == ("web-0", "shop", "web")
    assert (read.image, read.created) == ("quay.io/web:1", 1714564800)


def test_podman_says_whether_it_is_privileged():
    assert oci_config.read(config({"io.podman.annotations.privileged": "TRUE"})).privileged is True
    assert oci_config.read(config({"io.podman.annotations.privileged": "FALSE"})).privileged is False
    assert oci_config.read(config({})).privileged is None


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"linux": 1}', b"\0" * 100])
def test_what_is_no_specification_raises(content):
    with pytest.raises(ValueError):
        oci_config.read(content)


def test_annotations_of_other_types_are_left_out():
    assert oci_config.read(config({"io.kubernetes.cri.sandbox-name": {"x": 1}})).pod is None
