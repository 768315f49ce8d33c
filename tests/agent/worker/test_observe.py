"""agent/worker/observe.py: how an attempt ended that raised, in one line without any content of the host."""

from __future__ import annotations

import pytest

from agent.host import open_host
from agent.host.errors import LimitReached, NotAFile, Unsettled
from agent.limits import TimedOut
from agent.model.settings import Settings
from agent.worker.collectors import load
from agent.worker.observe import Unsupported, failure, host_of, require

SECRET = "hunter2-of-the-tests"


def raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception as caught:  # noqa: BLE001 - whatever it is
        return caught


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        (TimedOut("the limit was reached"), "timed_out", "the limit was reached"),
        (MemoryError(SECRET), "out_of_memory", "the memory limit was reached"),
        (Unsupported("needs proc"), "unsupported", "needs proc"),
        (Unsettled("dpkg is at work"), "failed", "dpkg is at work"),
        (PermissionError(13, "Permission denied", f"/{SECRET}"), "failed", "Permission denied"),
        (OSError(SECRET), "failed", "OSError"),
        (NotAFile(f"/{SECRET} is no file"), "failed", "NotAFile"),
        (LimitReached(f"/{SECRET}: longer"), "failed", "LimitReached"),
        (ValueError(SECRET), "failed", "ValueError"),
        (UnicodeDecodeError("utf-8", SECRET.encode(), 0, 1, SECRET), "failed", "UnicodeDecodeError"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_an_error_becomes_a_status_and_a_line(error: Exception, status: str, text: str) -> None:
    found = failure(raised(error))
    assert found.status == status
    assert found.error.startswith(text)
    assert SECRET not in found.error


def test_only_what_was_not_foreseen_is_called_a_defect() -> None:
    assert "defect" in failure(raised(ValueError())).error
    assert "defect" not in failure(raised(PermissionError(13, "Permission denied"))).error


def test_an_error_names_the_innermost_line_of_our_own_code() -> None:
    with pytest.raises(KeyError) as error:
        load("no-such-section")
    assert " at agent/worker/collectors.py:" in failure(error.value).error


def test_a_collector_that_needs_processes_is_not_run_on_a_tree_without_them(tmp_path) -> None:
    with pytest.raises(Unsupported, match="proc"):
        require(load("ports"), open_host(str(tmp_path)))
    require(load("packages"), open_host(str(tmp_path)))


def test_a_root_that_cannot_be_opened_is_an_error(tmp_path) -> None:
    with pytest.raises(FileNotFoundError):
        host_of(Settings(root=str(tmp_path / "nowhere")))
