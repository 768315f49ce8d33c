from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.formats.snap_yaml import fields

META = """\
name: tea
version: '5.0.3-babaa5d' # of today
summary: Tea
description: |
  version: 9
license: GPL-3.0+ AND MIT
apps:
  tea:
    version: 8
"""


def test_version_and_licence_are_read() -> None:
    assert fields(META.encode()) == {"version": "5.0.3-babaa5d", "license": "GPL-3.0+ AND MIT"}


@pytest.mark.parametrize(
    "written",
    ["1.10", "'1.10'", '"1.10"', "1.10   # x", "  1.10", "git+1:2", "2024-01-01", "'it''s'", "-1", "a#b", "2.0 beta"],
)
def test_a_version_is_what_yaml_reads_without_types(written: str) -> None:
    content = f"name: x\nversion: {written}\nsummary: x\n"
    assert fields(content.encode()) == {"version": yaml.load(content, yaml.BaseLoader)["version"]}


@pytest.mark.parametrize(
    "written", ["", "|\n  1.0", "[1]", "{a: b}", "*a", "&a 1.0", "!!str 1.0", "'1.0", '"a\\tb"', "# 1.0", "1.0\n  beta"]
)
def test_other_notations_are_passed_over(written: str) -> None:
    assert fields(f"version: {written}\n".encode()) == {}


@settings(max_examples=300)
@given(st.text(alphabet="0123456789.+-~abc '\"#:[]{}!|>?,\t\\\u00e4\u2028", min_size=1, max_size=12))
def test_what_is_read_is_what_yaml_reads(written: str) -> None:
    content = f"name: x\nversion: {written}\n"
    found = fields(content.encode()).get("version")
    try:
        assert found in (None, yaml.load(content, yaml.BaseLoader)["version"])
    except (yaml.YAMLError, TypeError):
        pass


@settings(max_examples=200)
@given(st.binary(max_size=80), st.sampled_from([b"version: ", b"\nlicense: ", b""]))
def test_any_bytes_are_read(content: bytes, before: bytes) -> None:
    fields(before + content)
