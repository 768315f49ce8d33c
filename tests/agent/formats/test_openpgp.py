"""Who signed is told as gpg tells it."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.formats.openpgp import issuer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

needs_gpg = pytest.mark.skipif(not shutil.which("gpg"), reason="gpg is not installed")

KEY = bytes.fromhex("0123456789abcdef")
VERSION_3 = b"\x88\x1f\x03\x05\x00\x00\x00\x00\x00" + KEY + b"\x01\x02" + bytes(12)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("gpg")
    yield folder
    subprocess.run(["gpgconf", "--homedir", folder, "--kill", "all"], check=False)


def gpg(home: Path, *arguments: str, given: bytes = b"") -> bytes:
    command = ["gpg", "--homedir", str(home), "--batch", "--quiet", "--passphrase", "", *arguments]
    return subprocess.run(command, input=given, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout


@needs_gpg
@pytest.mark.parametrize("kind", ["rsa2048", "ed25519", "dsa2048"])
def test_the_key_of_a_signature_is_that_which_gpg_tells(home: Path, kind: str) -> None:
    gpg(home, "--quick-generate-key", f"{kind}@example.org", kind, "sign")
    lines = gpg(home, "--list-keys", "--with-colons", f"{kind}@example.org").decode().split("\n")
    key = next(line.split(":")[4] for line in lines if line.startswith("pub:"))
    signature = gpg(home, "--local-user", f"{kind}@example.org", "--detach-sign", given=b"text")
    assert issuer(signature) == key.lower()


def packet(body: bytes) -> bytes:
    return b"\xc2" + bytes((len(body),)) + body


def version_4(hashed: bytes, unhashed: bytes) -> bytes:
    lengths = (len(hashed).to_bytes(2, "big"), len(unhashed).to_bytes(2, "big"))
    return packet(b"\x04\x00\x01\x08" + lengths[0] + hashed + lengths[1] + unhashed + b"\0\0")


def test_an_old_signature_names_its_key_at_a_fixed_place() -> None:
    assert issuer(VERSION_3) == KEY.hex()


def test_a_key_is_the_end_of_a_fingerprint_of_twenty_bytes_and_the_beginning_of_a_longer_one() -> None:
    assert issuer(version_4(b"\x16\x21\x04" + bytes(12) + KEY, b"")) == KEY.hex()
    longer = b"\x06\x00\x1b\x0a" + b"\0\0\0\x23" + b"\x22\x21\x06" + KEY + bytes(24) + b"\0\0\0\0"
    assert issuer(packet(longer)) == KEY.hex()


def test_a_signature_that_names_no_key_has_none() -> None:
    assert issuer(version_4(b"\x05\x02\0\0\0\0", b"")) is None


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01", b"\xc2", b"\xc1\x01\x04", packet(b""), packet(b"\x09" + bytes(20)), VERSION_3[:12]]
)
def test_what_is_no_signature_is_an_error(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        issuer(content)


@settings(max_examples=300)
@given(st.binary(max_size=80) | st.binary(max_size=60).map(lambda rest: packet(b"\x04\x00\x01\x08" + rest)))
def test_any_bytes_have_a_key_none_or_are_an_error(content: bytes) -> None:
    try:
        key = issuer(content)
    except ValueError:
        return
    assert key is None or len(key) == 16
