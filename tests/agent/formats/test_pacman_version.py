from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.formats.pacman_version import split


@pytest.mark.parametrize(
    ("version", "parts"),
    [
        ("1.0-1", (0, "1.0", "1")),
        ("1:2.0.r5.gabc+d-3.1", (1, "2.0.r5.gabc+d", "3.1")),
        ("20240226_1~rc-2", (0, "20240226_1~rc", "2")),
    ],
)
def test_a_version_is_taken_apart(version: str, parts: tuple[int, str, str]) -> None:
    assert split(version) == parts


@pytest.mark.parametrize(
    "version", ["", "1.0", "-1", "1.0-", "1.0-1-1", "a:1.0-1", ":1.0-1", "1 0-1", "1.0-1a", "9" * 11 + ":1-1"]
)
def test_what_is_no_version_is_refused(version: str) -> None:
    with pytest.raises(ValueError, match="a version is"):
        split(version)


@settings(max_examples=200)
@given(st.text(alphabet="0123456789.:-ab\n/", max_size=40))
def test_the_parts_make_the_version_again(version: str) -> None:
    try:
        epoch, upstream, release = split(version)
    except ValueError:
        return
    assert version.endswith(f"{upstream}-{release}")
    assert int(version[: -len(f"{upstream}-{release}")].rstrip(":") or 0) == epoch
