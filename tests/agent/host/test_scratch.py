from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from agent.host.scratch import nameless

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_without_a_name_holds_what_is_written(tmp_path: Path) -> None:
    with nameless(str(tmp_path), 4096) as file:
        file.write(b"x" * 10_000)
        file.seek(0)
        assert file.read() == b"x" * 10_000
        assert os.fstat(file.fileno()).st_mode & 0o077 == 0
        assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_missing_is_the_kernels_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        nameless(str(tmp_path / "missing"), 4096)
