from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.formats.dpkg_files import Conffile, Diversion, conffiles, diversions, lines, listed, summed

MD5 = "d41d8cd98f00b204e9800998ecf8427e"
LINES = st.lists(
    st.sampled_from([b"/a", b"\n", b"/usr/b c\n", b":\n", b"\r", MD5.encode(), b"  ", b"x", b"\xff"])
    | st.binary(max_size=9)
).map(b"".join)


def test_a_list_has_one_absolute_path_a_line() -> None:
    assert listed(b"/.\n/usr\n/usr/a b\n/usr/\xff\n") == (["/.", "/usr", "/usr/a b", "/usr/\udcff"], 0)
    assert listed(b"") == ([], 0)
    assert listed(b"/a") == (["/a"], 0)


def test_lines_of_a_list_that_are_no_paths_are_counted() -> None:
    assert listed(b"usr/a\n\n/usr/b\n../c\n") == (["/usr/b"], 3)


def test_md5sums_name_files_below_the_root() -> None:
    content = f"{MD5}  usr/a b\n{MD5}  ./usr/c\n{MD5} *usr/d\n{MD5}  /usr/e\n".encode()
    assert list(summed(content)) == [(MD5, f"usr/{name}".encode()) for name in ("a b", "c", "d", "e")]
    assert list(summed(b"")) == []


@pytest.mark.parametrize("line", [f"{MD5} a", f"{MD5}  ", MD5[1:] + "  a", "\\" + MD5 + "  a", MD5.upper() + "  a", ""])
def test_lines_of_md5sums_that_are_none_are_counted(line: str) -> None:
    content = f"{line}\n{MD5}  b\n".encode()
    assert list(summed(content)) == [(MD5, b"b")]
    assert lines(content) == 2


def test_conffiles_are_read_with_their_flags() -> None:
    stanza = f"""
Package: tea
Conffiles:
 /etc/tea/a conf {MD5}
 /etc/old {MD5} obsolete
 /etc/new newconffile
 etc/gone {MD5} obsolete remove-on-upgrade
Description: x
 /etc/not {MD5}"""
    assert conffiles(stanza) == (
        [
            Conffile("/etc/tea/a conf", MD5, ()),
            Conffile("/etc/old", MD5, ("obsolete",)),
            Conffile("/etc/new", None, ()),
            Conffile("/etc/gone", MD5, ("obsolete", "remove-on-upgrade")),
        ],
        0,
    )


def test_a_stanza_without_conffiles_has_none() -> None:
    assert conffiles("\nPackage: tea\nConffiles:\nVersion: 1") == ([], 0)
    assert conffiles("\nPackage: tea") == ([], 0)


def test_conffiles_without_a_digest_are_counted() -> None:
    assert conffiles(f"\nConffiles:\n /etc/a\n /etc/b {MD5} strange\n /etc/c {MD5}") == (
        [Conffile("/etc/c", MD5, ())],
        2,
    )


def test_a_diversion_is_three_lines() -> None:
    content = b"/bin/sh\n/bin/sh.distrib\ndash\n/usr/a\n/usr/a.local\n:\n"
    assert diversions(content) == (
        {"/bin/sh": Diversion("/bin/sh.distrib", "dash"), "/usr/a": Diversion("/usr/a.local", None)},
        0,
    )
    assert diversions(b"") == ({}, 0)


def test_a_diversion_that_is_cut_off_or_of_no_paths_is_counted() -> None:
    assert diversions(b"/bin/sh\n/bin/sh.distrib\ndash\n/a\n/b\n") == (
        {"/bin/sh": Diversion("/bin/sh.distrib", "dash")},
        2,
    )
    assert diversions(b"a\nb\n:\n") == ({}, 3)


@settings(max_examples=200)
@given(LINES)
def test_whatever_the_files_hold_every_line_is_read_or_counted(content: bytes) -> None:
    count = content.count(b"\n") + (content != b"" and not content.endswith(b"\n"))
    assert lines(content) == count
    paths, malformed = listed(content)
    assert len(paths) + malformed == count
    assert len(list(summed(content))) <= count
    found, malformed = diversions(content)
    assert 0 <= malformed <= count
    assert all(path.startswith("/") for path in found)
    conffiles("\nConffiles:\n " + content.decode("utf-8", "surrogateescape"))
