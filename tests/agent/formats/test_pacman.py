from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.formats.pacman import Description, description, files, name_and_version

DESC = """\
%NAME%
tea

%VERSION%
1:2.0-3

%BASE%
kettle

%DESC%
100% tea

%ARCH%
x86_64

%INSTALLDATE%
1700000001

%PACKAGER%
A B <a@archlinux.org>

%LICENSE%
GPL-3.0-or-later
MIT

%VALIDATION%
sha256
pgp

%PROVIDES%
cup=2

"""


def test_a_description_is_read() -> None:
    assert description(DESC.encode()) == Description(
        name="tea",
        version="1:2.0-3",
        source="kettle",
        architecture="x86_64",
        licenses=("GPL-3.0-or-later", "MIT"),
        packager="A B <a@archlinux.org>",
        validation=("sha256", "pgp"),
        installed_at=1700000001,
        provides=("cup=2",),
    )


def test_what_is_missing_is_not_known() -> None:
    assert description(b"%NAME%\n\n%VERSION%") == Description(None, None, None, None, (), None, (), None, ())


@pytest.mark.parametrize("date", ["", "soon", "-1", "1e9", "9" * 13, "\u0661"])
def test_a_date_that_is_none_is_not_known(date: str) -> None:
    assert description(f"%INSTALLDATE%\n{date}\n".encode()).installed_at is None


def test_files_are_read_with_those_that_are_configuration() -> None:
    content = b"%FILES%\netc/\netc/tea.conf\nusr/share/a b/\xff\n\n%BACKUP%\netc/tea.conf\t2cd6ee2c70b0bde53fbe6cac3c8b8bb1\n\n"
    assert files(content) == (
        ["/etc/", "/etc/tea.conf", "/usr/share/a b/\udcff"],
        {"/etc/tea.conf": "2cd6ee2c70b0bde53fbe6cac3c8b8bb1"},
    )


@pytest.mark.parametrize("line", [b"etc/a", b"etc/a\t", b"etc/a\t(null)", b"etc/a\tsecret"])
def test_configuration_of_which_no_digest_is_written_has_none(line: bytes) -> None:
    assert files(b"%FILES%\netc/a\n\n%BACKUP%\n" + line) == (["/etc/a"], {"/etc/a": None})


def test_a_package_without_files_has_none() -> None:
    assert files(b"") == ([], {})


@pytest.mark.parametrize(
    ("entry", "parts"),
    [
        ("tea-1:2.0-3", ("tea", "1:2.0-3")),
        ("gtk-doc-1.0-1.1", ("gtk-doc", "1.0-1.1")),
        ("ALPM_DB_VERSION", None),
        ("tea-1", None),
        ("-1-1", None),
        ("tea--1", None),
        ("tea-1-", None),
    ],
)
def test_the_name_of_a_directory_is_taken_apart(entry: str, parts: tuple[str, str] | None) -> None:
    assert name_and_version(entry) == parts


@settings(max_examples=200)
@given(
    st.lists(
        st.sampled_from([b"%NAME%", b"%", b"%%", b"%FILES%", b"%BACKUP%", b"\n", b"\n\n", b"\t"])
        | st.binary(max_size=8)
    )
)
def test_any_bytes_are_read(pieces: list[bytes]) -> None:
    description(b"".join(pieces))
    files(b"".join(pieces))
