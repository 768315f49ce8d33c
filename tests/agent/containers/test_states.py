import json

import pytest

from agent.containers.running import Running
from agent.containers.states import States
from tests.agent.containers.fake import ID, OTHER
from tests.hosts.trees import plant

DOCKER = json.dumps({"Name": "/web", "Config": {"Image": "nginx:1"}, "Image": "sha256:ab"}).encode()
SPEC = {"linux": {"a": 1}, "process": {"user": {"uid": 7, "gid": 8}}, "annotations": {}}
PODMAN = [{"id": ID, "names": ["web"], "image": "i", "metadata": json.dumps({"image-name": "localhost/web:1"})}]


def state_of(host, upper=None, runtime=None, parent=1):
    host.process(30, f"/x/{ID}", parent=parent)
    gaps = []
    return States(host.open(), gaps.append).of(Running(ID, (30,), 30, runtime), parent, upper), gaps


def test_docker_is_found_in_its_default_data_root_with_the_layers_of_the_image(host):
    content = {
        f"var/lib/docker/containers/{ID}/config.v2.json": DOCKER,
        f"var/lib/docker/containers/{ID}/hostconfig.json": b'{"Privileged": true}',
        "var/lib/docker/image/overlay2/imagedb/content/sha256/ab": b'{"rootfs": {"diff_ids": ["sha256:1"]}}',
    }
    plant(host.root, content)
    state, gaps = state_of(host)
    assert (state.runtime, state.name, state.image, state.image_digest) == ("docker", "web", "nginx:1", "sha256:ab")
    assert (state.layers, state.privileged, gaps) == (("sha256:1",), True, [])


@pytest.mark.parametrize("upper", ["/srv/d/overlay2/abc/diff", None])
def test_another_data_root_is_known_from_where_changes_go_or_from_the_configuration(host, upper):
    plant(
        host.root,
        {
            f"srv/d/containers/{ID}/config.v2.json": DOCKER,
            f"srv/d/containers/{ID}/hostconfig.json": b"{}",
            "etc/docker/daemon.json": b"{}" if upper else b'{"data-root": "/srv/d/"}',
        },
    )
    assert state_of(host, upper)[0].name == "web"


def test_containerd_is_found_in_any_of_its_namespaces(host):
    spec = {
        **SPEC,
        "annotations": {"io.kubernetes.cri.container-type": "sandbox", "io.kubernetes.cri.sandbox-name": "p"},
    }
    path = f"run/containerd/io.containerd.runtime.v2.task/k8s.io/{ID}/config.json"
    plant(host.root, {path: json.dumps(spec).encode(), "run/containerd/io.containerd.runtime.v2.task/file": b""})
    state, gaps = state_of(host)
    assert (state.runtime, state.is_sandbox, state.pod, state.user, gaps) == ("containerd", True, "p", "7:8", [])


def test_an_image_of_containerd_whose_metadata_is_none_is_a_gap_and_the_container_is_told(host):
    path = f"run/containerd/io.containerd.runtime.v2.task/k8s.io/{ID}/config.json"
    store = "srv/store/io.containerd.metadata.v1.bolt/meta.db"
    plant(host.root, {path: json.dumps(SPEC).encode(), store: b"nonsense" * 1000})
    state, (gap,) = state_of(host, "/srv/store/io.containerd.snapshotter.v1.overlayfs/snapshots/7/fs")
    assert (state.runtime, state.image_digest, state.layers) == ("containerd", None, ())
    assert (gap.subject, gap.reason, gap.hides) == (f"/{store}", "malformed", None)


def test_another_folder_of_containerd_is_known_from_where_its_shim_works(host):
    path = f"srv/state/io.containerd.runtime.v2.task/k8s.io/{ID}/config.json"
    plant(host.root, {path: json.dumps(SPEC).encode()})
    host.process(20, "/x")
    (host.proc / "20/cwd").symlink_to(f"/srv/state/io.containerd.runtime.v2.task/k8s.io/{OTHER}")
    assert state_of(host, parent=20)[0].runtime == "containerd"


