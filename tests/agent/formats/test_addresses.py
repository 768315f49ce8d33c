import pytest

from agent.formats.addresses import LINK, LOOPBACK, PRIVATE, PUBLIC, scope


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1", LOOPBACK),
        ("127.0.0.53", LOOPBACK),
        ("127.255.255.255", LOOPBACK),
        ("126.255.255.255", PUBLIC),
        ("128.0.0.0", PUBLIC),
        ("10.0.0.1", PRIVATE),
        ("172.15.255.255", PUBLIC),
        ("172.16.0.0", PRIVATE),
        ("172.31.255.255", PRIVATE),
        ("172.32.0.0", PUBLIC),
        ("192.168.1.1", PRIVATE),
        ("192.169.0.0", PUBLIC),
        ("100.63.255.255", PUBLIC),
        ("100.64.0.0", PRIVATE),
        ("100.127.255.255", PRIVATE),
        ("100.128.0.0", PUBLIC),
        ("169.254.169.254", LINK),
        ("8.8.8.8", PUBLIC),
        ("192.0.2.7", PRIVATE),
        ("198.19.255.255", PRIVATE),
        ("224.0.0.251", LINK),
        ("224.0.1.1", PUBLIC),
        ("239.255.255.250", PRIVATE),
        ("255.255.255.255", PRIVATE),
        ("0.0.0.0", PRIVATE),
        ("::1", LOOPBACK),
        ("::2", PRIVATE),
        ("::", PRIVATE),
        ("fe80::1", LINK),
        ("fe80::1%eth0", LINK),
        ("febf::1", LINK),
        ("fec0::1", PRIVATE),
        ("fc00::1", PRIVATE),
        ("fdff::1", PRIVATE),
        ("2001:db8::1", PRIVATE),
        ("2001:4860:4860::8888", PUBLIC),
        ("2a00::1", PUBLIC),
        ("3fff:0fff::1", PRIVATE),
        ("3ffe::1", PUBLIC),
        ("64:ff9b::808:808", PUBLIC),
        ("::ffff:127.0.0.1", LOOPBACK),
        ("::ffff:10.1.2.3", PRIVATE),
        ("::ffff:8.8.8.8", PUBLIC),
        ("ff01::1", LOOPBACK),
        ("ff02::fb", LINK),
        ("ff05::2", PRIVATE),
        ("ff0e::1", PUBLIC),
        ("ff3e::1", PUBLIC),
    ],
)
def test_an_address_reaches_as_far_as_the_registries_say(address, expected):
    assert scope(address) == expected


@pytest.mark.parametrize("text", ["", "localhost", "1.2.3", "1.2.3.4.5", "::g", "%eth0"])
def test_what_is_no_address_is_a_value_error(text):
    with pytest.raises(ValueError):
        scope(text)
