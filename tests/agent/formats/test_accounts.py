from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agent.formats.accounts import accounts, groups, secrets


def test_users_are_taken_as_the_c_library_does() -> None:
    lines = [
        b"root:x:0:0:root:/root:/bin/sh",
        b"# a:x:1:1:::",
        b"+nis::::::",
        b"short:x:7:7",
        b"bad:x:y:1:::",
        b":x:1:1:::",
    ]
    found = list(accounts(lines))
    assert [(each.number, each.name, each.uid, each.shell) for each in found] == [
        (1, "root", 0, "/bin/sh"),
        (4, "short", 7, ""),
    ]


def test_groups_have_their_members() -> None:
    (found,) = groups([b"adm:x:4:bob, eve,\r"])
    assert (found.gid, found.members) == (4, ("bob", "eve"))


def test_days_that_are_empty_or_no_numbers_are_not_known() -> None:
    hashed, locked, empty = secrets([b"a:$y$1:19000:0:-1:x:::", b"b:!$y$1::::::", b"c::"])
    assert (hashed.changed, hashed.maximum, hashed.warning) == (19000, -1, None)
    assert [each.has_password for each in (hashed, locked, empty)] == [True, False, False]


@given(st.lists(st.binary()))
def test_any_bytes_are_read(lines: list[bytes]) -> None:
    assert len([*accounts(lines), *groups(lines), *secrets(lines)]) <= 3 * len(lines)
