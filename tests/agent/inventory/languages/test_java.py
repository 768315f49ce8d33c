"""Packages of Java archives: Debian's, those that the JDK's jar makes, and archives within archives."""

from __future__ import annotations

import io
import shutil
import subprocess
import tracemalloc
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.inventory.languages import Finding, java
from tests.agent.inventory.languages.files import look
from tests.hosts.downloads import from_debian

DEFLATED, STORED = zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED


def archive(files, method=DEFLATED):
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", method) as writer:
        for name, content in files.items():
            writer.writestr(name, content)
    return kept.getvalue()


def maven(group, artifact, version, license_name=None):
    folder = f"META-INF/maven/{group}/{artifact}"
    files = {f"{folder}/pom.properties": f"groupId={group}\nartifactId={artifact}\nversion={version}\n"}
    if license_name:
        files[f"{folder}/pom.xml"] = f"<licenses><license><name>{license_name}</name></license></licenses>"
    return files


def package(group, artifact, version, location, licensed=None):
    return Finding("maven", group, artifact, version, licensed, "spdx" if licensed else None, location)


def look_at(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    return look(java, tmp_path / name)


@pytest.mark.parametrize(
    ("debian_package", "jar", "expected"),
    [
        ("libcommons-lang3-java", "commons-lang3.jar", ("org.apache.commons", "commons-lang3", "3.12.0", "Apache-2.0")),
        ("libcommons-io-java", "commons-io.jar", ("commons-io", "commons-io", "2.11.0", "Apache-2.0")),
        ("libguava-java", "guava.jar", ("com.google.guava", "guava", "31.1-jre", "Apache-2.0")),
        ("liblog4j2-java", "log4j-1.2-api.jar", ("org.apache.logging.log4j", "log4j-1.2-api", "2.19.0", "Apache-2.0")),
        ("liblog4j2-java", "log4j-core.jar", ("org.apache.logging.log4j", "log4j-core", "2.19.0", "Apache-2.0")),
        (
            "libcommons-collections3-java",
            "commons-collections3-3.2.2.jar",
            (None, "commons-collections3", "3.2.2", "Apache-2.0"),
        ),
    ],
)
def test_archives_of_debian_are_the_packages_of_its_maven_repository(debian_package, jar, expected):
    folder = from_debian(debian_package)
    (found,), gaps = look(java, folder / "usr/share/java" / jar)
    group, artifact, version, licensed = expected
    assert found[:4] == ("maven", group, artifact, version)
    assert found.license in (None, licensed)
    assert gaps == []
    if group:
        assert (folder / "usr/share/maven-repo" / group.replace(".", "/") / artifact / version).is_dir()


@pytest.mark.skipif(not shutil.which("jar"), reason="the JDK's jar is not installed")
def test_an_archive_of_the_jdk_is_named_by_its_file(tmp_path):
    (tmp_path / "manifest").write_text("Implementation-Version: 2.5.1\nImplementation-Vendor-Id: org.example\n")
    (tmp_path / "A.txt").write_text("text")
    subprocess.run(["jar", "cfm", "made.jar", "manifest", "A.txt"], cwd=tmp_path, check=True)
    assert look(java, tmp_path / "made.jar") == ([package("org.example", "made", "2.5.1", "/made.jar")], [])


def test_the_package_of_the_archive_comes_first_and_shaded_ones_behind(tmp_path):
    files = {**maven("g", "other", "1"), **maven("g", "app", "2", "MIT License"), **maven("g", "app-core", "3")}
    found, gaps = look_at(tmp_path, "app-2.jar", archive(files))
    location = "/app-2.jar"
    assert found == [
        package("g", "app", "2", location, "MIT"),
        package("g", "other", "1", location),
        package("g", "app-core", "3", location),
    ]
    assert gaps == []


def test_an_archive_that_shades_others_and_says_nothing_of_itself_is_named_by_its_file(tmp_path):
    found, _ = look_at(tmp_path, "sdk-1.55.jar", archive(maven("org.jctools", "jctools-core", "4.0.5")))
    location = "/sdk-1.55.jar"
    assert found == [package(None, "sdk", "1.55", location), package("org.jctools", "jctools-core", "4.0.5", location)]


def test_an_archive_that_was_renamed_is_the_one_package_that_it_carries(tmp_path):
    found, _ = look_at(tmp_path, "app.jar", archive(maven("g", "my-service", "1.0")))
    assert found == [package("g", "my-service", "1.0", "/app.jar")]


def test_the_folder_counts_where_the_properties_say_nothing_and_a_placeholder_is_no_version(tmp_path):
    files = {"META-INF/maven/g/a/pom.properties": "version=${project.version}\n"}
    assert look_at(tmp_path, "a.jar", archive(files))[0] == [package("g", "a", None, "/a.jar")]


def test_the_licence_of_the_bundle_counts_where_the_pom_has_none(tmp_path):
    files = {**maven("g", "a", "1"), "META-INF/MANIFEST.MF": "Bundle-License: Apache-2.0\n"}
    assert look_at(tmp_path, "a.jar", archive(files))[0] == [package("g", "a", "1", "/a.jar", "Apache-2.0")]


@pytest.mark.parametrize("inner", [STORED, DEFLATED])
@pytest.mark.parametrize("outer", [STORED, DEFLATED])
def test_archives_within_archives_are_read_to_a_depth_of_three(tmp_path, outer, inner):
    content = archive(maven("g", "d4", "4"))
    for level, method in ((3, inner), (2, outer), (1, inner), (0, outer)):
        content = archive({f"lib/d{level + 1}.jar": content, **maven("g", f"d{level}", level)}, method)
    found, (gap,) = look_at(tmp_path, "d0.ear", content)
    nested = "/d0.ear!/lib/d1.jar!/lib/d2.jar!/lib/d3.jar"
    assert [each[1:4] for each in found] == [("g", f"d{level}", str(level)) for level in range(4)]
    assert found[3].location == nested
    assert (gap.subject, gap.reason, gap.hides) == ("/d0.ear", "limit", "/d0.ear")


def test_an_application_of_spring_boot_is_read_though_a_script_stands_before_it(tmp_path):
    files = {"BOOT-INF/lib/spring-core-5.3.20.jar": archive({"x.class": b""}), **maven("g", "app", "1")}
    found, gaps = look_at(tmp_path, "app.jar", b"#!/bin/bash\nexit 0\n" + archive(files, STORED))
    assert found[1] == package(
        "org.springframework", "spring-core", "5.3.20", "/app.jar!/BOOT-INF/lib/spring-core-5.3.20.jar"
    )
    assert gaps == []


def test_a_stored_archive_is_read_in_place(tmp_path):
    large = archive({"x": b"\1\2\3" * 20_000_000}, STORED)
    (tmp_path / "outer.war").write_bytes(archive({"WEB-INF/lib/large-1.jar": large}, STORED))
    tracemalloc.start()
    found, gaps = look(java, tmp_path / "outer.war")
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()
    assert [each.name for each in found] == ["outer", "large"]
    assert gaps == []


def test_a_packed_archive_past_the_limit_is_a_gap_and_takes_no_more_memory(tmp_path):
    large = archive({"x": b"\0" * 100_000_000}, STORED)
    (tmp_path / "outer.war").write_bytes(archive({"a-1.jar": large, "b-1.jar": archive({"y": b""})}))
    del large
    tracemalloc.start()
    found, (gap,) = look(java, tmp_path / "outer.war")
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()
    assert [each.name for each in found] == ["outer", "b"]
    assert gap.reason == "limit"


def test_packed_archives_within_packed_ones_share_the_memory(tmp_path):
    content = archive({"x": b"\0" * 10_000_000}, STORED)
    for level in (3, 2, 1):
        content = archive({f"d{level}.jar": content, "x": b"\0" * 5_000_000}, STORED if level > 1 else DEFLATED)
    (tmp_path / "d0.jar").write_bytes(archive({"in.jar": content}))
    del content
    tracemalloc.start()
    look(java, tmp_path / "d0.jar")
    assert tracemalloc.get_traced_memory()[1] < 24_000_000
    tracemalloc.stop()


def test_what_is_only_named_like_an_archive_gives_nothing(tmp_path):
    found, gaps = look_at(tmp_path, "a-1.jar", archive({"templates/b.jar": b"no archive", "c.jar/": b""}))
    assert [each.name for each in found] == ["a"]
    assert gaps == []


@pytest.mark.parametrize("content", [b"", b"text", b"#!/bin/sh\nexit 0\n", bytes(1000), b"\x7fELF" * 99])
def test_a_file_that_is_only_named_like_an_archive_gives_nothing(tmp_path, content):
    assert look_at(tmp_path, "a-1.jar", content) == ([], [])


@pytest.mark.parametrize("name", ["A-1.JAR", "a-1.war", "a-1.ear", "a-1.hpi", "a-1.jpi"])
def test_every_kind_of_archive_is_looked_at(tmp_path, name):
    assert [each.version for each in look_at(tmp_path, name, archive({}))[0]] == ["1"]


def test_archives_of_sources_count_without_any_class(tmp_path):
    found, _ = look_at(tmp_path, "a-1.2-sources.jar", archive({"a/A.java": b""}))
    assert found == [package(None, "a", "1.2", "/a-1.2-sources.jar")]


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04" + bytes(50), archive(maven("g", "a", "1"))[:-30]], ids=["no archive", "cut off"]
)
def test_a_broken_archive_is_a_gap_that_hides_what_it_may_tell(tmp_path, content):
    found, (gap,) = look_at(tmp_path, "a-1.jar", content)
    assert found == []
    assert (gap.subject, gap.reason, gap.hides) == ("/a-1.jar", "malformed", "/a-1.jar")


