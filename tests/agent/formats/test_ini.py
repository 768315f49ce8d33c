from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agent.formats.ini import Section, sections

REPO = b"""\
# a comment = of no section
enabled=1
[main]
[docker-ce-stable]
name=Docker CE Stable - $basearch
baseurl=https://user:secret@example.org/
    https://mirror.example.org/enabled=0
enabled = 1
;enabled=0
gpgcheck=1

[off]\r
enabled=0\r
[ ]
enabled=1
[unclosed
enabled=yes
"""


def test_sections_have_the_values_that_are_asked_for_and_no_others() -> None:
    assert list(sections(REPO, ("enabled",))) == [
        Section("main", {}),
        Section("docker-ce-stable", {"enabled": "1"}),
        Section("off", {"enabled": "0"}),
        Section("unclosed", {"enabled": "yes"}),
    ]


def test_the_last_value_of_a_key_counts() -> None:
    assert list(sections(b"[a]\nx=1\nx=2\n", ("x",))) == [Section("a", {"x": "2"})]


def test_names_and_values_have_a_longest_length() -> None:
    [section] = sections(b"[%b]\nx=%b" % (b"n" * 10_000, b"v" * 10_000), ("x",))
    assert (len(section.name), len(section.values["x"])) == (200, 200)


@given(st.lists(st.sampled_from([b"[a]", b"[", b"]", b"x=1", b"=", b"\n", b"\r", b" ", b"\xff", b"\0"])).map(b"".join))
def test_any_bytes_are_read(content: bytes) -> None:
    assert all(section.name and set(section.values) <= {"x"} for section in sections(content, ("x",)))
