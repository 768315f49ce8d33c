from __future__ import annotations

import json

import pytest

from agent.formats.composer import Installed, parse
from agent.formats.license import License
from agent.formats.manifest import Manifest

ENTRY = {"name": "a/b", "version": "v1", "license": ["MIT", "ISC"], "install-path": "../a/b", "bin": ["x", ""]}
PACKAGE = Installed(Manifest("a/b", "v1", License("MIT OR ISC", "spdx")), "../a/b", ("x",))


@pytest.mark.parametrize("document", [[ENTRY], {"packages": [ENTRY], "dev": True}], ids=["first", "second"])
def test_both_formats_are_read(document: object) -> None:
    assert list(parse(json.dumps(document).encode())) == [PACKAGE]


def test_a_single_licence_and_a_single_command_need_no_list() -> None:
    [installed] = parse(json.dumps([{**ENTRY, "license": "MIT", "bin": "x"}]).encode())
    assert installed == PACKAGE._replace(manifest=Manifest("a/b", "v1", License("MIT", "spdx")))


def test_an_entry_that_is_no_package_is_none() -> None:
    assert list(parse(b'[1, {}, {"name": "a", "version": {}}, {"name": "a", "bin": ["x\\n"]}]')) == [None] * 4


@pytest.mark.parametrize("content", [b"{}", b'"a"', b'{"packages": {"a": 1}}'])
def test_what_is_no_list_of_packages_is_an_error(content: bytes) -> None:
    with pytest.raises(ValueError):
        parse(content)
