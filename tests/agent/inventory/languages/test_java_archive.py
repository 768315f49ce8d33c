"""The packages of one archive are told by a few of its entries."""

from __future__ import annotations

import pytest

from agent.formats.read_at import of
from agent.formats.zip_directory import Malformed, entries
from agent.inventory.languages.java_archive import Archive, findings
from tests.agent.inventory.languages.test_java import archive, maven, package


def read(files, location="/x/a-1.jar"):
    whole = archive(files)
    return list(findings(Archive(of(whole), len(whole), location), list(entries(of(whole), len(whole)))))


def test_other_entries_are_of_no_interest():
    files = {"A.class": b"", "META-INF/maven/g/a/b/pom.properties": b"", "META-INF/maven/pom.properties": b""}
    assert read({**files, **maven("g", "a", "1")}) == [package("g", "a", "1", "/x/a-1.jar")]


def test_the_longest_artifact_that_the_file_is_named_after_is_the_archive_s_own():
    found = read({**maven("g", "log4j", "9"), **maven("g", "log4j-1.2-api", "2")}, "/x/log4j-1.2-api.jar")
    assert [each.name for each in found] == ["log4j-1.2-api", "log4j"]


def test_an_artifact_that_the_file_s_name_merely_starts_with_is_another():
    found = read({**maven("g", "netty", "3"), **maven("g", "other", "4")}, "/x/netty-all-4.jar")
    assert [(each.name, each.version) for each in found] == [("netty-all", "4"), ("netty", "3"), ("other", "4")]


def test_a_manifest_is_found_whatever_the_case_of_its_name():
    found = read({"meta-inf/Manifest.mf": b"Implementation-Version: 7\n"}, "/x/a.jar")
    assert [each.version for each in found] == ["7"]


def test_a_signed_archive_may_have_a_manifest_of_any_length():
    digests = b"".join(b"Name: %d\r\nSHA-256-Digest: %s\r\n\r\n" % (n, b"x" * 40) for n in range(20_000))
    found = read({"META-INF/MANIFEST.MF": b"Implementation-Version: 7\r\n\r\n" + digests}, "/x/a.jar")
    assert [each.version for each in found] == ["7"]


def test_what_the_directory_lists_but_the_archive_does_not_have_is_malformed():
    whole = archive(maven("g", "a", "1"))
    listed = [entry._replace(offset=entry.offset + 1) for entry in entries(of(whole), len(whole))]
    with pytest.raises(Malformed):
        list(findings(Archive(of(whole), len(whole), "/x/a-1.jar"), listed))
