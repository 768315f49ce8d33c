"""The files in a process's memory, as the kernel writes them."""

import ctypes
import mmap
import os

import pytest

from agent.formats.maps import Mapped, mapped, path_of

LINES = b"""\
55d0c0000000-55d0c0001000 r--p 00000000 fd:00 131 /usr/bin/x
55d0c0001000-55d0c0002000 r-xp 00001000 fd:00 131                        /usr/bin/x
7f0000000000-7f0000001000 rw-p 00000000 00:00 0 
7f0000001000-7f0000002000 rw-s 00000000 00:01 2049 /memfd:name (deleted)
7ffd00000000-7ffd00021000 rw-p 00000000 00:00 0                          [stack]
7ffd00021000-7ffd00022000 r-xp 00000000 00:00 0                          [vdso]
"""  # noqa: W291 - as the kernel writes it


def test_files_are_told_from_all_else_that_is_in_memory():
    found, cut = mapped([LINES], 10)
    assert {(each.executable, each.path) for each in found} == {
        (b"-", b"/usr/bin/x"),
        (b"x", b"/usr/bin/x"),
        (b"-", b"/memfd:name (deleted)"),
    }
    assert not cut


def test_a_file_that_is_mapped_often_is_given_once():
    line = b"7f%010x-7f%010x r-xp 00000000 fd:00 7 /lib/y\n"
    found, cut = mapped([b"".join(line % (at, at + 1) for at in range(1000))], 10)
    assert found == {Mapped(b"x", b"fd:00", b"7", b"/lib/y")}
    assert not cut


def test_more_files_than_may_be_are_cut_off_and_told():
    line = b"7f%010x-7f%010x r--p 00000000 fd:00 %d /f%d\n"
    found, cut = mapped([line % (at, at + 1, at + 1, at) for at in range(100)], 10)
    assert (len(found), cut) == (10, True)


@pytest.mark.parametrize("name", ["plain", "with space", "new\nline", "back\\slash", "a (deleted)", "\x1b[31mred", "ü"])
def test_real_names_are_read_as_they_are(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"x" * 4096)
    with (
        open(path, "rb") as file,
        mmap.mmap(file.fileno(), 4096, prot=mmap.PROT_READ),
        open("/proc/self/maps", "rb") as maps,
    ):
        found, _ = mapped([maps.read()], 10_000)
    inodes = {path_of(each.path): int(each.inode) for each in found}
    assert inodes[str(path)] == os.stat(path).st_ino


def test_what_is_executable_is_so_by_its_mapping():
    found, _ = mapped([open("/proc/self/maps", "rb").read()], 10_000)  # noqa: SIM115
    libc = next(line.split()[-1] for line in open("/proc/self/maps") if "libc.so" in line)  # noqa: SIM115
    assert ctypes.CDLL(None)
    assert {each.executable for each in found if each.path == libc.encode()} == {b"x", b"-"}
