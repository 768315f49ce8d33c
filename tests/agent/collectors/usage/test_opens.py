"""What the watcher left in its journal, and what that is worth."""

import json

import pytest

from agent.collectors.usage.memory import Opened
from agent.collectors.usage.opens import Opens
from agent.model.spec import Options

LINE = {"scope": "box", "grade": "opened", "root": False, "at": 9, "folder": "/app", "names": ["a.py", "b.py"]}


def opens(folder, *lines, **options):
    (folder / "events.journal").write_bytes(
        b"".join(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines)
    )
    gaps = []
    return Opens(Options(folder=str(folder), **options), gaps.append), gaps


def test_files_are_given_by_scope(tmp_path):
    seen, gaps = opens(tmp_path, LINE, {**LINE, "scope": "other", "names": ["c.py"]})
    assert seen.of("box") == [Opened("/app/a.py", "opened", 9, False), Opened("/app/b.py", "opened", 9, False)]
    assert seen.of("nobody") == []
    assert gaps == []


def test_the_same_file_twice_is_one_and_root_is_remembered(tmp_path):
    seen, _ = opens(tmp_path, LINE, {**LINE, "root": True, "names": ["a.py"]}, LINE)
    assert [each.root for each in seen.of("box")] == [True, False]


@pytest.mark.parametrize(
    "line", [b'{"scope": "box", "gra', b"\n", b"[]\n", b"\xff\n", b'{"scope": "box"}\n', b"[" * 50_000 + b"\n"]
)
def test_a_line_that_was_cut_off_costs_itself_alone(tmp_path, line):
    seen, gaps = opens(tmp_path, LINE, line + b"\n", LINE)
    assert len(seen.of("box")) == 2
    assert gaps == []


def test_without_a_watcher_nothing_is_covered(tmp_path):
    seen, _ = opens(tmp_path)
    coverage = seen.coverage("box")
    assert (coverage.since, coverage.is_whole) == (None, False)
    assert "the watcher is not running" in coverage.missed[0]


def test_a_watcher_that_is_switched_off_is_said_to_be(tmp_path):
    seen, _ = opens(tmp_path, watches_usage=False)
    assert "switched off" in seen.coverage("box").missed[0]


def test_without_a_folder_nothing_was_seen():
    assert Opens(Options(), lambda _: None).of("box") == []
