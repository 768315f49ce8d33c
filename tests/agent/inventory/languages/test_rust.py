"""Crates of Rust programs, with and without what cargo-auditable writes."""

from __future__ import annotations

import platform
import shutil
import subprocess

import pytest

from agent.inventory.languages import Finding, rust
from tests.agent.inventory.languages.files import look
from tests.hosts.downloads import from_debian, from_pypi

OBJCOPY = pytest.mark.skipif(not shutil.which("objcopy"), reason="objcopy (binutils) is not installed")


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the package holds a program for x86_64")
def test_a_program_built_with_cargo_auditable_tells_its_crates():
    found, gaps = look(rust, next(from_pypi("uv==0.13.9").glob("**/scripts/uv")))
    assert Finding("cargo", None, "adler2", "2.0.1", None, None, "/uv") in found
    assert Finding("cargo", None, "uv", "0.13.9", None, None, "/uv") in found
    assert len(found) > 400
    assert gaps == []


@pytest.mark.parametrize(("package", "program"), [("ripgrep", "./usr/bin/rg"), ("fd-find", "./usr/lib/cargo/bin/fd")])
def test_programs_of_debian_were_built_without_it_and_tell_nothing(package, program):
    path = from_debian(package, program) / program
    assert path.read_bytes()[:4] == b"\x7fELF"
    assert look(rust, path) == ([], [])


@OBJCOPY
def test_a_broken_section_is_a_gap_that_hides_what_it_may_tell(tmp_path):
    (tmp_path / "section").write_bytes(b"no zlib")
    command = ["objcopy", "--add-section", f".dep-v0={tmp_path / 'section'}", "/bin/true", tmp_path / "program"]
    subprocess.run(command, check=True)
    found, (gap,) = look(rust, tmp_path / "program")
    assert found == []
    assert (gap.subject, gap.reason, gap.hides) == ("/program", "malformed", "/program")


def test_a_program_whose_tables_are_cut_off_is_a_gap(tmp_path):
    with open("/bin/true", "rb") as program:
        (tmp_path / "cut").write_bytes(program.read(5000))
    assert look(rust, tmp_path / "cut")[1][0].hides == "/cut"
