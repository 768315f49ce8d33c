from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.formats.apk_version import split


@pytest.mark.parametrize(
    ("version", "upstream", "build"),
    [
        ("1.2.3-r0", "1.2.3", "r0"),
        ("1.1.1w-r12", "1.1.1w", "r12"),
        ("30_pre9-r0", "30_pre9", "r0"),
        ("2.6.20_p20240101_git5-r3", "2.6.20_p20240101_git5", "r3"),
        ("5.1~a0b1c2-r1", "5.1~a0b1c2", "r1"),
        ("20240226.144023", "20240226.144023", None),
    ],
)
def test_a_version_is_taken_apart(version: str, upstream: str, build: str | None) -> None:
    assert split(version) == (upstream, build)


@pytest.mark.parametrize("version", ["", "r1", "1.2-3", "1.2-r", "a1-r0", "1..2-r0", "1.2_new1-r0", "1.2-r1-r2"])
def test_what_is_no_version_is_refused(version: str) -> None:
    with pytest.raises(ValueError, match="a version is"):
        split(version)


@settings(max_examples=200)
@given(st.text(alphabet="0123456789._~-rpabcdef", max_size=40))
def test_the_parts_make_the_version_again(version: str) -> None:
    try:
        upstream, build = split(version)
    except ValueError:
        return
    assert version == (f"{upstream}-{build}" if build else upstream)