def test_a_broken_archive_within_another_takes_nothing_from_the_others(tmp_path):
    files = {"a-1.jar": b"PK\x03\x04" + bytes(60), "b-1.jar": archive({"x": b""})}
    found, (gap,) = look_at(tmp_path, "w-1.war", archive(files))
    assert [each.name for each in found] == ["w", "b"]
    assert gap.reason == "malformed"


def test_names_that_no_package_can_have_are_refused_and_not_repeated(tmp_path):
    files = {"META-INF/maven/g/a/pom.properties": "artifactId=evil\x1b[2J\n"}
    found, (gap,) = look_at(tmp_path, "a.jar", archive(files))
    assert found == []
    assert "evil" not in gap.detail


@pytest.mark.parametrize("name", ["a\x1b[2J.jar", f"{'a' * 2000}.jar"])
def test_archives_with_names_that_no_file_has_are_refused_and_not_repeated(tmp_path, name):
    found, (gap,) = look_at(tmp_path, "a.jar", archive({name: archive({})}))
    assert [each.name for each in found] == ["a"]
    assert name[:2] not in gap.detail.replace("an archive", "")


def test_an_archive_that_holds_itself_over_and_over_comes_to_an_end(tmp_path):
    content = archive({"x": b""})
    for _ in range(4):
        content = archive(dict.fromkeys((f"{n}-1.jar" for n in range(40)), content), STORED)
    _, (gap,) = look_at(tmp_path, "a.jar", content)
    assert gap.reason == "limit"


def test_more_entries_of_interest_than_there_may_be_are_a_gap(tmp_path):
    files = dict.fromkeys((f"META-INF/maven/g/{n}/pom.xml" for n in range(java.ENTRIES_LIMIT + 1)), b"")
    found, (gap,) = look_at(tmp_path, "a-1.jar", archive(files, STORED))
    assert [each.name for each in found] == ["a"]
    assert gap.reason == "limit"


WHOLE = archive(
    {"in-1.jar": archive(maven("g", "in", "1")), **maven("g", "a", "1", "MIT"), "META-INF/MANIFEST.MF": b"A: b\n"}
)


@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=8)), min_size=1, max_size=6))
@settings(max_examples=200, deadline=None)
def test_a_damaged_archive_gives_packages_or_a_gap(tmp_path_factory, damages):
    whole = WHOLE
    for at, damage in damages:
        whole = whole[:at] + damage + whole[at + len(damage) :]
    found, gaps = look_at(tmp_path_factory.getbasetemp(), "a-1.jar", whole)
    assert len(gaps) < 2
    assert found or gaps or not whole.startswith(b"PK")
