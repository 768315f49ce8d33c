"""The walk beside the last snapshot: what has changed, what is due to be read again, what is gone."""

from types import SimpleNamespace
from zlib import crc32

import pytest

from agent.collectors.integrity.due import Due, due
from agent.collectors.integrity.merge import Merge

PERIOD = 1000
REGULAR, DIRECTORY = 0o100644, 0o040755


def entry(key, size=1, mode=REGULAR):
    status = SimpleNamespace(st_dev=1, st_ino=2, st_size=size, st_mtime_ns=3, st_ctime_ns=4, st_mode=mode)
    return (key, None, "", 0, status, None)


def line(key, size=1):
    return b'%s "1:2:%d:3:4"}\n' % (key, size)


def met(when, entries, lines, *, all_again=False, unseen=()):
    merge = Merge(when, all_again=all_again)
    return list(merge.met(iter(entries), iter(lines), lambda: unseen))


def are_due(when, keys):
    return {found.entry[0] for found in met(when, map(entry, keys), map(line, keys)) if found.due}


KEYS = sorted(b"/file%d" % number for number in range(300))


def test_a_turn_begins_with_the_last_scan_and_ends_before_this_one():
    key = KEYS[0]
    turn = crc32(key) % PERIOD
    assert are_due(Due(turn, 1, PERIOD), [key]) == {key}
    assert are_due(Due((turn - 1) % PERIOD, 1, PERIOD), [key]) == set()
    assert are_due(Due((turn - 1) % PERIOD, 2, PERIOD), [key]) == {key}
    assert are_due(Due((turn + 1) % PERIOD, PERIOD - 1, PERIOD), [key]) == set()


@pytest.mark.parametrize("steps", [[1] * PERIOD, [400, 350, 250], [PERIOD]])
def test_every_path_is_due_once_in_a_period_however_often_it_is_scanned(steps):
    at, found = 123_456, []
    for step in steps:
        found += are_due(due(at, at + step, PERIOD), KEYS)
        at += step
    assert sorted(found) == KEYS


def test_after_more_than_a_period_and_after_a_clock_was_set_back_everything_is_due():
    assert are_due(due(5000, 5000 + 3 * PERIOD, PERIOD), KEYS) == set(KEYS)
    assert are_due(due(5000, 4999, PERIOD), KEYS) == set(KEYS)


def test_at_the_first_scan_and_within_the_second_of_the_last_nothing_is_due():
    assert are_due(due(None, 5000, PERIOD), KEYS) == set()
    assert are_due(due(5000, 5000, PERIOD), KEYS) == set()


def test_what_is_no_regular_file_is_never_due():
    entries = [entry(key, mode=DIRECTORY) for key in KEYS]
    assert met(Due(0, PERIOD, PERIOD), entries, map(line, KEYS), all_again=True) == []


def test_where_everything_is_looked_at_again_it_is_told_what_is_due():
    found = met(Due(crc32(KEYS[0]) % PERIOD, 1, PERIOD), map(entry, KEYS), map(line, KEYS), all_again=True)
    assert [each.entry[0] for each in found] == KEYS
    assert all(each.unchanged for each in found)
    assert KEYS[0] in {each.entry[0] for each in found if each.due} != set(KEYS)


def test_what_is_new_other_or_gone_is_met_and_nothing_that_was_not_seen():
    entries = [entry(b"/a"), entry(b"/b", size=9), entry(b"/d")]
    found = met(Due(0, 0, PERIOD), entries, map(line, (b"/a", b"/b", b"/c", b"/x/y", b"/z")), unseen=(b"/x",))
    assert [(each.entry and each.entry[0], each.stored) for each in found] == [
        (b"/b", line(b"/b")),
        (None, line(b"/c")),
        (b"/d", None),
        (None, line(b"/z")),
    ]
