from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.inventory.place import Places, hidden, without_version


@pytest.mark.parametrize(
    ("location", "version", "place"),
    [
        ("/lib/requests-2.28.1.dist-info/METADATA", "2.28.1", "/lib/requests-*.dist-info/METADATA"),
        ("/lib/x-1.0-py3.11.egg-info/PKG-INFO", "1.0", "/lib/x-*-py3.11.egg-info/PKG-INFO"),
        ("/gems/3.1.0/specifications/rails-7.0.gemspec", "7.0", "/gems/3.1.0/specifications/rails-*.gemspec"),
        ("/m2/org/x/foo/1.2/foo-1.2.jar", "1.2", "/m2/org/x/foo/*/foo-*.jar"),
        ("/n/.pnpm/foo@1.2.3/node_modules/foo/package.json", "1.2.3", "/n/.pnpm/foo@*/node_modules/foo/package.json"),
        ("/n/node_modules/foo/package.json", "1.2.3", "/n/node_modules/foo/package.json"),
        ("/opt/tool-v1.9/bin/tool", "1.9", "/opt/tool-v*/bin/tool"),
        ("/opt/v1.9/tool", "v1.9", "/opt/*/tool"),
        ("/lib/x-1.0_1.dist-info/METADATA", "1.0-1", "/lib/x-*.dist-info/METADATA"),
        ("/usr/lib/python3.11/x/METADATA", "3.11", "/usr/lib/python3.11/x/METADATA"),
        ("/opt/foo-1.2.3/x", "1.2", "/opt/foo-1.2.3/x"),
        ("/opt/foo-1.25/x", "1.2", "/opt/foo-1.25/x"),
        ("/opt/master/x", "master", "/opt/master/x"),
        ("/opt/x", "", "/opt/x"),
        ("/opt/x", None, "/opt/x"),
        ("/a/app-1.2-SNAPSHOT.jar!/lib/foo-3.jar", "3", "/a/app-*.jar!/lib/foo-*.jar"),
        ("/a/app-1.2.war!/lib/foo-3.jar!/bar-4.jar", "4", "/a/app-*.war!/lib/foo-*.jar!/bar-*.jar"),
        ("/a/app.jar!/x-1", None, "/a/app.jar!/x-1"),
    ],
)
def test_a_place_has_a_star_for_the_version(location: str, version: str | None, place: str) -> None:
    assert without_version(location, version) == place


def test_an_upgrade_changes_no_place() -> None:
    before = without_version("/lib/requests-2.28.1.dist-info/METADATA", "2.28.1")
    assert without_version("/lib/requests-2.31.0.dist-info/METADATA", "2.31.0") == before


def test_packages_of_one_place_and_name_are_numbered() -> None:
    places = Places()
    found = [
        places.place(location, version, ecosystem, name)
        for location, version, ecosystem, name in [
            ("/m2/foo/1.2/foo-1.2.jar", "1.2", "maven", "foo"),
            ("/m2/other/1.2/other-1.2.jar", "1.2", "maven", "other"),
            ("/m2/foo/1.3/foo-1.3.jar", "1.3", "maven", "foo"),
            ("/m2/foo/1.3/foo-1.3.jar", "1.3", "maven", "bar"),
            ("/bin/program", "1.0", "golang", "m"),
            ("/bin/program", "2.0", "golang", "m"),
            ("/bin/program", "1.0", "cargo", "m"),
            ("/bin/program2", "1.0", "golang", "m"),
        ]
    ]
    assert found == [
        "/m2/foo/*/foo-*.jar",
        "/m2/other/*/other-*.jar",
        "/m2/foo/*/foo-*.jar~2",
        "/m2/foo/*/foo-*.jar",
        "/bin/program",
        "/bin/program~2",
        "/bin/program",
        "/bin/program2",
    ]


@pytest.mark.parametrize(
    ("path", "prefix"),
    [
        ("/usr/lib/python3.11/site-packages/", "/usr/lib/python3.11/site-packages/"),
        ("/opt/app-1.2/lib/", "/opt/app-"),
        ("/opt/app-v1.2/lib/", "/opt/app-"),
        ("/versions/3.9.18/lib/", "/versions/"),
        ("/home/user1/", "/home/user1/"),
        ("/", "/"),
    ],
)
def test_a_gap_hides_all_places_that_may_lie_there(path: str, prefix: str) -> None:
    assert hidden(path) == prefix


names = st.text(st.sampled_from("ab-_@=+~.v!*09"), min_size=1, max_size=6)
versions = st.from_regex(r"v?[0-9](\.[0-9]|[ab+-])*", fullmatch=True)


@settings(max_examples=500)
@given(st.lists(names | versions | st.sampled_from(["a-1.2.jar!", "b-1.jar!"]), min_size=1, max_size=6), versions)
def test_every_place_starts_with_what_a_gap_above_it_hides(parts: list[str], version: str) -> None:
    location = "/" + "/".join(parts)
    for end, letter in enumerate(location):
        if letter == "/":
            assert without_version(location, version).startswith(hidden(location[: end + 1]))
    assert without_version(location, version).startswith(hidden(location))


@given(st.text(max_size=200), st.text(max_size=20))
def test_any_text_is_taken(location: str, version: str) -> None:
    without_version(location, version)
    hidden(location)
