"""A file of a collector's own."""

import os

import pytest

from agent.host.errors import LimitReached
from agent.host.kept import read_kept, write_kept


def test_what_was_kept_is_read_again(tmp_path):
    write_kept(str(tmp_path), "known", b"first")
    write_kept(str(tmp_path), "known", b"second")
    assert read_kept(str(tmp_path), "known", 100) == b"second"
    assert (tmp_path / "known").stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["known"]


def test_what_is_not_there_is_nothing(tmp_path):
    assert read_kept(str(tmp_path), "known", 100) is None


def test_what_is_too_long_is_not_read(tmp_path):
    write_kept(str(tmp_path), "known", b"x" * 101)
    with pytest.raises(LimitReached):
        read_kept(str(tmp_path), "known", 100)


def test_a_link_in_its_place_is_not_followed(tmp_path):
    (tmp_path / "other").write_bytes(b"x")
    (tmp_path / "known").symlink_to("other")
    with pytest.raises(OSError, match="Too many levels"):
        read_kept(str(tmp_path), "known", 100)
