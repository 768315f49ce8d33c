"""How an attempt ended is kept, and across failures when the last one succeeded."""

from __future__ import annotations

import pytest

from agent.delivery.attempts import Attempt, read_attempt, write_attempt

DONE = Attempt("host", "complete", 100, 1.5, 0.5, 12.5, 7, 1, None)
FAILED = Attempt("host", "failed", 200, 1.5, 0.5, 12.5, 0, 0, "no\nspace " + "x" * 500)


@pytest.mark.parametrize("status", ["complete", "partial"])
def test_the_last_success_is_remembered_across_failures(tmp_path, status):
    folder = str(tmp_path / "sections/host")
    write_attempt(folder, Attempt(**{**vars(DONE), "status": status}))
    write_attempt(folder, FAILED)
    write_attempt(folder, FAILED)
    kept = read_attempt(folder)
    assert (kept.status, kept.started_at, kept.last_success_at) == ("failed", 200, 100)


def test_an_error_is_kept_as_one_short_line(tmp_path):
    write_attempt(str(tmp_path), FAILED)
    assert read_attempt(str(tmp_path)).error.startswith("no space xxx")
    assert len(read_attempt(str(tmp_path)).error) == 200
    assert read_attempt(str(tmp_path)).last_success_at is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"section": 1}', b"\xff", b"x" * 100_000])
def test_a_damaged_note_is_no_note(tmp_path, content):
    (tmp_path / "attempt.json").write_bytes(content)
    assert read_attempt(str(tmp_path)) is None
    assert read_attempt(str(tmp_path / "missing")) is None
