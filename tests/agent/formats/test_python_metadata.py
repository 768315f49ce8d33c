from __future__ import annotations

from email import message_from_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.formats.license import License
from agent.formats.python_metadata import head, parse

NAMED = b"Metadata-Version: 2.1\nName: app\nVersion: 1.0\n"
TROVE = b"Classifier: License :: OSI Approved"


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_the_head_ends_at_the_first_empty_line(end: bytes) -> None:
    lines = NAMED.replace(b"\n", end)
    assert parse(head(lines + end + b"Name: other" + end)).name == "app"
    assert head(lines) is None
    assert parse(lines).version == "1.0"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (b"License-Expression: MIT OR Apache-2.0\nLicense: x\n", License("MIT OR Apache-2.0", "spdx")),
        (b"License: BSD-3-Clause\n" + TROVE + b" :: BSD License\n", License("BSD-3-Clause", "spdx")),
        (b"License: our own\n" + TROVE + b" :: MIT License\n", License("MIT", "spdx")),
        (b"License: our own\n", License("our own", "text")),
        (b"License: UNKNOWN\n", License(None, None)),
        (b"License: UNKNOWN\n" + TROVE + b" :: MIT License\n" + TROVE + b"\n", License("MIT", "spdx")),
        (TROVE + b" :: MIT License\n" + TROVE + b" :: ISC License (ISCL)\n", License("MIT, ISC", "text")),
        (
            b"License: One Licence\n        \n        Copyright " + b"x " * 500 + b"\nKeywords: x\n",
            License("One Licence", "text"),
        ),
        (b"License: \n", License(None, None)),
        (b"License-File: LICENSE\n", License(None, None)),
        (b"", License(None, None)),
    ],
)
def test_the_licence_is_what_says_most(fields: bytes, expected: License) -> None:
    assert parse(NAMED + fields).license == expected


@pytest.mark.parametrize(
    "header", [b"", b"Version: 1", b"Name:\n", b"Name: a\tb", b"Name: \xff", b" Name: a", b"Name: \x00"]
)
def test_a_head_without_a_name_is_an_error(header: bytes) -> None:
    with pytest.raises(ValueError):
        parse(header)


NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._ -]{0,9}", fullmatch=True)


@given(NAMES, NAMES)
def test_the_standard_library_s_parser_reads_the_same(name: str, version: str) -> None:
    header = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode()
    message = message_from_bytes(header)
    read = parse(header)
    assert (read.name, read.version) == (message["Name"].strip(), message["Version"].strip())


LINES = st.lists(st.sampled_from([b"Name: a", b"Version: 1", b"License: ", TROVE, b"\t", b" x", b"", b":", b"\xff"]))


@given(LINES, st.binary(max_size=20))
def test_any_head_is_read_or_an_error(lines: list[bytes], more: bytes) -> None:
    content = b"\n".join([*lines, more])
    try:
        parse(head(content) or content)
    except ValueError:
        return
