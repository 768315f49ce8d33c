from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agent.formats.apt_release import Release, parse

SIGNED = b"""\
-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA512

Origin: Debian
Label: Debian-Security
Suite: oldstable-security
Version: 12
Codename: bookworm-security
Components: updates/main updates/contrib
SHA256:
 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855        0 contrib/Contents-amd64
"""
EXPECTED = Release("Debian", "Debian-Security", "oldstable-security", "bookworm-security")


def test_a_signed_release_is_read_behind_its_armour() -> None:
    assert parse(SIGNED) == EXPECTED


def test_a_release_without_a_signature_is_the_same() -> None:
    assert parse(SIGNED.partition(b"\n\n")[2]) == EXPECTED


def test_a_field_that_is_missing_or_empty_is_none() -> None:
    assert parse(b"Origin:\nSuite:   \nLabel: A: b \n") == Release(None, "A: b", None, None)


def test_the_first_of_two_fields_counts_whatever_its_capitals() -> None:
    assert parse(b"origin: A\nOrigin: B\n").origin == "A"


def test_no_field_is_longer_than_200_characters() -> None:
    assert parse(b"Origin: " + b"x" * 5000).origin == "x" * 200


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_read(content: bytes, signed: bool) -> None:
    assert len(parse((SIGNED[:35] if signed else b"") + content)) == 4
