"""agent/inventory/executables.py where its limits are reached; test_software.py has the rest."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from agent.host.listing import Wanted
from agent.host.root import HostRoot
from agent.host.walk import USUAL, TreeWalk
from agent.inventory import executables as module
from agent.inventory.executables import Program, executables
from agent.model.records import Executable, Gap
from tests.hosts.trees import plant

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

DIGEST = hashlib.sha256(b"#!" * 10).hexdigest()


def told(root: Path) -> tuple[list[str | None], list[tuple[str, str, str | None]]]:
    """Give the digests of three programs, and the gaps."""
    plant(root, dict.fromkeys("abc", b"#!" * 10))
    with TreeWalk(HostRoot(str(root)), Wanted(frozenset(), (), True), USUAL, print) as walk:
        records = list(executables([Program(f"/{name}", 20, "script") for name in "abc"], walk))
    gaps = [(record.subject, record.reason, record.hides) for record in records if isinstance(record, Gap)]
    return [record.sha256 for record in records if isinstance(record, Executable)], gaps


def test_all_have_their_digest(tmp_path: Path) -> None:
    assert told(tmp_path) == ([DIGEST] * 3, [])


def test_after_the_limit_of_a_run_programs_have_no_digest_and_there_is_one_gap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_RUN_LIMIT", 15)
    assert told(tmp_path) == ([DIGEST, None, None], [("digests of executables", "limit", None)])


def test_a_program_that_is_too_long_has_no_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FILE_LIMIT", 19)
    assert told(tmp_path) == ([None] * 3, [(f"/{name}", "limit", None) for name in "abc"])
