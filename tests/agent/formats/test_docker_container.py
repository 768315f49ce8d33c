import json

import pytest

from agent.formats import docker_container

SECRET = "hunter2"
STATE = {
    "ID": "ab" * 32,
    "Name": "/web",
    "Created": "2024-05-01T12:00:00.5Z",
    "State": {"StartedAt": "2024-05-01T12:00:01Z"},
    "Image": "sha256:" + "cd" * 32,
    "Config": {
        "Image": "nginx:1",
        "User": "www",
        "Env": [f"A={SECRET}"],
        "Cmd": [SECRET],
        "Labels": {"secret": SECRET},
    },
    "NetworkSettings": {
        "Ports": {
            "80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}, {"HostIp": "", "HostPort": "81"}],
            "443/tcp": None,
        }
    },
}


def test_the_container_is_read_without_what_is_secret():
    read = docker_container.read(json.dumps(STATE).encode())
    assert (read.name, read.image, read.image_id, read.user) == ("web", "nginx:1", "sha256:" + "cd" * 32, "www")
    assert (read.created, read.started, read.is_sandbox) == (1714564800, 1714564801, False)
    assert read.ports == ("*:81->80/tcp", "0.0.0.0:8080->80/tcp")
    assert SECRET not in repr(read)


def test_the_labels_of_cri_dockerd_name_the_pod():
    labels = {
        "io.kubernetes.pod.name": "web-0",
        "io.kubernetes.pod.namespace": "shop",
        "io.kubernetes.docker.type": "podsandbox",
    }
    read = docker_container.read(json.dumps({**STATE, "Config": {"Labels": labels}}).encode())
    assert (read.pod, read.pod_namespace, read.is_sandbox) == ("web-0", "shop", True)


def test_privileges_and_layers_are_in_files_of_their_own():
    assert docker_container.read_privileged(b'{"Privileged": true}') is True
    assert docker_container.read_layers(b'{"rootfs": {"diff_ids": ["sha256:1", "sha256:2"]}}') == (
        "sha256:1",
        "sha256:2",
    )


@pytest.mark.parametrize("name", list(STATE))
def test_a_field_of_another_type_is_left_out(name):
    for value in (None, 1, "x", [1], {"a": 1}, [[{}]]):
        docker_container.read(json.dumps({**STATE, name: value}).encode())
