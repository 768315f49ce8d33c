"""What waits until it is written to the journal."""

import json

from agent.watch.opens.sightings import FRESH, FULL, Sightings


def lines(sightings):
    return [(json.loads(line), files) for line, files in sightings.take()]


def test_files_of_one_directory_are_one_line():
    sightings = Sightings()
    for name in ("a.py", "b.py", "a.py"):
        sightings.add(100.5, "box", "opened", True, f"/app/{name}")
    sightings.add(101.0, "box", "executed", True, "/app/run")
    assert lines(sightings) == [
        ({"scope": "box", "grade": "opened", "root": True, "at": 100, "folder": "/app", "names": ["a.py", "b.py"]}, 2),
        ({"scope": "box", "grade": "executed", "root": True, "at": 100, "folder": "/app", "names": ["run"]}, 1),
    ]
    assert lines(sightings) == []


def test_what_is_new_waits_a_little_and_nothing_waits_when_there_is_nothing():
    sightings = Sightings()
    assert sightings.due() is None
    sightings.add(100.0, "box", "opened", False, "/a")
    sightings.add(102.0, "box", "opened", False, "/b")
    assert sightings.due() == 100.0 + FRESH


def test_many_files_of_a_directory_are_several_lines_that_are_not_too_long():
    sightings = Sightings()
    for number in range(FULL):
        assert not sightings.is_full()
        sightings.add(1.0, "box", "opened", False, f"/app/{'x' * 100}{number}")
    assert sightings.is_full()
    taken = list(sightings.take())
    assert sum(files for _, files in taken) == FULL
    assert max(len(line) for line, _ in taken) < 64 * 1024
    assert not sightings.is_full()


def test_names_with_line_feeds_and_bytes_that_are_no_text_stay_one_line():
    sightings = Sightings()
    sightings.add(1.0, "box", "opened", False, "/app/a\nb\udcff.py")
    ((line, _),) = sightings.take()
    assert line.count(b"\n") == 1
    assert json.loads(line)["names"] == ["a\nb\udcff.py"]
