import os

import pytest

from agent.containers.image import CHANGES, Layers, layered, plain
from agent.formats.overlay_mount import RootMount
from agent.host.root import HostRoot
from tests.hosts.trees import plant

MOUNT = RootMount("overlay", False, "0:40", "/", ("/l/2", "/l/1"), "/s/c/diff")


@pytest.fixture
def store(tmp_path):
    """A store with two layers of an image and one for changes."""
    plant(tmp_path, {"l/1/usr/bin/x": b"", "l/2/app/package.json": b"{}", "l/1/var/lib/dpkg/status": b""})
    (tmp_path / "s/c/diff").mkdir(parents=True)
    return tmp_path


def look(store, mount=MOUNT, remote=()):
    return layered(HostRoot(str(store)), mount, remote)


def test_containers_with_the_same_layers_have_the_same_software(store):
    (store / "s/d/diff").mkdir(parents=True)
    plant(store, {"s/d/diff/var/log/x": b"log", "s/d/diff/etc/hosts": b"", "s/d/diff/tmp/y": b"z"})
    first, second = look(store), look(store, MOUNT._replace(upper="/s/d/diff"))
    assert first.contents == second.contents
    assert (first.drift, second.drift, first.is_lasting) == (False, False, True)


def test_other_layers_are_other_software(store):
    assert look(store).contents != look(store, MOUNT._replace(lower=("/l/1",))).contents


def test_the_same_changes_are_the_same_software_and_others_are_not(store):
    plant(store, {"s/c/diff/app/package.json": b"{1}", "s/d/diff/app/package.json": b"{1}"})
    for layer in "cd":
        os.utime(store / f"s/{layer}/diff/app/package.json", ns=(1, 1))
    first, second = look(store), look(store, MOUNT._replace(upper="/s/d/diff"))
    assert (first.contents, first.drift) == (second.contents, True)
    plant(store, {"s/c/diff/app/package.json": b"{12}"})
    assert look(store).contents != first.contents


def test_a_changed_database_is_named(store):
    plant(store, {"s/c/diff/var/lib/dpkg/status": b"x", "s/c/diff/app/package.json": b"{}"})
    assert look(store).databases == ("/var/lib/dpkg/status",)


def test_layers_that_are_named_from_their_folder_are_found(store):
    plant(store, {"s/1/fs/x": b"", "s/2/fs/y": b""})
    (store / "s/3/fs").mkdir(parents=True)
    assert look(store, MOUNT._replace(lower=("2/fs", "1/fs"), upper="/s/3/fs")).drift is False


def test_layers_that_are_not_where_they_should_be_identify_nothing(store):
    assert look(store, MOUNT._replace(lower=("/l/9",))) is None


def test_more_changes_than_are_looked_at_leave_drift_unknown(store):
    folder = store / "s/c/diff/data"
    folder.mkdir()
    for number in range(CHANGES):
        os.mknod(folder / str(number))
    found = look(store)
    assert (found.drift, "more than" in found.unseen) == (None, True)


def test_what_is_not_local_is_not_touched(store):
    os.rename(store / "l", store / "away")
    assert look(store, remote=("/l",)).contents == look(store, remote=("/l",)).contents
    assert look(store, remote=("/s",)) is None
    os.rename(store / "away", store / "l")
    assert "not on a local" in look(store, remote=("/s",)).unseen


def test_an_image_that_is_the_hosts_own_root_does_not_last(store):
    assert not look(store, MOUNT._replace(lower=("/",))).is_lasting


def test_a_read_only_root_has_no_drift(store):
    assert look(store, MOUNT._replace(upper=None)).drift is False


def test_a_new_directory_counts_only_where_it_hides_another(store):
    if os.geteuid() != 0:
        pytest.skip("needs root for such attributes")
    for name in ("app", "new"):
        (store / "s/c/diff" / name).mkdir()
        try:
            os.setxattr(store / "s/c/diff" / name, "trusted.overlay.opaque", b"y")
        except OSError as error:
            pytest.skip(f"this file system has no such attributes: {error.strerror}")
    assert look(store).drift is True
    os.rmdir(store / "s/c/diff/app")
    assert look(store).drift is False


def test_the_topmost_layer_that_has_a_path_is_found(store):
    layers = Layers(HostRoot(str(store)), MOUNT)
    assert layers.below("/var/lib/dpkg/status").exists("/usr/bin/x")
    assert layers.below("/app").exists("/app/package.json")
    assert layers.below("/nothing") is None


def test_a_layer_that_leads_out_of_the_tree_leads_nowhere(store, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    os.symlink(outside, store / "l/out")
    assert look(store, MOUNT._replace(lower=("/l/out",))) is None


def test_a_plain_root_shares_with_nobody():
    assert plain("a", MOUNT).contents != plain("b", MOUNT).contents
    assert plain("a", MOUNT) == plain("a", MOUNT)
    assert (plain("a", None).drift, plain("a", None).is_lasting) == (None, False)
