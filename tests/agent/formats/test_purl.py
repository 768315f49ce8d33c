from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.formats.purl import language_purl, purl, quote

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NAMESPACES = TEXT.map(lambda text: "/".join(part.strip() for part in text.split("/")))
"""The library removes white space around segments."""
LIBRARY = "packageurl-python is not installed here: no oracle for package URLs"


def test_a_package_of_debian() -> None:
    assert (
        purl("deb", "debian", "libstdc++6", "1:12.2.0-14+deb12u1", {"distro": "debian-12", "arch": "amd64"})
        == "pkg:deb/debian/libstdc%2B%2B6@1:12.2.0-14%2Bdeb12u1?arch=amd64&distro=debian-12"
    )


def test_what_is_unknown_is_left_out() -> None:
    assert purl("deb", None, "a", "1", {"arch": None, "distro": ""}) == "pkg:deb/a@1"


def test_tilde_and_colon_stay_and_at_signs_and_spaces_do_not() -> None:
    assert quote("1:2~3@4 5") == "1:2~3%404%205"


def test_bytes_that_are_no_utf_8_are_encoded_as_they_are() -> None:
    assert quote("a\udcff") == "a%FF"


def test_a_package_without_a_name_has_no_url() -> None:
    with pytest.raises(ValueError):
        purl("deb", "debian", " / ", "1", {})


@given(NAMESPACES, TEXT, TEXT, TEXT, TEXT)
def test_the_reference_library_writes_the_same(namespace: str, name: str, version: str, arch: str, distro: str) -> None:
    packageurl = pytest.importorskip("packageurl", reason=LIBRARY)
    qualifiers = {"arch": arch, "distro": distro}
    try:
        expected = packageurl.PackageURL("deb", namespace, name, version, qualifiers).to_string()
    except (TypeError, ValueError):  # it refuses an empty name, and trips over one of slashes alone
        with pytest.raises(ValueError):
            purl("deb", namespace, name, version, qualifiers)
        return
    assert purl("deb", namespace, name, version, qualifiers) == expected


LANGUAGES = ("pypi", "npm", "maven", "golang", "cargo", "gem", "composer", "nuget", "generic")


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("pypi", None, "Zope.Interface_x", "5.0"), "pkg:pypi/zope-interface-x@5.0"),
        (("pypi", None, "app", "1!2.0+local"), "pkg:pypi/app@1%212.0%2Blocal"),
        (("npm", "@Angular", "Core", "1.0"), "pkg:npm/%40angular/core@1.0"),
        (("composer", "Acme", "Alpha", "v1"), "pkg:composer/acme/alpha@v1"),
        (("golang", "github.com/BurntSushi", "toml", "v1.3.2"), "pkg:golang/github.com/burntsushi/toml@v1.3.2"),
        (("golang", None, "github.com/a/B", "v2.0.0+incompatible"), "pkg:golang/github.com/a/b@v2.0.0%2Bincompatible"),
        (("maven", "org.Acme", "Alpha", "1.0"), "pkg:maven/org.Acme/Alpha@1.0"),
        (("nuget", None, "Newtonsoft.Json", "13.0.3"), "pkg:nuget/Newtonsoft.Json@13.0.3"),
        (("gem", None, "RedCloth", "4.3"), "pkg:gem/RedCloth@4.3"),
        (("cargo", None, "Inflector_x", "0.1"), "pkg:cargo/Inflector_x@0.1"),
        (("generic", None, "App", None), "pkg:generic/App"),
    ],
)
def test_a_package_of_a_language_is_named_by_the_rules_of_its_type(
    parts: tuple[str, str | None, str, str | None], expected: str
) -> None:
    assert language_purl(*parts) == expected


@given(st.sampled_from(LANGUAGES), NAMESPACES, TEXT, TEXT)
def test_the_reference_library_writes_the_same_of_languages(
    ecosystem: str, namespace: str, name: str, version: str
) -> None:
    packageurl = pytest.importorskip("packageurl", reason=LIBRARY)
    try:
        expected = packageurl.PackageURL(ecosystem, namespace.lower(), name.lower(), version).to_string()
    except (TypeError, ValueError):
        return
    url = language_purl(ecosystem, namespace.lower(), name.lower(), version)
    if ecosystem != "pypi":  # the library puts what it has percent-encoded in lower case
        assert url.lower() == expected.lower()


@given(st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,8}[A-Za-z0-9])?", fullmatch=True), TEXT)
def test_the_reference_library_leaves_the_normal_form_of_a_name_of_pypi_as_it_is(name: str, version: str) -> None:
    packageurl = pytest.importorskip("packageurl", reason=LIBRARY)
    url = language_purl("pypi", None, name, version)
    assert packageurl.PackageURL.from_string(url).to_string() == url


def test_the_url_library_is_not_needed() -> None:
    program = "import sys, agent.formats.purl; sys.exit('urllib.parse' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0
