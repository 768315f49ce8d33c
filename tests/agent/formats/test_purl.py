from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.formats.purl import purl, quote

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
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


@given(TEXT.map(str.strip), TEXT, TEXT, TEXT, TEXT)
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


def test_the_url_library_is_not_needed() -> None:
    program = "import sys, agent.formats.purl; sys.exit('urllib.parse' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0
