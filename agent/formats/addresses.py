"""How far an IP address reaches: loopback, link, private or public."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

LOOPBACK = "loopback"
LINK = "link"
PRIVATE = "private"
PUBLIC = "public"

_V4_SCOPES = (
    (0x7F000000, 8, LOOPBACK),  # 127.0.0.0/8
    (0xA9FE0000, 16, LINK),  # 169.254.0.0/16, RFC 3927
    (0xE0000000, 24, LINK),  # 224.0.0.0/24, multicast that no router forwards
    (0x00000000, 8, PRIVATE),  # 0.0.0.0/8, this network
    (0x0A000000, 8, PRIVATE),  # 10.0.0.0/8, RFC 1918
    (0xAC100000, 12, PRIVATE),  # 172.16.0.0/12, RFC 1918
    (0xC0A80000, 16, PRIVATE),  # 192.168.0.0/16, RFC 1918
    (0x64400000, 10, PRIVATE),  # 100.64.0.0/10, RFC 6598
    (0xC0000000, 24, PRIVATE),  # 192.0.0.0/24, RFC 6890
    (0xC0000200, 24, PRIVATE),  # 192.0.2.0/24, documentation
    (0xC6336400, 24, PRIVATE),  # 198.51.100.0/24, documentation
    (0xCB007100, 24, PRIVATE),  # 203.0.113.0/24, documentation
    (0xC6120000, 15, PRIVATE),  # 198.18.0.0/15, benchmarks
    (0xEF000000, 8, PRIVATE),  # 239.0.0.0/8, administratively scoped multicast
    (0xF0000000, 4, PRIVATE),  # 240.0.0.0/4, reserved
)
"""Base, prefix length and scope; every other IPv4 address is public (IANA special-purpose registry)."""

_V6_SCOPES = (
    (0x20010DB8 << 96, 32, PRIVATE),  # 2001:db8::/32, documentation
    (0x3FFF << 112, 20, PRIVATE),  # 3fff::/20, documentation
    (0x2000 << 112, 3, PUBLIC),  # 2000::/3, global unicast
    (0x0064FF9B << 96, 96, PUBLIC),  # 64:ff9b::/96, NAT64 to public IPv4
    (1, 128, LOOPBACK),  # ::1
    (0xFE80 << 112, 10, LINK),  # fe80::/10
)
"""As above; every other IPv6 address, ULA (fc00::/7) among them, is private."""

_V6_MULTICAST = {1: LOOPBACK, 2: LINK, 14: PUBLIC}
"""Scope field of an IPv6 multicast address (RFC 7346); others are of an organisation or less."""


def scope(address: str) -> str:
    """Give loopback, link, private or public for an IPv4 or IPv6 address, with or without %interface.

    Private is all that the Internet does not route: RFC 1918, RFC 6598, ULA, and the reserved rest, of
    which the unspecified address is one. ValueError for what is no address.
    """
    parsed = ip_address(address.partition("%")[0])
    if isinstance(parsed, IPv4Address):
        return _first(_V4_SCOPES, int(parsed), 32, PUBLIC)
    return _v6_scope(parsed)


def _v6_scope(parsed: IPv6Address) -> str:
    value = int(parsed)
    if parsed.ipv4_mapped is not None:
        return scope(str(parsed.ipv4_mapped))
    if value >> 120 == 0xFF:
        return _V6_MULTICAST.get(value >> 112 & 0xF, PRIVATE)
    return _first(_V6_SCOPES, value, 128, PRIVATE)


def _first(scopes: tuple[tuple[int, int, str], ...], value: int, bits: int, otherwise: str) -> str:
    for base, length, name in scopes:
        if (value ^ base) >> (bits - length) == 0:
            return name
    return otherwise
