"""What a message changes in a section's set of records."""

from agent.model.status import COMPLETE, FAILED, PARTIAL
from backend.edit import Edit, Member, edit, is_removal

A, B = Member(1, None, None), Member(2, b"{}", None)


def edited(before, puts=None, absent=(), removable=lambda key: False, last_seen=50):
    return edit(before, puts or {}, absent, removable, last_seen)


def test_only_what_differs_is_written():
    found = edited({1: A, 2: B}, {1: A, 2: B._replace(volatile=b"[]"), 3: A})
    assert found == Edit({3: A}, {2: B._replace(volatile=b"[]")}, set())


def test_a_record_whose_absence_proves_nothing_was_last_seen_when_the_set_was():
    found = edited({1: A, 2: B}, absent=[1, 2], removable=lambda key: key == 2)
    assert found == Edit({}, {1: A._replace(last_seen=50)}, {2})


def test_a_record_that_is_unconfirmed_already_was_last_seen_when_it_was():
    found = edited({1: A._replace(last_seen=20)}, absent=[1], last_seen=50)
    assert found == Edit({}, {}, set())


def test_a_record_that_is_seen_again_is_confirmed():
    assert edited({1: A._replace(last_seen=20)}, {1: A}) == Edit({}, {1: A}, set())


def test_unconfirmed_members_are_counted_by_how_many_more_there_are():
    before = {1: A, 2: B._replace(last_seen=20), 3: A, 4: A._replace(last_seen=20)}
    assert edited(before, absent=[1]).unconfirmed(before) == 1
    assert edited(before, {2: B}).unconfirmed(before) == -1
    assert edited(before, absent=[3, 4], removable=lambda key: True).unconfirmed(before) == -1


def test_absence_removes_by_status_and_gaps_always():
    assert is_removal(COMPLETE, (), b"dpkg/a")
    assert not is_removal(FAILED, (), b"dpkg/a")
    assert not is_removal(PARTIAL, ("dpkg/",), b"dpkg/a")
    assert is_removal(PARTIAL, ("rpm/",), b"dpkg/a")
    assert is_removal(FAILED, (), b"gap:x")
