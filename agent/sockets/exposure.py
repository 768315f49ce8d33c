"""Who can reach a socket: its bind address, seen from the namespace that it is in."""

from __future__ import annotations

from typing import NamedTuple

from agent.formats.addresses import LINK, LOOPBACK, PRIVATE, scope

ANY = "any"
CONTAINER_INTERNAL = "container-internal"
PUBLISHED = "published"

_FORWARDERS = frozenset(
    ("docker-proxy", "rootlessport", "rootlesskit", "slirp4netns", "pasta", "pasta.avx2", "passt", "conmon", "gvproxy")
)
"""Programs that listen on the host for a container and pass on what they receive."""
_EVERY = {
    "0.0.0.0": "every IPv4 address",  # noqa: S104
    "::ffff:0.0.0.0": "every IPv4 address",
    "::": "every IPv6 address, and every IPv4 address unless the socket is IPv6 only",
}


class Exposure(NamedTuple):
    """A class and why it is that."""

    kind: str
    reason: str


class Surroundings(NamedTuple):
    """The namespace of a socket.

    name: Its name, host for the host's own.
    is_host: Whether it is the host's own.
    container: Id of the container whose namespace it is.
    addresses: Addresses of its interfaces; None where they are not known.
    """

    name: str
    is_host: bool
    container: str | None
    addresses: frozenset[str] | None


def expose(address: str, surroundings: Surroundings, program: str | None, published: str | None) -> Exposure:
    """Classify a socket.

    program: Name of the program that holds it.
    published: Where on the host the container's runtime publishes the socket's port; None where it does not.
    """
    every = _EVERY.get(address)
    reach = LOOPBACK if not every and scope(address) == LOOPBACK else None
    where = f"bound to {every or address}"
    if reach:
        return Exposure(LOOPBACK, f"{where} in {_place(surroundings)}")
    if surroundings.container is not None:
        if published:
            return Exposure(PUBLISHED, f"{where} in {_place(surroundings)}, published at {published}")
        return Exposure(CONTAINER_INTERNAL, f"{where} in {_place(surroundings)}, not known to be published")
    if surroundings.is_host and program in _FORWARDERS:
        return Exposure(PUBLISHED, f"{where}; {program} forwards it to a container")
    return _by_address(address, every, where, surroundings)


def _by_address(address: str, every: str | None, where: str, surroundings: Surroundings) -> Exposure:
    place = _place(surroundings)
    if not every:
        kind = scope(address)
        held = "" if surroundings.addresses is None or address in surroundings.addresses else " (no interface has it)"
        return Exposure(PRIVATE if kind == LINK else kind, f"{where}, a {_adjective(kind)} address{held}, in {place}")
    if surroundings.addresses is None:
        return Exposure(ANY, f"{where} of {place}, whose addresses are not known")
    scopes = sorted({scope(own) for own in _covered(address, surroundings.addresses)})
    if not surroundings.is_host and scopes in ([], [LOOPBACK]):
        return Exposure(LOOPBACK, f"{where} of {place}, which has no other than loopback")
    return Exposure(ANY, f"{where} of {place}; among them {', '.join(scopes) or 'none'}")


def _covered(wildcard: str, addresses: frozenset[str]) -> list[str]:
    """Give the addresses that a wildcard stands for; :: may stand for all of both families."""
    return [own for own in addresses if wildcard == "::" or ":" not in own]


def _adjective(kind: str) -> str:
    return "link-local" if kind == LINK else kind


def _place(surroundings: Surroundings) -> str:
    if surroundings.is_host:
        return "the host's network namespace"
    if surroundings.container is not None:
        return f"the network namespace of container {surroundings.container[:12]}"
    return f"the network namespace {surroundings.name}"
