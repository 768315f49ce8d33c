"""Manifests, pom.properties and licences of Java archives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.formats.jar import bundle_license, manifest, pom_license, properties


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_main_section_of_a_manifest_is_read_with_continued_lines(end):
    lines = [
        "Manifest-Version: 1.0",
        "Bundle-SymbolicName: org.example.a",
        " bc;singleton:=true",
        "",
        "Name: x",
        "A: b",
    ]
    assert manifest(end.join(lines).encode()) == {
        "manifest-version": "1.0",
        "bundle-symbolicname": "org.example.abc;singleton:=true",
    }


def test_the_first_attribute_of_a_name_counts_whatever_its_case():
    assert manifest(b"A: 1\na: 2\nno attribute\n") == {"a": "1"}


def test_properties_are_read_without_comments():
    text = b"#Created by Apache Maven 3.8.1\n!x=y\ngroupId=org.example\r\nartifactId = a\nversion=1.0\\:2\nempty=\n"
    assert properties(text) == {"groupId": "org.example", "artifactId": "a", "version": "1.0:2", "empty": ""}


def pom(*names):
    licenses = "".join(f"<license>\n<name>{name}</name><url>u</url></license>" for name in names)
    return f"<project><!-- <licenses><license><name>no</name> --><licenses>{licenses}</licenses></project>".encode()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (pom("Apache License, Version 2.0"), ("Apache-2.0", "spdx")),
        (pom("\n      MIT License\n    "), ("MIT", "spdx")),
        (pom("Eclipse Public License v2.0", "The Apache License, Version 2.0"), ("EPL-2.0 OR Apache-2.0", "spdx")),
        (pom("Bits &amp; Pieces &lt;1&gt;"), ("Bits & Pieces <1>", "text")),
        (pom("MIT", "Own words"), ("MIT OR Own words", "text")),
        (pom(), (None, None)),
        (b"<project><parent/></project>", (None, None)),
        (b'<!DOCTYPE x [<!ENTITY e "evil">]><licenses><license><name>&e;</name></license></licenses>', ("&e;", "text")),
        (b"<licenses><license><url>u</url></license></licenses>", (None, None)),
        (b"", (None, None)),
    ],
)
def test_licences_of_a_pom_are_alternatives(content, expected):
    assert pom_license(content) == expected


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("https://www.apache.org/licenses/LICENSE-2.0.txt", ("Apache-2.0", "spdx")),
        ("http://www.apache.org/licenses/LICENSE-2.0", ("Apache-2.0", "spdx")),
        ("https://opensource.org/licenses/BSD-2-Clause;description=BSD 2-Clause License", ("BSD-2-Clause", "spdx")),
        ("http://www.opensource.org/licenses/mit-license.php", ("MIT", "spdx")),
        ('"Apache-2.0";link="https://www.apache.org/licenses/LICENSE-2.0.txt"', ("Apache-2.0", "spdx")),
        ("The Apache License, Version 2.0", ("Apache-2.0", "spdx")),
        (
            "http://www.eclipse.org/legal/epl-2.0, https://www.apache.org/licenses/LICENSE-2.0",
            ("EPL-2.0 OR Apache-2.0", "spdx"),
        ),
        ("https://example.org/license.html", ("https://example.org/license.html", "text")),
        ("", (None, None)),
    ],
)
def test_licences_of_a_bundle_are_names_identifiers_or_addresses(declared, expected):
    assert bundle_license({"bundle-license": declared}) == expected
    assert bundle_license({}) == (None, None)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_as_each(content):
    assert isinstance(manifest(content), dict)
    assert isinstance(properties(content), dict)
    pom_license(b"<licenses><license><name>" + content + b"</name></license></licenses>")
    bundle_license({"bundle-license": content.decode("latin-1")})


@pytest.mark.parametrize("part", [b"<!--", b"<licenses>", b"<license>", b"<name>", b"&amp;", b"\n ", b"\\"])
def test_half_a_megabyte_of_what_opens_and_never_closes_says_nothing(part):
    """Each of these would take hours if what follows an opening were searched again for every opening."""
    content = part * (512 * 1024 // len(part))
    assert pom_license(content) == (None, None)
    assert manifest(content) == {}
    assert properties(content) == {}
