"""Versions are ordered as rpm itself orders them."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from agent.formats.rpm_version import compare, order, split

needs_rpm = pytest.mark.skipif(not shutil.which("rpm"), reason="rpm is not installed")

TEXTS = st.text("0019ab~^._+Z", min_size=1, max_size=8)
VERSIONS = st.builds(
    "{}{}{}".format, st.sampled_from(["", "0:", "1:", "01:"]), TEXTS, TEXTS.map("-{}".format) | st.just("")
)
SAMPLES = (
    *(
        "1.0",
        "1.0-1",
        "1:1.0",
        "0:1.0",
        "1.0~rc1",
        "1.0^git1",
        "1.0^git1~pre",
        "1.00",
        "1..0",
        "1.0a",
        "1.0.1",
        "10",
        "9",
    ),
    *(
        "5.14.0-70.13.1.el9_0.x86_64",
        "5.14.0-70.26.1.el9_0.x86_64",
        "4.18.0-80.el8",
        "2.0~",
        "2.0^",
        "2.0",
        "a",
        "1",
        "2",
    ),
)


def answers(pairs: list[tuple[str, str]]) -> list[int]:
    calls = ";".join(f'print(rpm.vercmp("{a}", "{b}"), "")' for a, b in pairs)
    output = subprocess.run(["rpm", "--eval", f"%{{lua:{calls}}}"], capture_output=True, text=True, check=True).stdout
    return [int(word) for word in output.split()]


@needs_rpm
def test_any_two_of_many_versions_compare_as_in_rpm() -> None:
    pairs = [(a, b) for a in SAMPLES for b in SAMPLES]
    assert [compare(a, b) for a, b in pairs] == answers(pairs)


@needs_rpm
@settings(max_examples=40, deadline=None, phases=[Phase.generate])
@given(st.lists(st.tuples(VERSIONS, VERSIONS), min_size=30, max_size=30))
def test_any_two_texts_compare_as_in_rpm(pairs: list[tuple[str, str]]) -> None:
    assert [compare(a, b) for a, b in pairs] == answers(pairs)


def test_a_version_is_taken_apart() -> None:
    assert split("1:2.0-3-4.el9") == ("1", "2.0-3", "4.el9")
    assert split("2.0") == ("0", "2.0", None)


def test_a_number_of_any_length_is_compared() -> None:
    assert compare("1" * 10000, "1" * 9999 + "2") == -1


def test_versions_are_sorted_by_their_order() -> None:
    assert sorted(["1.0-2", "1.0-10", "1.0~rc1-5", "1:0.1-1"], key=order) == ["1.0~rc1-5", "1.0-2", "1.0-10", "1:0.1-1"]
