"""Archives without a pom.properties: names and manifests as real ones have them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.formats.jar_identity import Coordinates, from_file_name, from_manifest
from agent.formats.maven_groups import GROUPS


@pytest.mark.parametrize(
    ("name", "artifact", "version"),
    [
        ("commons-lang3-3.12.0.jar", "commons-lang3", "3.12.0"),
        ("log4j-1.2-api-2.19.0.jar", "log4j-1.2-api", "2.19.0"),
        ("guava-31.1-jre.jar", "guava", "31.1-jre"),
        ("zstd-jni-1.5.7-4.jar", "zstd-jni", "1.5.7-4"),
        ("json4s-scalap_2.13-4.0.7.jar", "json4s-scalap_2.13", "4.0.7"),
        ("netty-transport-native-epoll-4.1.94.Final-linux-x86_64.jar", "netty-transport-native-epoll", "4.1.94.Final"),
        ("spring-core-4.3.30.RELEASE.jar", "spring-core", "4.3.30.RELEASE"),
        ("x-1.0-SNAPSHOT-sources.jar", "x", "1.0-SNAPSHOT"),
        ("x-1.0-20230101.123456-1.jar", "x", "1.0-20230101.123456-1"),
        ("bsh-2.0b6.jar", "bsh", "2.0b6"),
        ("xml-apis-1.0.b2.jar", "xml-apis", "1.0.b2"),
        ("semconv-1.25.0-alpha.jar", "semconv", "1.25.0-alpha"),
        ("spring3-core-3.x.jar", "spring3-core-3.x", None),
        ("commons-io.jar", "commons-io", None),
        ("web.app.war", "web.app", None),
        (".jar", ".jar", None),
        ("1.0.jar", "1.0", None),
    ],
)
def test_a_file_name_is_artifact_and_version(name, artifact, version):
    assert from_file_name(name)[1:] == (artifact, version)


@pytest.mark.parametrize(
    ("name", "attributes", "expected"),
    [
        ("h2-2.3.232.jar", {"bundle-symbolicname": "com.h2database"}, ("com.h2database", "h2", "2.3.232")),
        (
            "jackson-x-2.14.1.jar",
            {"bundle-symbolicname": "com.fasterxml.jackson.core.jackson-x;singleton:=true"},
            ("com.fasterxml.jackson.core", "jackson-x", "2.14.1"),
        ),
        (
            "sdk.jar",
            {"implementation-vendor-id": "org.example", "implementation-version": "1.2"},
            ("org.example", "sdk", "1.2"),
        ),
        ("lang.jar", {"implementation-vendor-id": "org.apache", "bundle-version": "3.1.0"}, (None, "lang", "3.1.0")),
        ("lang.jar", {"bundle-symbolicname": "org.apache.lang"}, (None, "lang", None)),
        ("lang.jar", {"bundle-symbolicname": "example.lang"}, (None, "lang", None)),
        ("lang.jar", {"implementation-vendor-id": "The Example Project"}, (None, "lang", None)),
        ("x-1.0.jar", {"implementation-version": "2.0 (b0)"}, (None, "x", "1.0")),
        ("x.jar", {"implementation-version": "5.13.0 (b0)"}, (None, "x", "5.13.0")),
        ("x.jar", {"implementation-version": "2.0.21-release-482"}, (None, "x", "2.0.21")),
        ("x.jar", {"bundle-version": "3.22.0.v20241030-2121"}, (None, "x", "3.22.0")),
        ("x.jar", {"implementation-version": "${version}", "specification-version": "2"}, (None, "x", "2")),
        (
            "asm.jar",
            {"bundle-symbolicname": "org.objectweb.asm", "implementation-version": "9.6"},
            ("org.ow2.asm", "asm", "9.6"),
        ),
        ("app.jar", {}, (None, "app", None)),
        (
            "git.hpi",
            {"short-name": "git", "group-id": "org.jenkins-ci.plugins", "plugin-version": "5.2.0 (private)"},
            ("org.jenkins-ci.plugins", "git", "5.2.0"),
        ),
    ],
)
def test_a_manifest_adds_what_the_name_does_not_say(name, attributes, expected):
    assert from_manifest(attributes, name) == Coordinates(*expected)


def test_a_widespread_artifact_has_a_group_that_nothing_in_it_tells():
    assert from_manifest({}, "spring-core-5.3.20.jar") == Coordinates("org.springframework", "spring-core", "5.3.20")
    assert from_file_name("kotlin-stdlib-2.0.21.jar").group == "org.jetbrains.kotlin"


def test_every_known_group_and_artifact_is_written_as_maven_allows():
    assert len(GROUPS) > 50
    for artifact, group in GROUPS.items():
        assert f"{group}{artifact}".replace("-", "").replace(".", "").isalnum()


@given(st.text(st.sampled_from("ab1-.x_"), max_size=240), st.text(max_size=40))
def test_any_name_gives_an_artifact_in_bounded_time(stem, attribute):
    assert from_manifest(
        {"bundle-symbolicname": attribute, "implementation-version": attribute}, f"{stem}.jar"
    ).artifact
