"""The record of a container: which of what its runtime knows and what the kernel says counts."""

from __future__ import annotations

import json

from agent.collectors.containers import collect
from agent.model.records import Container, Gap
from agent.model.spec import Options
from tests.agent.containers.fake import ID, OTHER
from tests.hosts.trees import plant

SANDBOX = {"io.kubernetes.cri.container-type": "sandbox", "io.kubernetes.cri.sandbox-name": "web-7c5ddbdf54-2vxqt"}
CONTAINER = {
    "io.kubernetes.cri.container-type": "container",
    "io.kubernetes.cri.container-name": "app",
    "io.kubernetes.cri.sandbox-id": OTHER,
    "io.kubernetes.cri.sandbox-name": "web-7c5ddbdf54-2vxqt",
    "io.kubernetes.cri.sandbox-namespace": "shop",
}


def look(host):
    records = list(collect(host.open(), Options()))
    return {record.id: record for record in records if isinstance(record, Container)}, [
        record for record in records if isinstance(record, Gap) and record.reason != "unsupported"
    ]


def bundle(host, name, annotations):
    spec = {"linux": {"a": 1}, "process": {"user": {"uid": 7, "gid": 8}}, "annotations": annotations}
    path = f"run/containerd/io.containerd.runtime.v2.task/k8s.io/{name}/config.json"
    plant(host.root, {path: json.dumps(spec).encode()})


def test_a_container_without_any_state_is_told_as_the_kernel_tells_it(host):
    host.process(30, f"/docker/{ID}", started=500, Uid="33 33 33 33", NoNewPrivs=1)
    containers, gaps = look(host)
    container = containers[ID]
    assert (container.runtime, container.name, container.image, container.layers) == ("docker", None, None, ())
    assert (container.user, container.started, container.no_new_privileges) == ("33", 1000000005, True)
    assert (container.pid, container.processes, gaps) == (30, 1, [])


def test_what_nobody_names_is_unknown(host, tmp_path):
    host.process(30, "/x", root=tmp_path, namespaces={"pid": "pid:[2]", "mnt": "mnt:[2]"})
    containers, _ = look(host)
    assert containers["pid:[2]"].runtime == "unknown"


def test_a_pod_is_told_of_its_containers_and_what_keeps_its_namespaces_is_none(host):
    cgroup = "/kubepods/besteffort/pod0a1b2c3d-0000-1111-2222-333344445555/"
    host.process(30, cgroup + ID)
    host.process(40, cgroup + OTHER)
    bundle(host, ID, CONTAINER)
    bundle(host, OTHER, SANDBOX)
    mapping = {"capabilityArgs": {"portMappings": [{"hostPort": 80, "containerPort": 8080, "protocol": "tcp"}]}}
    plant(host.root, {f"var/lib/cni/results/net-{OTHER}-eth0": json.dumps(mapping).encode()})
    containers, _ = look(host)
    (container,) = containers.values()
    assert (container.runtime, container.id, container.name) == ("containerd", ID, "app")
    assert (container.pod, container.pod_namespace, container.pod_container) == ("web-7c5ddbdf54-2vxqt", "shop", "app")
    assert (container.pod_uid, container.workload) == ("0a1b2c3d-0000-1111-2222-333344445555", "deployment/web")
    assert container.ports == ("*:80->8080/tcp",)


def test_a_container_of_lxc_is_called_as_it_is_named(host):
    host.process(30, "/lxc.payload.web/init.scope")
    containers, _ = look(host)
    assert (containers["web"].runtime, containers["web"].name) == ("lxc", "web")


def test_mounts_that_cannot_be_read_are_a_gap(host):
    host.process(30, f"/docker/{ID}")
    (host.proc / "30/mountinfo").unlink()
    containers, gaps = look(host)
    assert containers[ID].read_only is None
    assert [gap.subject for gap in gaps] == [f"mounts of container {ID}"]


def test_a_name_with_escapes_is_carried_as_it_is(host):
    host.process(30, "/lxc.payload.a\x1b[2Jb/init.scope")
    containers, _ = look(host)
    assert "a\x1b[2Jb" in containers
