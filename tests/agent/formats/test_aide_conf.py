from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agent.formats.aide_conf import Include, Parser, Selection, Setting, counting, fits


def test_groups_and_variables_are_resolved() -> None:
    lines = [
        b"@@define D /var",
        b"database_in=file:@@{D}/aide.db",
        b"Ours = p+u+sha512-u",
        b"=@@{D}/log$ f Ours+acl",
        b"!/tmp",
        b"# /x R",
    ]
    assert list(Parser().read(lines)) == [
        Setting("database_in", "file:/var/aide.db"),
        Setting("Ours", "p+u+sha512-u"),
        Selection(4, "=", "/var/log$", frozenset(("p", "sha512", "acl"))),
        Selection(5, "!", "/tmp", frozenset()),
    ]


def test_includes_are_given() -> None:
    lines = [b"@@include /a", b"@@x_include /d ^[a-z]+$"]
    assert list(Parser().read(lines)) == [Include("/a", ""), Include("/d", "^[a-z]+$")]


def test_a_pattern_fits_what_starts_with_what_it_describes() -> None:
    assert fits("/usr/sbin/audit", "/usr/sbin/auditctl")
    assert fits("/(a|b)/[[:alnum:]_]+$", "/a/x1")
    assert not fits("/sbin", "/usr/sbin")
    assert not fits("/((a+)+)+$", "/" + "a" * 60 + "!")
    assert not fits("/[", "/[")


def test_the_selection_that_counts_is_the_one_that_aide_takes() -> None:
    lines = [
        b"/usr/sbin R",
        b"/usr/sbin/audit(ctl|d)$ p",
        b"/usr/sbin/auditctl u",
        b"=/usr/sbin/ausearch$ g",
        b"/usr/sbin/au i",
    ]
    lines += [b"!/usr/sbin/aurep"]
    selections = [each for each in Parser().read(lines) if isinstance(each, Selection)]
    found = {
        name: counting(selections, f"/usr/sbin/{name}")
        for name in ("auditctl", "ausearch", "autrace", "aureport", "su")
    }
    assert {name: each and each.number for name, each in found.items()} == {
        "auditctl": 2,
        "ausearch": 4,
        "autrace": 5,
        "aureport": 6,
        "su": 1,
    }
    assert counting(selections, "/opt") is None


@given(st.lists(st.binary()))
def test_any_bytes_are_read(lines: list[bytes]) -> None:
    assert len(list(Parser().read(lines))) <= len(lines)
