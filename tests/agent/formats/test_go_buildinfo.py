"""Build information of real Go programs of several versions and machines is what `go version -m` says."""

from __future__ import annotations

import os
import platform
import struct
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.formats import elf_layout
from agent.formats.go_buildinfo import LIMIT, BuildInfo, Malformed, Module, build_info
from agent.formats.read_at import of
from tests.hosts.downloads import from_debian, from_npm, from_pypi

GO = "./usr/lib/go-1.19/bin/go"
FRAME = bytes(range(16))
X86_64 = pytest.mark.skipif(platform.machine() != "x86_64", reason="the packages hold programs for x86_64")


def shfmt():
    return next(from_pypi("shfmt-py==4.2.0").glob("**/shfmt"))


def old(package):
    return next(from_npm(package).glob("**/esbuild"))


def said_by_go(program):
    """Ask the real Go, and replace modules as its documentation says."""
    go = from_debian("golang-1.19-go", GO) / GO
    environment = {**os.environ, "GOROOT": str(go.parents[1])}
    command = [go, "version", "-m", program]
    output = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    first, *lines = output.splitlines()
    modules = []
    for kind, path, version in ((*line.strip().split("\t"), "", "")[:3] for line in lines):
        if kind in ("mod", "dep"):
            modules.append(Module(path, version.replace("(devel)", "") or None))
        elif kind == "=>":
            modules[-1] = Module(path, version)
    return BuildInfo(first.rpartition(": ")[2], tuple(modules))


@X86_64
def test_modules_of_a_program_of_this_year_are_those_that_go_lists():
    found = build_info(of(shfmt().read_bytes()))
    assert found == said_by_go(shfmt())
    assert found.modules[0] == Module("mvdan.cc/sh/v3", "v3.14.1")
    assert len(found.modules) == 6


@pytest.mark.parametrize(
    "package",
    ["esbuild-linux-64@0.12.0", "esbuild-linux-32@0.13.0", "esbuild-linux-arm@0.14.0", "esbuild-linux-mips64le@0.14.0"],
)
@X86_64
def test_programs_of_go_before_1_18_point_to_their_modules(package):
    program = old(package)
    found = build_info(of(program.read_bytes()))
    assert found == said_by_go(program)
    assert found.go.startswith(("go1.16", "go1.17"))
    assert found.modules[1].path == "golang.org/x/sys"


@X86_64
def test_a_program_of_debian_names_the_version_of_go_and_no_modules():
    program = from_debian("age", "./usr/bin/age") / "usr/bin/age"
    found = build_info(of(program.read_bytes()))
    assert found == said_by_go(program)
    assert found.go.startswith("go1.")
    assert found.modules == ()


@X86_64
def test_a_program_whose_section_headers_were_cut_off_is_read_by_its_data_segment():
    program = bytearray(shfmt().read_bytes())
    expected = build_info(of(bytes(program)))
    program[40:48] = bytes(8)
    program[58:64] = bytes(6)
    assert build_info(of(bytes(program))) == expected


def framed(text):
    return FRAME + text.encode() + FRAME[::-1] if text else b""


def counted(text):
    return struct.pack("<B", len(text) & 0x7F | 0x80) + struct.pack("<B", len(text) >> 7) + text


def inline(text, go=b"go1.22.1"):
    return program(b"\xff Go buildinf:\x08\x02" + bytes(16) + counted(go) + counted(framed(text)))


