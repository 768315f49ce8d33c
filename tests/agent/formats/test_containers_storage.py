import json

import pytest

from agent.formats import containers_storage
from agent.formats.containers_storage import StoredLayer, layer_digests


def written(*entries):
    return json.dumps(entries).encode()


def test_a_container_of_podman_is_read_with_what_is_written_in_its_metadata():
    told = json.dumps({"image-name": "localhost/web:1", "name": "web", "created-at": 1})
    entry = {
        "id": "a",
        "names": ["web"],
        "image": "i",
        "layer": "l",
        "metadata": told,
        "created": "2024-05-01T12:00:00Z",
    }
    (container,) = containers_storage.containers(written(entry)).values()
    assert (container.name, container.image, container.image_id, container.created) == (
        "web",
        "localhost/web:1",
        "i",
        1714564800,
    )
    assert not container.pod


def test_a_container_of_cri_o_names_the_one_that_keeps_its_pods_namespaces():
    sandbox = json.dumps({"pod-id": "s", "pod": True, "namespace": "shop", "uid": "u", "metadata-name": "web-0"})
    inside = json.dumps({"pod-id": "s", "metadata-name": "web", "image-name": "quay.io/web:1"})
    found = containers_storage.containers(written({"id": "s", "metadata": sandbox}, {"id": "c", "metadata": inside}))
    assert found["s"].pod
    assert (found["s"].pod_namespace, found["s"].pod_uid) == ("shop", "u")
    assert (found["c"].pod_id, found["c"].pod_container, found["c"].pod) == ("s", "web", False)


def test_the_layers_of_an_image_are_followed_from_the_top_down():
    known = containers_storage.layers(
        written({"id": "b", "parent": "a", "diff-digest": "sha256:2"}, {"id": "a", "diff-digest": "sha256:1"})
    )
    assert layer_digests(known, "b") == ("sha256:1", "sha256:2")
    assert layer_digests(known, "c") == ()
    assert layer_digests(known, None) == ()


def test_layers_that_go_round_in_circles_are_none():
    assert layer_digests({"a": StoredLayer("a", "sha256:1")}, "a") == ()


def test_an_image_has_a_digest_and_names():
    (image,) = containers_storage.images(
        written({"id": "i", "digest": "sha256:d", "layer": "b", "names": ["x", "y"]})
    ).values()
    assert image == ("sha256:d", "b", ("x", "y"))


@pytest.mark.parametrize("metadata", ["{", "[]", "null", '"x"', 7, None, ["x"], "[" * 100_000])
def test_metadata_that_nobody_wrote_so_is_passed_over(metadata):
    (container,) = containers_storage.containers(written({"id": "a", "metadata": metadata, "names": "x"})).values()
    assert container.name is None


@pytest.mark.parametrize("content", [b"", b"{}", b"7"])
def test_what_is_no_list_raises(content):
    with pytest.raises(ValueError):
        containers_storage.containers(content)
