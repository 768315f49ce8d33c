"""A file is replaced whole or stays as it was."""

from __future__ import annotations

import os

import pytest

from agent.delivery.files import read_small, replacing, set_aside, sweep, write_whole


def test_a_file_is_replaced_for_its_owner_alone(tmp_path):
    path = str(tmp_path / "file")
    write_whole(path, b"old")
    write_whole(path, b"new")
    assert read_small(path, 3) == b"new"
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["file"]


def test_a_writer_that_fails_leaves_what_was_there(tmp_path):
    path = str(tmp_path / "file")
    write_whole(path, b"old")
    with pytest.raises(RuntimeError), replacing(path) as file:
        file.write(b"half")
        raise RuntimeError
    assert read_small(path, 3) == b"old"
    assert os.listdir(tmp_path) == ["file"]


def test_a_link_that_waits_at_the_temporary_name_is_not_followed(tmp_path):
    (tmp_path / "victim").write_bytes(b"precious")
    (tmp_path / "file.tmp").symlink_to(tmp_path / "victim")
    write_whole(str(tmp_path / "file"), b"new")
    assert (tmp_path / "victim").read_bytes() == b"precious"
    assert (tmp_path / "file").read_bytes() == b"new"


def test_a_file_longer_than_its_limit_is_not_read(tmp_path):
    (tmp_path / "file").write_bytes(b"four")
    assert read_small(str(tmp_path / "file"), 4) == b"four"
    assert read_small(str(tmp_path / "file"), 3) is None
    assert read_small(str(tmp_path / "missing"), 3) is None


def test_one_file_is_kept_of_those_set_aside(tmp_path):
    for content in (b"first", b"second"):
        (tmp_path / "file").write_bytes(content)
        set_aside(str(tmp_path / "file"))
    set_aside(str(tmp_path / "file"))
    assert os.listdir(tmp_path) == ["file.corrupt"]
    assert (tmp_path / "file.corrupt").read_bytes() == b"second"


def test_sweeping_removes_what_was_being_written_and_nothing_else(tmp_path):
    (tmp_path / "sections/host").mkdir(parents=True)
    for name in ("token", "sections/host/current.snap", "token.tmp", "sections/host/current.snap.tmp"):
        (tmp_path / name).touch()
    sweep(str(tmp_path))
    assert os.listdir(tmp_path / "sections/host") == ["current.snap"]
    assert sorted(os.listdir(tmp_path)) == ["sections", "token"]