@pytest.mark.parametrize("storage", ["var/lib/containers/storage", "home/a/.local/share/containers/storage"])
def test_podman_is_found_rootful_and_rootless(host, storage):
    plant(
        host.root,
        {
            f"{storage}/overlay-containers/containers.json": json.dumps(PODMAN).encode(),
            f"{storage}/overlay-containers/{ID}/userdata/config.json": json.dumps(
                {**SPEC, "annotations": {"io.container.manager": "libpod"}}
            ).encode(),
            f"{storage}/overlay-images/images.json": b'[{"id": "i", "digest": "sha256:d", "layer": "l"}]',
            f"{storage}/overlay-layers/layers.json": b'[{"id": "l", "diff-digest": "sha256:1"}]',
        },
    )
    state, gaps = state_of(host, f"/{storage}/overlay/x/diff")
    assert (state.runtime, state.name, state.image, state.image_digest) == (
        "podman",
        "web",
        "localhost/web:1",
        "sha256:d",
    )
    assert (state.layers, state.user, gaps) == (("sha256:1",), "7:8", [])


def test_cri_o_keeps_the_specification_elsewhere_and_names_the_pod(host):
    told = json.dumps({"pod-id": OTHER, "metadata-name": "web", "image-name": "quay.io/web:1"})
    of_pod = json.dumps({"pod-id": OTHER, "pod": True, "namespace": "shop", "uid": "u"})
    entries = [{"id": ID, "metadata": told}, {"id": OTHER, "metadata": of_pod}]
    spec = {
        **SPEC,
        "annotations": {"io.kubernetes.pod.name": "web-0", "io.kubernetes.cri-o.ContainerType": "container"},
    }
    plant(
        host.root,
        {
            "var/lib/containers/storage/overlay-containers/containers.json": json.dumps(entries).encode(),
            f"run/containers/storage/overlay-containers/{ID}/userdata/config.json": json.dumps(spec).encode(),
        },
    )
    state, gaps = state_of(host, runtime="cri-o")
    assert (state.runtime, state.pod, state.pod_namespace, state.pod_uid) == ("cri-o", "web-0", "shop", "u")
    assert (state.pod_container, state.sandbox, state.is_sandbox, gaps) == ("web", OTHER, False, [])


def test_a_container_in_a_container_is_known_to_the_runtime_there(host, tmp_path):
    inner = tmp_path / "inner"
    plant(
        inner,
        {
            f"var/lib/docker/containers/{ID}/config.v2.json": DOCKER,
            f"var/lib/docker/containers/{ID}/hostconfig.json": b"{}",
        },
    )
    host.process(20, f"/docker/{OTHER}", root=inner)
    assert state_of(host, parent=20)[0].name == "web"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"[" * 1_000_000, b"\xff" * 100])
def test_a_state_that_is_malformed_is_a_gap_and_the_container_stays(host, content):
    plant(host.root, {f"var/lib/docker/containers/{ID}/config.v2.json": content})
    state, (gap,) = state_of(host, runtime="docker")
    assert (state.runtime, state.name) == ("docker", None)
    assert (gap.subject, gap.reason, gap.hides) == (f"state of container {ID}", "malformed", None)


def test_lists_beside_it_that_are_malformed_are_gaps(host):
    plant(
        host.root,
        {
            "var/lib/containers/storage/overlay-containers/containers.json": json.dumps(PODMAN).encode(),
            "var/lib/containers/storage/overlay-images/images.json": b"{",
        },
    )
    state, (gap,) = state_of(host)
    assert state.name == "web"
    assert gap.subject == "/var/lib/containers/storage/overlay-images/images.json"


@pytest.mark.parametrize("name", ["../../etc", "a/b", "..", "", "a\nb", "x" * 200])
def test_an_id_that_leads_elsewhere_is_not_looked_up(host, name):
    observed = []
    host.process(30, "/x")
    opened = host.open()
    opened.root._observe = observed.append
    assert States(opened, [].append).of(Running(name, (30,), 30), 1, None).runtime == "unknown"
    assert set(observed) <= {"/"}


def test_a_state_that_is_a_fifo_does_not_block(host):
    import os

    folder = host.root / f"var/lib/docker/containers/{ID}"
    folder.mkdir(parents=True)
    os.mkfifo(folder / "config.v2.json")
    _, (gap,) = state_of(host)
    assert gap.reason == "not_a_file"
