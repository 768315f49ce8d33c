"""The files of a package, from headers written as rpm writes them; real ones are compared in the collector's tests."""

from __future__ import annotations

import struct

import pytest

from agent.formats import rpm_header as tags
from agent.formats.rpm_files import File, files, paths
from agent.formats.rpm_header import Header
from agent.formats.rpmdb import Damaged

CHAR, INT16, INT32, TEXTS = 1, 3, 4, 8
REGULAR, DIRECTORY = 0o100644, 0o40755
CONFIG, GHOST = 1, 64


def texts(*values: str) -> tuple[int, int, bytes]:
    return TEXTS, len(values), "".join(f"{value}\0" for value in values).encode()


def numbers(kind: int, *values: int) -> tuple[int, int, bytes]:
    return kind, len(values), struct.pack(f">{len(values)}{ {CHAR: 'B', INT16: 'H', INT32: 'L'}[kind] }", *values)


LISTS = {
    tags.BASE_NAMES: texts("conf", "tea", "leaf", "log", "gone"),
    tags.DIR_NAMES: texts("/etc/", "/usr/share/", "/usr/share/tea/", "/var/log/"),
    tags.DIR_INDEXES: numbers(INT32, 0, 1, 2, 3, 2),
    tags.FILE_MODES: numbers(INT16, REGULAR, DIRECTORY, REGULAR, REGULAR, REGULAR),
    tags.FILE_FLAGS: numbers(INT32, CONFIG, 0, 0, GHOST, 0),
    tags.FILE_STATES: numbers(CHAR, 0, 0, 0, 0, 1),
    tags.FILE_DIGESTS: texts("00ff", "", "01", "", "02"),
    tags.FILE_DIGEST_ALGORITHM: numbers(INT32, 8),
}


def header(changed: dict[int, tuple[int, int, bytes] | None] | None = None) -> Header:
    index = data = b""
    lists = {**LISTS, **(changed or {})}
    entries = [(tag, entry) for tag, entry in lists.items() if entry]
    for tag, (kind, count, content) in entries:
        index += struct.pack(">LLLL", tag, kind, len(data), count)
        data += content
    content = struct.pack(">LL", len(entries), len(data)) + index + data
    return Header(lambda count: content[:count], 1 << 20)


def test_paths_are_those_of_all_that_is_there_and_no_directory() -> None:
    assert list(paths(header())) == ["/etc/conf", "/usr/share/tea/leaf", "/var/log/log"]


def test_files_have_the_digests_that_the_package_brought() -> None:
    assert list(files(header())) == [
        File("/etc/conf", "sha256:00ff", True),
        File("/usr/share/tea", None, False),
        File("/usr/share/tea/leaf", "sha256:01", False),
        File("/var/log/log", None, False),
    ]


def test_a_file_of_which_rpm_verifies_no_digest_has_none() -> None:
    everything, all_but_digest = 0xFFFFFFFF, 0xFFFFFFFE
    flags = numbers(INT32, everything, everything, all_but_digest, everything, everything)
    assert [file.digest for file in files(header({tags.FILE_VERIFY_FLAGS: flags}))] == ["sha256:00ff", None, None, None]


def test_what_a_package_does_not_bring_has_no_digest_though_one_is_written() -> None:
    digests = texts("00ff", "", "01", "02", "03")
    assert [file.digest for file in files(header({tags.FILE_DIGESTS: digests}))][3] is None


@pytest.mark.parametrize(
    ("algorithm", "digest"), [(None, "md5:00ff"), (numbers(INT32, 1), "md5:00ff"), (numbers(INT32, 99), None)]
)
def test_a_digest_is_named_by_its_algorithm(algorithm: tuple[int, int, bytes] | None, digest: str | None) -> None:
    assert next(files(header({tags.FILE_DIGEST_ALGORITHM: algorithm}))).digest == digest


def test_what_is_no_digest_is_none() -> None:
    lists = {tags.FILE_DIGESTS: texts("a secret", "", "01", "", "02")}
    assert next(files(header(lists))).digest is None


def test_paths_may_be_written_in_full_as_before_rpm_4() -> None:
    lists = {
        tags.BASE_NAMES: None,
        tags.DIR_NAMES: None,
        tags.DIR_INDEXES: None,
        tags.OLD_FILE_NAMES: texts("/a", "/b", "/c/d", "/e", "/f"),
    }
    assert list(paths(header(lists))) == ["/a", "/c/d", "/e"]


def test_without_states_and_modes_all_is_there() -> None:
    assert len(list(paths(header({tags.FILE_STATES: None, tags.FILE_MODES: None})))) == 5


def test_a_package_without_files_has_none() -> None:
    nothing = dict.fromkeys(LISTS)
    assert list(paths(header({**nothing, tags.NAME: texts("tea")}))) == []
    assert list(files(header({**nothing, tags.NAME: texts("tea")}))) == []


@pytest.mark.parametrize(
    ("tag", "entry"),
    [
        (tags.DIR_INDEXES, numbers(INT32, 0, 1, 2, 3, 4)),
        (tags.DIR_INDEXES, numbers(INT32, 0, 1)),
        (tags.DIR_INDEXES, None),
        (tags.DIR_NAMES, None),
        (tags.FILE_MODES, numbers(INT16, REGULAR)),
        (tags.FILE_STATES, numbers(CHAR, 0, 1)),
    ],
)
def test_lists_that_do_not_fit_together_are_damage(tag: int, entry: tuple[int, int, bytes] | None) -> None:
    with pytest.raises(Damaged):
        list(paths(header({tag: entry})))
