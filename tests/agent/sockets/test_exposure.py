"""Who can reach a socket, by its address, its namespace and who holds it."""

import pytest

from agent.sockets.exposure import Surroundings, expose

HOST = Surroundings("host", True, None, frozenset(("127.0.0.1", "10.0.0.5", "93.184.216.34")))
POD = Surroundings("c" * 64, False, "c" * 64, frozenset(("127.0.0.1", "10.88.0.2")))
OTHER = Surroundings("net:[1]", False, None, frozenset(("127.0.0.1",)))


def kind(address, surroundings=HOST, program="nginx", published=None):
    return expose(address, surroundings, program, published).kind


@pytest.mark.parametrize(
    "program",
    ["docker-proxy", "rootlessport", "rootlesskit", "slirp4netns", "pasta", "pasta.avx2", "passt", "conmon", "gvproxy"],
)
def test_what_a_forwarder_holds_on_the_host_is_published(program):
    for address in ("0.0.0.0", "::", "93.184.216.34", "10.0.0.5"):
        found = expose(address, HOST, program, None)
        assert found.kind == "published"
        assert found.reason.endswith(f"; {program} forwards it to a container")


def test_a_forwarder_on_loopback_or_within_a_container_publishes_nothing():
    assert kind("127.0.0.1", program="docker-proxy") == "loopback"
    assert kind("0.0.0.0", POD, program="docker-proxy") == "container-internal"
    assert kind("0.0.0.0", OTHER, program="docker-proxy") == "loopback"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1", "loopback"),
        ("::1", "loopback"),
        ("10.0.0.5", "private"),
        ("fe80::1", "private"),
        ("93.184.216.34", "public"),
        ("0.0.0.0", "any"),
        ("::", "any"),
    ],
)
def test_a_service_of_the_host_is_as_exposed_as_its_address(address, expected):
    assert kind(address) == expected


def test_a_port_of_a_container_is_published_where_its_runtime_says_so():
    assert kind("0.0.0.0", POD) == "container-internal"
    assert kind("0.0.0.0", POD, published="0.0.0.0:8080") == "published"
    assert kind("127.0.0.1", POD, published="0.0.0.0:8080") == "loopback"


def test_where_the_addresses_of_a_namespace_are_not_known_it_may_be_any():
    assert kind("0.0.0.0", OTHER._replace(addresses=None)) == "any"
