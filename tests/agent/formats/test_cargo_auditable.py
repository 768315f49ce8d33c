"""Crates of a real program, and of programs to which objcopy added what cargo-auditable's schema describes."""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.formats.cargo_auditable import LIMIT, Crate, Malformed, crates
from agent.formats.read_at import of
from tests.agent.formats.test_elf_layout import small
from tests.hosts.downloads import from_pypi

CRATES = {
    "packages": [
        {"name": "adler", "version": "0.2.3", "source": "crates.io"},
        {"name": "app", "version": "1.0.0", "source": "local", "dependencies": [0, 2], "root": True},
        {"name": "cc", "version": "1.0.73", "source": "crates.io", "kind": "build"},
        {"name": "fork", "version": "0.1.0", "source": "git", "kind": "runtime"},
        {"name": "inner", "version": "2.0.0", "source": "registry"},
    ],
    "format": 1,
}


def holding(content):
    """Write a small ELF file of which the section .dep-v0 has a content."""
    whole = small().replace(b"\0.rel.a\0.shstrtab\0", b"\0.dep-v0\0shstrtab\0")
    table = len(whole) - 2 * 64
    changed = bytearray(whole + content)
    changed[table : table + 4] = (1).to_bytes(4, "little")
    changed[table + 24 : table + 40] = len(whole).to_bytes(8, "little") + len(content).to_bytes(8, "little")
    return bytes(changed)


def packed(document):
    return zlib.compress(document if isinstance(document, bytes) else json.dumps(document).encode())


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the package holds a program for x86_64")
@pytest.mark.skipif(not shutil.which("objcopy"), reason="objcopy (binutils) is not installed")
def test_crates_of_a_real_program_are_those_of_its_section(tmp_path):
    program = next(from_pypi("uv==0.13.9").glob("**/uvx"))
    dumped = tmp_path / "section"
    subprocess.run(["objcopy", "--dump-section", f".dep-v0={dumped}", program, tmp_path / "copy"], check=True)
    listed = json.loads(zlib.decompress(dumped.read_bytes()))["packages"]
    found = crates(of(program.read_bytes()))
    assert found == [(crate["name"], crate["version"]) for crate in listed if crate.get("kind") != "build"]
    assert Crate("anyhow", "1.0.104") in found
    assert 400 < len(found) < len(listed)


@pytest.mark.skipif(not shutil.which("objcopy"), reason="objcopy (binutils) is not installed")
def test_a_section_that_objcopy_added_is_read(tmp_path):
    (tmp_path / "section").write_bytes(packed(CRATES))
    subprocess.run(
        ["objcopy", "--add-section", f".dep-v0={tmp_path / 'section'}", "/bin/true", tmp_path / "program"], check=True
    )
    assert [crate.name for crate in crates(of((tmp_path / "program").read_bytes()))] == [
        "adler",
        "app",
        "fork",
        "inner",
    ]


def test_crates_that_only_built_the_program_are_left_out():
    assert crates(of(holding(packed(CRATES)))) == [
        Crate("adler", "0.2.3"),
        Crate("app", "1.0.0"),
        Crate("fork", "0.1.0"),
        Crate("inner", "2.0.0"),
    ]


def test_a_program_without_the_section_has_none():
    assert crates(of(small())) == []
    assert crates(of(b"#!/bin/sh\n")) == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no zlib",
        packed(CRATES)[:-9],
        packed(CRATES)[:-1],
        packed(b"{"),
        packed(b"[]"),
        packed({}),
        packed({"packages": {}}),
        packed({"packages": [1]}),
        packed({"packages": [{"name": "a"}]}),
        packed({"packages": [{"name": "a\n", "version": "1"}]}),
        packed({"packages": [{"name": ["a"], "version": "1"}]}),
        packed(b"[" * 100_000),
    ],
)
def test_other_content_is_malformed(content):
    with pytest.raises(Malformed):
        crates(of(holding(content)))


def test_a_section_that_unpacks_to_more_than_its_limit_is_stopped():
    bomb = packed(b" " * 64 * LIMIT)
    program = holding(bomb)
    tracemalloc.start()
    with pytest.raises(Malformed, match="more than"):
        crates(of(program))
    assert tracemalloc.get_traced_memory()[1] < 4 * LIMIT
    tracemalloc.stop()


def test_a_section_that_claims_to_be_large_is_not_read():
    program = bytearray(holding(b"x"))
    at = program.index((1).to_bytes(8, "little"), len(program) - 1 - 2 * 64 + 24)
    program[at : at + 8] = (1 << 40).to_bytes(8, "little")
    with pytest.raises(Malformed, match="longer"):
        crates(of(bytes(program)))


@given(st.binary(max_size=200))
def test_any_bytes_in_the_section_are_read_or_refused(content):
    for held in (content, zlib.compress(content)):
        try:
            crates(of(holding(held)))
        except Malformed:
            pass


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["packages", "name", "version"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["packages", "name", "version", "kind"]), inner)
    ),
    max_leaves=20,
)


@given(JSON)
def test_any_json_in_the_section_is_read_or_refused(document):
    try:
        crates(of(holding(packed(document))))
    except Malformed:
        pass
