from __future__ import annotations

import json

import pytest

from agent.formats.license import License
from agent.formats.package_json import parse


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"license": "MIT"}, License("MIT", "spdx")),
        ({"license": "(MIT OR Apache-2.0)"}, License("MIT OR Apache-2.0", "spdx")),
        ({"license": {"type": "ISC", "url": "x"}}, License("ISC", "spdx")),
        ({"license": ["MIT", "ISC"]}, License("MIT OR ISC", "spdx")),
        ({"licenses": [{"type": "MIT"}, {"type": "Apache-2.0"}]}, License("MIT OR Apache-2.0", "spdx")),
        ({"licenses": {"name": "MIT"}}, License("MIT", "spdx")),
        ({"license": "SEE LICENSE IN x"}, License("SEE LICENSE IN x", "text")),
        ({"license": 5, "licenses": [5, [], {}]}, License("5", "text")),
        ({"license": {"type": []}}, License(None, None)),
        ({}, License(None, None)),
    ],
)
def test_every_form_of_licence_is_read(fields: dict[str, object], expected: License) -> None:
    assert parse(json.dumps({"name": "a", **fields}).encode()).license == expected


@pytest.mark.parametrize("name", ["@scope", "@/a", "a/b", "@a/b/c", "@a/", "/a", "@"])
def test_a_name_is_a_name_or_one_with_a_scope(name: str) -> None:
    with pytest.raises(ValueError):
        parse(json.dumps({"name": name}).encode())
    assert parse(json.dumps({"name": "@a/b"}).encode()).name == "@a/b"


def test_what_has_no_name_is_no_package() -> None:
    assert parse(b'{"type": "module"}') is None
    assert parse(b'{"name": "", "version": "1"}') is None