def program(contents, bits=64, order="<"):
    """Write an ELF file of one data segment and no sections."""
    number = struct.Struct(order + ("Q" if bits == 64 else "L"))
    at = 0x80
    head = b"\x7fELF" + bytes((2 if bits == 64 else 1, 1 if order == "<" else 2, 1)) + bytes(9)
    head += struct.pack(order + "HHL", 2, 62, 1) + number.pack(0) + number.pack(64) + number.pack(0)
    head += struct.pack(order + "LHHHHHH", 0, 64, 56 if bits == 64 else 32, 1, 0, 0, 0)
    load = struct.pack(order + "LL", 1, 6) + b"".join(map(number.pack, (at, 0x1000, 0, len(contents), 0, 1)))
    if bits == 32:
        load = struct.pack(order + "8L", 1, at, 0x1000, 0, len(contents), 0, 6, 1)
    return (head.ljust(64, b"\0") + load).ljust(at, b"\0") + contents


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("bits", [32, 64])
def test_pointers_of_both_sizes_and_byte_orders_are_followed(bits, order):
    number = struct.Struct(order + ("Q" if bits == 64 else "L"))
    text = framed("path\tx\nmod\tx.org/y\tv1.0.0\th1:=\n")
    strings = 0x1000 + 32 + 4 * number.size
    header = b"\xff Go buildinf:" + bytes((bits // 8, order == ">"))
    header += number.pack(0x1020) + number.pack(0x1020 + 2 * number.size)
    contents = header.ljust(32, b"\0")
    contents += b"".join(map(number.pack, (strings, 6, strings + 6, len(text)))) + b"go1.15" + text
    assert build_info(of(program(contents, bits, order))) == BuildInfo("go1.15", (Module("x.org/y", "v1.0.0"),))


@pytest.mark.parametrize(
    ("lines", "modules"),
    [
        ("mod\ta/b\t(devel)\t\n", [("a/b", None)]),
        ("mod\ta/b\tv1.0.0+incompatible\th1:x=\n", [("a/b", "v1.0.0+incompatible")]),
        ("dep\ta\tv1\t\n=>\tfork/a\tv2\th1:x=\ndep\tb\tv3\th1:y=\n", [("fork/a", "v2"), ("b", "v3")]),
        ("dep\ta\tv1\t\n=>\t./staging/a/\t(devel)\t\n", [("a", None)]),
        ("path\tcommand-line-arguments\nbuild\t-compiler=gc\n", []),
        ("=>\ta\tv1\n", []),
    ],
)
def test_replacements_count_and_directories_have_no_version(lines, modules):
    assert build_info(of(inline(lines))).modules == tuple(Module(*module) for module in modules)


def test_a_text_without_its_frame_is_none():
    contents = b"\xff Go buildinf:\x08\x02" + bytes(16) + counted(b"go1.22") + counted(FRAME + b"mod\ta\tv1" + FRAME)
    assert build_info(of(program(contents))) == BuildInfo("go1.22", ())


def test_what_go_did_not_build_has_none():
    assert build_info(of(program(b"no information" * 99))) is None
    assert build_info(of(b"#!/bin/sh\n")) is None


def test_the_magic_must_stand_where_go_puts_it():
    contents = b"x" * 8 + b"\xff Go buildinf:\x08\x02" + bytes(16) + counted(b"go1.22") + counted(b"")
    assert build_info(of(program(contents))) is None


@pytest.mark.parametrize(
    "contents",
    [
        b"\xff Go buildinf:\x08\x02",
        b"\xff Go buildinf:\x08\x02" + bytes(16) + b"\xff" * 9,
        b"\xff Go buildinf:\x08\x02" + bytes(16) + b"\0\0",
        b"\xff Go buildinf:\x08\x02" + bytes(16) + b"\x7fgo1",
        b"\xff Go buildinf:\x08\x02" + bytes(16) + b"\xff\xff\xff\x7f" + b"x" * LIMIT,
        b"\xff Go buildinf:\x08\x00" + bytes(16),
        b"\xff Go buildinf:\x03\x00" + bytes(16),
        b"\xff Go buildinf:\x08\x00" + b"\xff" * 16,
        b"\xff Go buildinf:\x08\x02"
        + bytes(16)
        + counted(b"go1.22")
        + counted(framed("mod\t\tv1\n" + "x" * 20 + "\n")),
        b"\xff Go buildinf:\x08\x02"
        + bytes(16)
        + counted(b"go1.22")
        + counted(framed("mod\ta/\tv1\n" + "x" * 20 + "\n")),
    ],
)
def test_broken_information_is_malformed(contents):
    with pytest.raises(Malformed):
        build_info(of(program(contents)))


def test_information_past_its_limit_is_not_read():
    asked = []
    whole = program(b"\xff Go buildinf:\x08\x02" + bytes(16) + b"\xff\xff\xff\x7f")

    def read_at(offset, count):
        asked.append(count)
        return whole[offset : offset + count]

    with pytest.raises(Malformed, match="longer"):
        build_info(read_at)
    assert max(asked) <= LIMIT


def test_a_module_whose_name_no_module_can_have_is_refused():
    with pytest.raises(ValueError, match="characters"):
        build_info(of(inline("mod\ta\x1b[2J\tv1\n")))


@given(st.data())
@settings(max_examples=200)
def test_a_damaged_program_is_read_or_refused(data):
    whole = inline("path\tx\nmod\tx.org/y\tv1.0.0\th1:=\ndep\tz\tv1\n=>\t./z\t(devel)\n")
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(4, len(whole) - 1))
        damage = data.draw(st.binary(min_size=1, max_size=8))
        whole = whole[:at] + damage + whole[at + len(damage) :]
    try:
        build_info(of(whole))
    except (elf_layout.Malformed, ValueError):
        pass
