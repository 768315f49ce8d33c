"""agent/host/taken_journal.py: no line is lost, whenever a scan fails or is killed."""

import pytest

from agent.host.errors import LimitReached
from agent.host.taken_journal import lines, take


def taken(folder, succeeded_at):
    return [line for path in take(str(folder), succeeded_at) for line in lines(path)]


def write(folder, *words):
    (folder / "events.journal").write_bytes(b"".join(b"%b\n" % word for word in words))


def test_without_a_journal_there_is_nothing_to_read(tmp_path):
    assert taken(tmp_path, None) == []


def test_the_journal_is_taken_over(tmp_path):
    write(tmp_path, b"a", b"b")
    assert taken(tmp_path, None) == [b"a\n", b"b\n"]
    assert not (tmp_path / "events.journal").exists()


def test_what_was_taken_by_a_scan_that_failed_is_read_again_before_what_came_since(tmp_path):
    write(tmp_path, b"a")
    taken(tmp_path, 100)
    write(tmp_path, b"b")
    assert taken(tmp_path, 100) == [b"a\n", b"b\n"]
    assert taken(tmp_path, 100) == [b"a\n", b"b\n"]


def test_what_a_scan_that_succeeded_had_taken_is_removed(tmp_path):
    write(tmp_path, b"a")
    taken(tmp_path, None)
    write(tmp_path, b"b")
    assert taken(tmp_path, 100) == [b"b\n"]
    assert len(list(tmp_path.iterdir())) == 1


def test_without_a_sound_snapshot_all_that_is_there_is_read(tmp_path):
    write(tmp_path, b"a")
    taken(tmp_path, 100)
    write(tmp_path, b"b")
    assert sorted(taken(tmp_path, None)) == [b"a\n", b"b\n"]
    assert taken(tmp_path, 200) == []


def test_after_many_failures_the_journal_waits_in_its_place(tmp_path):
    for word in (b"a", b"b", b"c", b"d", b"e"):
        write(tmp_path, word)
        found = taken(tmp_path, 100)
    assert found == [b"a\n", b"b\n", b"c\n", b"d\n"]
    assert (tmp_path / "events.journal").read_bytes() == b"e\n"
    assert taken(tmp_path, 200) == [b"e\n"]


def test_an_endless_line_comes_in_pieces(tmp_path):
    (tmp_path / "events.journal").write_bytes(b"x" * 200_000)
    assert max(map(len, taken(tmp_path, None))) == 65536


def test_a_part_without_end_is_not_read_to_it(tmp_path):
    with open(tmp_path / "events.journal", "wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(LimitReached):
        taken(tmp_path, None)


def test_a_link_in_the_journals_place_is_not_followed(tmp_path):
    (tmp_path / "secret").write_text("x\n")
    (tmp_path / "events.journal").symlink_to(tmp_path / "secret")
    with pytest.raises(OSError):
        taken(tmp_path, None)
