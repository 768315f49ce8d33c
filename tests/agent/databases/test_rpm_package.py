from __future__ import annotations

import base64
import struct
from typing import TYPE_CHECKING

import pytest

from agent.databases import Asked
from agent.databases.distribution import Distribution
from agent.databases.rpm_entries import Entry
from agent.databases.rpm_keys import identity, newest
from agent.databases.rpm_package import Context, package_of
from agent.formats import rpm_header as tags
from agent.formats.rpm_header import Header
from agent.formats.rpmdb import Damaged

if TYPE_CHECKING:
    from agent.model.records import Package

INT32, TEXT, BINARY, TEXTS = 4, 6, 7, 8
SIGNATURE = b"\x88\x1f\x03\x05\x00\x00\x00\x00\x00" + bytes.fromhex("199e2f91fd431d51") + b"\x01\x02" + bytes(12)


def header(**more: str | int | bytes | None) -> Header:
    """Write a header of tags by their names in rpm_header."""
    index = data = b""
    values = {"NAME": "tea", "VERSION": "1.0", "RELEASE": "2.el9", "ARCH": "x86_64", **more}
    entries = [(getattr(tags, name), value) for name, value in values.items() if value is not None]
    for tag, value in entries:
        kind = {str: TEXT, int: INT32, bytes: BINARY}[type(value)]
        kind = TEXTS if tag == tags.OPENPGP else kind
        content = {TEXT: lambda v: v.encode() + b"\0", TEXTS: lambda v: v.encode() + b"\0"}.get(kind)
        written = content(value) if content else value.to_bytes(4, "big") if isinstance(value, int) else value
        index += struct.pack(">LLLL", tag, kind, len(data), len(written) if kind == BINARY else 1)
        data += written
    whole = struct.pack(">LL", len(entries), len(data)) + index + data
    return Header(lambda count: whole[:count], 1 << 20)


def package(
    distribution: str = "rhel", licenses: bool = True, origins: bool = True, **more: str | int | bytes | None
) -> Package:
    asked = Asked(Distribution(distribution, f"{distribution}-9"), licenses, origins)
    found = header(**more)
    who = identity(found)
    assert who
    return package_of(Entry(found, who, None), Context("/db", asked, {}))


@pytest.mark.parametrize(
    ("declared", "license_", "form"),
    [
        ("GPL-2.0-or-later AND MIT", "GPL-2.0-or-later AND MIT", "spdx"),
        ("GPLv2+ and MIT", "GPL-2.0-or-later AND MIT", "spdx"),
        ("ASL 2.0", "Apache-2.0", "spdx"),
        ("Freely redistributable without restriction", "Freely redistributable without restriction", "text"),
        (None, None, None),
    ],
)
def test_a_licence_is_read_as_spdx_or_in_the_words_of_fedora(
    declared: str | None, license_: str | None, form: str | None
) -> None:
    found = package(LICENSE=declared)
    assert (found.license, found.license_form) == (license_, form)


def test_what_is_not_asked_for_is_not_told() -> None:
    found = package(licenses=False, origins=False, LICENSE="MIT", RSA_HEADER=SIGNATURE)
    assert (found.license, found.license_form, found.provenance) == (None, None, None)


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("tea-leaves-1.0-2.el9.src.rpm", ("tea-leaves", "1.0-2.el9")),
        ("tea-1.0-2.nosrc.rpm", ("tea", "1.0-2")),
        ("tea.src.rpm", ("tea", None)),
        ("(none)", (None, None)),
        (None, (None, None)),
    ],
)
def test_the_source_package_is_taken_from_its_file_name(file: str | None, source: tuple[str | None, ...]) -> None:
    found = package(SOURCE_RPM=file)
    assert (found.source_name, found.source_version) == source


@pytest.mark.parametrize("tag", ["RSA_HEADER", "DSA_HEADER", "SIG_PGP", "SIG_GPG", "OPENPGP"])
def test_who_signed_is_told_wherever_the_signature_is(tag: str) -> None:
    signature = base64.b64encode(SIGNATURE).decode() if tag == "OPENPGP" else SIGNATURE
    found = package(**{tag: signature})
    assert (found.signing_key, found.provenance) == ("199e2f91fd431d51", "distribution")


@pytest.mark.parametrize("more", [{"RSA_HEADER": b"unknown"}, {"OPENPGP": "no base64"}, {"OPENPGP": "AAAA"}, {}])
def test_a_signature_that_is_not_understood_tells_nothing(more: dict[str, str | bytes]) -> None:
    assert package(**more).signing_key is None


@pytest.mark.parametrize(
    ("distribution", "purl"),
    [
        ("rhel", "pkg:rpm/redhat/tea@1.0-2.el9?arch=x86_64&distro=rhel-9"),
        ("opensuse-leap", "pkg:rpm/opensuse/tea@1.0-2.el9?arch=x86_64&distro=opensuse-leap-9"),
        ("sles", "pkg:rpm/suse/tea@1.0-2.el9?arch=x86_64&distro=sles-9"),
        ("fedora", "pkg:rpm/fedora/tea@1.0-2.el9?arch=x86_64&distro=fedora-9"),
    ],
)
def test_a_package_url_has_the_namespace_that_is_in_use(distribution: str, purl: str) -> None:
    assert package(distribution).purl == purl


def test_an_epoch_of_zero_that_is_written_is_kept_in_the_version_alone() -> None:
    found = package(EPOCH=0)
    assert (found.version, found.epoch) == ("0:1.0-2.el9", 0)
    assert "epoch" not in (found.purl or "")


def test_a_public_key_is_no_package() -> None:
    assert identity(header(NAME="gpg-pubkey", ARCH=None)) is None


@pytest.mark.parametrize("tag", ["NAME", "VERSION", "RELEASE"])
def test_a_package_without_name_or_version_is_damaged(tag: str) -> None:
    with pytest.raises(Damaged):
        identity(header(**{tag: None}))


def test_the_newest_of_several_versions_is_told_by_their_order() -> None:
    found = [header(VERSION=version) for version in ("1.9", "1.10", "1.2")]
    assert newest([*found, Damaged(""), header(NAME="milk")]) == {"rpm/tea:x86_64": "1.10-2.el9"}
    assert newest([header(VERSION="9"), header(EPOCH=1)]) == {"rpm/tea:x86_64": "1:1.0-2.el9"}
    assert newest([header(), header()]) == {}
