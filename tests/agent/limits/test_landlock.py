"""agent/limits/landlock.py: a confined process reads everywhere, writes in its own folder and executes nothing."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.usefixtures("landlock")

ACTS = {
    "a file created": "open('{}/new', 'w')",
    "a file written": "open('{}/file', 'r+').write('x')",
    "a file appended to": "open('{}/file', 'a')",
    "a folder made": "os.mkdir('{}/made')",
    "a link made": "os.symlink('/', '{}/link')",
    "a FIFO made": "os.mkfifo('{}/fifo')",
    "a name changed": "os.rename('{}/file', '{}/renamed')",
    "a file removed": "os.unlink('{}/file')",
    "a folder removed": "os.rmdir('{}/folder')",
}


def plant(folder) -> None:
    (folder / "folder").mkdir(parents=True)
    (folder / "file").write_text("content")


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_what_may_be_written_inside_may_not_outside(confined, tmp_path, act: str) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    plant(inside)
    plant(outside)
    before = sorted(outside.rglob("*"))
    lines = "apply()\n" + "".join(
        f"print(attempt(lambda: {act.replace('{}', str(folder))}))\n" for folder in (inside, outside)
    )
    assert confined(lines) == ["allowed", "EACCES"]
    assert sorted(outside.rglob("*")) == before
    assert (outside / "file").read_text() == "content"


def test_nothing_is_moved_out_of_the_own_folder(confined, tmp_path) -> None:
    plant(tmp_path / "inside")
    (tmp_path / "outside").mkdir()
    assert confined("apply()\nprint(attempt(lambda: os.rename('file', '../outside/file')))") in (["EACCES"], ["EXDEV"])


def test_reading_stays_free(confined, tmp_path) -> None:
    plant(tmp_path / "outside")
    assert confined("apply()\nprint(open('../outside/file').read(), os.listdir('../outside/folder'))") == ["content []"]


def test_without_a_folder_of_its_own_nothing_is_written_at_all(confined) -> None:
    assert confined("apply(writable=())\nprint(attempt(lambda: open('new', 'w')))") == ["EACCES"]


def test_a_folder_of_its_own_that_is_missing_is_an_error(confined) -> None:
    assert confined("print(attempt(lambda: apply(writable=('/no/such/folder',))))") == ["ENOENT"]
