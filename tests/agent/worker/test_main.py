"""agent/worker/__main__.py: one job, one line on descriptor 3, whatever happens."""

from __future__ import annotations

import os

import pytest

from agent.delivery.attempts import read_attempt
from agent.delivery.store import folder_of


def test_a_worker_puts_on_record_that_another_died(workers) -> None:
    workers.run("collect", "packages")
    folder = folder_of(workers.settings.state_dir, "packages")
    good = read_attempt(folder)
    error = "the worker was killed by signal 9"
    report, code = workers.run("record", "packages", "failed", error)
    assert (report, code) == ({"status": "failed", "error": error, "changed": False}, 0)
    attempt = read_attempt(folder)
    assert (attempt.status, attempt.error, attempt.last_success_at) == ("failed", error, good.started_at)


def test_a_worker_without_settings_says_so(workers) -> None:
    os.unlink(os.path.join(workers.settings.state_dir, "settings.json"))
    report, code = workers.run("collect", "packages")
    assert (report["status"], code) == ("failed", 0)
    assert report["error"].startswith("No such file or directory at agent/worker/state.py:")


@pytest.mark.parametrize("job", [("nonsense",), ("collect", "nonsense"), ("collect",), ("deliver", "x")])
def test_a_job_that_is_none_ends_in_one_line(workers, job: tuple[str, ...]) -> None:
    report, code = workers.run(*job)
    assert code == 0
    assert report["status"] == "failed"
    assert "; this is a defect of stocktake" in report["error"]


def test_a_delivery_without_a_destination_is_reported_and_loses_nothing(workers) -> None:
    workers.run("collect", "packages")
    report, code = workers.run("deliver", "0")
    assert code == 0
    assert report["error"]
    assert report["undelivered"] == ["packages"]


def test_a_worker_whose_daemon_is_gone_keeps_what_it_found_and_ends_well(workers) -> None:
    with workers.start("collect", "packages") as worker:
        worker.stdout.close()
        assert worker.wait(60) == 0
    assert read_attempt(folder_of(workers.settings.state_dir, "packages")).status == "complete"
