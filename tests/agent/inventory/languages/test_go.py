"""Modules of Go programs, real ones and damaged ones."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

import pytest

from agent.inventory.languages import Finding, go
from tests.agent.inventory.languages.files import look
from tests.hosts.downloads import from_debian, from_pypi

X86_64 = pytest.mark.skipif(platform.machine() != "x86_64", reason="the packages hold programs for x86_64")


def shfmt():
    return next(from_pypi("shfmt-py==4.2.0").glob("**/shfmt"))


def golang(namespace, name, version, location="/shfmt"):
    return Finding("golang", namespace, name, version, None, None, location)


@X86_64
def test_a_program_tells_its_own_module_those_it_depends_on_and_the_library_of_go():
    found, gaps = look(go, shfmt())
    assert found == [
        golang("mvdan.cc/sh", "v3", "v3.14.1"),
        golang("github.com/google/renameio", "v2", "v2.0.2"),
        golang("github.com/rogpeppe", "go-internal", "v1.15.0"),
        golang("golang.org/x", "sys", "v0.47.0"),
        golang("golang.org/x", "term", "v0.45.0"),
        golang("mvdan.cc", "editorconfig", "v0.3.0"),
        golang(None, "stdlib", "1.27.1"),
    ]
    assert gaps == []


def test_a_program_of_debian_tells_the_library_of_go_alone():
    found, gaps = look(go, from_debian("age", "./usr/bin/age") / "usr/bin/age")
    assert [(each.namespace, each.name) for each in found] == [(None, "stdlib")]
    assert found[0].version.startswith("1.")
    assert gaps == []


@X86_64
@pytest.mark.parametrize(
    ("stamp", "version"),
    [
        (b"go1.22", "1.22"),
        (b"go1.2rc", "1.2rc"),
        (b"go1 X:a", "1"),
        (b"devel!", None),
    ],
)
def test_the_library_has_the_version_of_a_released_go(tmp_path, stamp, version):
    program = shfmt().read_bytes()
    length = program.index(b"go1.27.1", program.index(b"\xff Go buildinf:")) - 1
    stamped = program[:length] + bytes((8,)) + stamp.ljust(8) + program[length + 9 :]
    (tmp_path / "shfmt").write_bytes(stamped)
    found, _ = look(go, tmp_path / "shfmt")
    assert found[-1] == golang(None, "stdlib", version)


def test_programs_that_go_did_not_build_tell_nothing():
    assert look(go, Path(sys.executable).resolve()) == ([], [])
    assert look(go, Path(__file__)) == ([], [])


@X86_64
def test_a_cut_off_program_is_a_gap_that_hides_what_it_may_tell(tmp_path):
    (tmp_path / "cut").write_bytes(shfmt().read_bytes()[:100_000])
    found, (gap,) = look(go, tmp_path / "cut")
    assert found == []
    assert (gap.subject, gap.reason, gap.hides) == ("/cut", "malformed", "/cut")


@X86_64
def test_broken_information_is_a_gap(tmp_path):
    program = shfmt().read_bytes()
    (tmp_path / "broken").write_bytes(program.replace(b"dep\tgolang.org/x/sys", b"dep\t\0olang.org/x/sys"))
    found, (gap,) = look(go, tmp_path / "broken")
    assert found == []
    assert gap.reason == "malformed"
    assert "olang" not in gap.detail
