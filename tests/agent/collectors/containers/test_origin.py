import pytest

from agent.collectors.containers.origin import Origin
from agent.databases import Asked, dpkg, pacman
from agent.databases.distribution import UNKNOWN
from agent.host import Host
from agent.host.root import HostRoot
from agent.model.records import Package
from tests.hosts.trees import STATUS, plant, stanza

ASKED = Asked(UNKNOWN, licenses=False, origins=False)
DATABASES = (f"/{STATUS}",)


def packages_of(root, database=dpkg):
    found = database.packages(Host(HostRoot(str(root)), None), ASKED)
    return {record.name: record for record in found if isinstance(record, Package)}


@pytest.fixture
def layers(tmp_path):
    upper = plant(tmp_path / "upper", {STATUS: stanza("a", "1") + stanza("b", "2") + stanza("c", "1"), "app/x": b""})
    below = plant(tmp_path / "below", {STATUS: stanza("a", "1") + stanza("b", "1")})
    return HostRoot(str(upper)), HostRoot(str(below))


def test_a_package_is_added_when_the_image_has_it_not_in_this_version(layers, tmp_path):
    origin = Origin(layers, DATABASES, is_layered=True, has_below=True)
    found = {name: origin.is_added_to_database(package) for name, package in packages_of(tmp_path / "upper").items()}
    assert found == {"a": False, "b": True, "c": True}


def test_where_the_image_has_no_database_all_is_added(layers, tmp_path):
    origin = Origin(layers[:1], DATABASES, is_layered=True, has_below=False)
    assert all(origin.is_added_to_database(package) for package in packages_of(tmp_path / "upper").values())


def test_a_database_that_nobody_changed_is_the_images(layers, tmp_path):
    origin = Origin(layers[:1], (), is_layered=True, has_below=False)
    assert not any(origin.is_added_to_database(package) for package in packages_of(tmp_path / "upper").values())


def test_a_file_is_added_when_it_is_in_the_layer_of_changes(layers):
    origin = Origin(layers[:1], (), is_layered=True, has_below=False)
    assert (origin.is_added("/app/x"), origin.is_added("/app/y")) == (True, False)


def test_without_a_layer_of_changes_nothing_is_added(layers, tmp_path):
    origin = Origin((), (), is_layered=True, has_below=False)
    assert origin.is_added("/app/x") is False
    assert origin.is_added_to_database(packages_of(tmp_path / "upper")["a"]) is False


def test_of_a_root_without_layers_nothing_is_known(layers, tmp_path):
    origin = Origin((), (), is_layered=False, has_below=False)
    assert origin.is_added("/app/x") is None
    assert origin.is_added_to_database(packages_of(tmp_path / "upper")["a"]) is None


def test_a_database_of_the_image_that_cannot_be_read_leaves_it_unknown(layers, tmp_path):
    (tmp_path / "below" / STATUS).unlink()
    (tmp_path / "below" / STATUS).mkdir()
    origin = Origin(layers, DATABASES, is_layered=True, has_below=True)
    assert origin.is_added_to_database(packages_of(tmp_path / "upper")["a"]) is not False


def test_a_database_of_one_file_for_each_package_tells_by_the_file(tmp_path):
    desc = b"%NAME%\nx\n\n%VERSION%\n1-1\n\n%ARCH%\nany\n"
    upper = plant(tmp_path / "upper", {"var/lib/pacman/local/x-1-1/desc": desc})
    (package,) = packages_of(upper, pacman).values()
    origin = Origin([HostRoot(str(upper))], (), is_layered=True, has_below=False)
    assert origin.is_added_to_database(package) is True
