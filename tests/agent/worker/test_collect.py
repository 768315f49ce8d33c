"""agent/worker/collect.py: however a collection ends there is a status, and the last good snapshot."""

from __future__ import annotations

import fcntl
import json
import os
import signal

import pytest

from agent.delivery.attempts import read_attempt
from agent.delivery.reading import CURRENT, read_footer_of, read_snapshot
from agent.delivery.store import folder_of
from agent.worker.collect import options_for
from agent.worker.state import save_settings
from tests.agent.worker.processes import FILL_MEMORY, FILL_MEMORY_FOR_GOOD, TEN_RECORDS, WAIT
from tests.hosts.trees import STATUS, plant, stanza

SECRET = "hunter2-of-the-tests"


COSTS = ("started_at", "seconds", "cpu_seconds", "peak_mib")


def without_costs(report):
    return {name: value for name, value in report.items() if name not in COSTS}


def folder(workers, section: str) -> str:
    return folder_of(workers.settings.state_dir, section)


def keys(workers, section: str) -> list[str]:
    path = os.path.join(folder(workers, section), CURRENT)
    return [json.loads(line.key_json) for line in read_snapshot(path)] if os.path.exists(path) else []


def test_a_collection_leaves_a_snapshot_an_attempt_and_one_line(workers) -> None:
    report, code = workers.run("collect", "packages")
    assert all(report[cost] >= 0 for cost in COSTS)
    assert (without_costs(report), code) == (
        {"status": "complete", "error": None, "changed": True, "count": 3, "gaps": 0},
        0,
    )
    assert keys(workers, "packages") == ["database/dpkg", "dpkg/a:amd64", "dpkg/b:amd64"]
    attempt = read_attempt(folder(workers, "packages"))
    footer = read_footer_of(os.path.join(folder(workers, "packages"), CURRENT))
    assert (attempt.status, attempt.count, attempt.gaps, attempt.error) == ("complete", 3, 0, None)
    assert attempt.last_success_at == attempt.started_at == footer.taken_at
    assert 0 < attempt.cpu_seconds < 20
    assert 5 < attempt.peak_mib < 64


def test_a_collection_that_finds_nothing_new_says_so(workers) -> None:
    workers.run("collect", "packages")
    assert workers.run("collect", "packages").line["changed"] is False


def test_a_section_with_a_gap_is_partial_and_keeps_what_the_gap_may_hide(workers, root) -> None:
    workers.run("collect", "packages")
    os.unlink(root / STATUS)
    os.mkfifo(root / STATUS)
    report, _ = workers.run("collect", "packages")
    assert (report["status"], report["gaps"]) == ("partial", 1)
    assert keys(workers, "packages") == ["database/dpkg", "dpkg/a:amd64", "dpkg/b:amd64", f"gap:/{STATUS}"]


def test_a_section_that_the_host_cannot_have_is_unsupported(workers) -> None:
    report, code = workers.run("collect", "ports")
    assert (report["status"], code) == ("unsupported", 0)
    assert report["error"] == "needs a running system (proc), and this root is none"
    assert read_attempt(folder(workers, "ports")).status == "unsupported"


def test_dpkg_at_work_is_a_failure_that_keeps_the_last_good_snapshot(workers, root) -> None:
    workers.run("collect", "packages")
    good = read_attempt(folder(workers, "packages"))
    plant(root, {STATUS: stanza("a") + stanza("b", status="install ok unpacked"), "var/lib/dpkg/lock": b""})
    save_settings(workers.settings._replace(proc="/proc"))
    with open(root / "var/lib/dpkg/lock", "r+") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)
        report, code = workers.run("collect", "packages")
    error = "dpkg is at work: packages are between two states"
    assert (without_costs(report), code) == (
        {"status": "failed", "error": error, "changed": False, "count": 0, "gaps": 0},
        0,
    )
    assert keys(workers, "packages") == ["database/dpkg", "dpkg/a:amd64", "dpkg/b:amd64"]
    attempt = read_attempt(folder(workers, "packages"))
    assert (attempt.status, attempt.error, attempt.last_success_at) == ("failed", error, good.started_at)
    assert workers.run("collect", "packages").line["status"] == "complete"


@pytest.mark.parametrize(
    "more",
    ["    bytearray(1 << 30)\n    yield\n", FILL_MEMORY, FILL_MEMORY_FOR_GOOD],
    ids=["one piece", "many pieces", "for good"],
)
def test_a_collector_that_takes_too_much_memory_is_stopped_and_reported(workers, collectors, more: str) -> None:
    collectors.add("greedy", TEN_RECORDS)
    workers.run("collect", "greedy")
    collectors.add("greedy", TEN_RECORDS + more)
    report, code = workers.run("collect", "greedy")
    assert (report["status"], report["error"], code) == ("out_of_memory", "the memory limit was reached", 0)
    assert read_attempt(folder(workers, "greedy")).status == "out_of_memory"
    assert len(keys(workers, "greedy")) == 10


def test_a_collector_that_takes_too_much_processor_time_is_stopped_and_reported(workers, collectors) -> None:
    collectors.add("busy", TEN_RECORDS + "    while True: pass\n", seconds=1)
    report, code = workers.run("collect", "busy")
    assert (report["status"], report["error"]) == ("timed_out", "the limit of processor seconds was reached")
    assert (code, keys(workers, "busy")) == (0, [])
    assert read_attempt(folder(workers, "busy")).status == "timed_out"


def test_a_collector_whose_time_on_the_wall_is_over_is_stopped_and_reported(workers, collectors) -> None:
    collectors.add("slow", TEN_RECORDS + WAIT)
    with workers.start("collect", "slow") as worker:
        assert worker.stdout.readline() == b"waiting\n"
        worker.send_signal(signal.SIGALRM)
        report = json.loads(worker.communicate(timeout=20)[0])
    assert (report["status"], report["error"]) == ("timed_out", "the limit of wall clock seconds was reached")
    assert keys(workers, "slow") == []


def test_a_worker_that_is_killed_in_the_middle_leaves_the_last_good_snapshot_and_attempt(workers, collectors) -> None:
    collectors.add("slow", TEN_RECORDS)
    workers.run("collect", "slow")
    before = keys(workers, "slow"), read_attempt(folder(workers, "slow"))
    collectors.add("slow", TEN_RECORDS.replace("10.0.0", "10.0.1") + WAIT)
    with workers.start("collect", "slow") as worker:
        assert worker.stdout.readline() == b"waiting\n"
        worker.kill()
        assert worker.communicate(timeout=20)[0] == b""
    assert worker.returncode == -signal.SIGKILL
    assert (keys(workers, "slow"), read_attempt(folder(workers, "slow"))) == before
    collectors.add("slow", TEN_RECORDS.replace("10.0.0", "10.0.1"))
    assert workers.run("collect", "slow").line["status"] == "complete"
    assert keys(workers, "slow")[0] == "address:10.0.1.0"


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (f"    raise ValueError({SECRET!r})\n", "ValueError"),
        (f"    {{}}[{SECRET!r}]\n", "KeyError"),
        (f"    b'\\xff {SECRET}'.decode()\n", "UnicodeDecodeError"),
        (f"    open('/no/{SECRET}')\n", "No such file or directory"),
        (f"    yield {SECRET!r}\n", "AttributeError"),
    ],
)
def test_an_unforeseen_error_is_named_by_its_place_and_quotes_nothing(
    workers, collectors, line: str, error: str
) -> None:
    collectors.add("broken", TEN_RECORDS + line)
    report, code = workers.run("collect", "broken")
    assert (report["status"], code, keys(workers, "broken")) == ("failed", 0, [])
    assert report["error"].startswith(f"{error} at agent/")
    assert SECRET not in str(report)
    assert SECRET not in str(read_attempt(folder(workers, "broken")))


def test_the_place_of_an_unforeseen_error_is_the_collectors_line(workers, collectors) -> None:
    collectors.add("broken", "    1 / 0\n    yield\n")
    assert workers.run("collect", "broken").line["error"] == (
        "ZeroDivisionError at agent/collectors/broken.py:8; this is a defect of stocktake, please report it"
    )


def test_a_collector_can_write_nowhere_but_below_its_own_section(workers, collectors, tmp_path) -> None:
    collectors.add("writer", f"    open({str(tmp_path / 'state' / 'id')!r}, 'w')\n    yield\n")
    assert workers.run("collect", "writer").line["error"].startswith("Permission denied at ")


def test_a_collector_is_given_its_own_last_records_and_when_they_were_taken(workers, collectors) -> None:
    collectors.add(
        "again",
        "    before = [record.address for record in options.previous()]\n"
        "    yield Gap('before', 'absent', f'{before} {options.previous_at is not None}', None)\n" + TEN_RECORDS,
    )
    workers.run("collect", "again")
    assert "[] False" in snapshot_text(workers, "again")
    collectors.add("again", "    yield Gap('before', 'absent', str(len(list(options.previous()))), None)\n")
    workers.run("collect", "again")
    assert '"detail":"11"' in snapshot_text(workers, "again")


AMENDING = """\
    from agent.model.spec import Gone, Unchanged
    if options.previous_at is None:
        for number in range(10):
            yield Address("eth0", f"10.0.0.{number}", 24, "private")
    else:
        yield Unchanged("")
"""


def test_a_collection_of_which_all_holds_writes_nothing_and_has_succeeded(workers, collectors) -> None:
    collectors.add("steady", AMENDING)
    path = os.path.join(folder(workers, "steady"), CURRENT)
    assert workers.run("collect", "steady").line["changed"] is True
    written, first = os.stat(path), read_attempt(folder(workers, "steady"))
    report = {"status": "complete", "error": None, "changed": False, "count": 10, "gaps": 0}
    assert without_costs(workers.run("collect", "steady").line) == report
    second = read_attempt(folder(workers, "steady"))
    assert (os.stat(path).st_ino, os.stat(path).st_mtime_ns) == (written.st_ino, written.st_mtime_ns)
    assert (second.status, second.count, second.last_success_at) == ("complete", 10, second.started_at)
    assert second.started_at >= first.started_at
    collectors.add("steady", AMENDING + '    yield Gone("address:10.0.0.3")\n')
    assert workers.run("collect", "steady").line["count"] == 9


def test_a_collector_is_told_nothing_of_a_snapshot_that_is_damaged(workers, collectors) -> None:
    options = options_for(workers.settings, "steady")
    assert (options.previous_at, options.succeeded_at, list(options.lines())) == (None, None, [])
    collectors.add("steady", AMENDING)
    workers.run("collect", "steady")
    options = options_for(workers.settings, "steady")
    assert options.previous_at == options.succeeded_at == read_attempt(folder(workers, "steady")).started_at
    assert len(list(options.lines())) == len(list(options.previous())) == 10
    assert options.folder == folder(workers, "steady")
    with open(os.path.join(folder(workers, "steady"), CURRENT), "r+b") as file:
        file.seek(70)
        file.write(b"\x00")
    options = options_for(workers.settings, "steady")
    assert (options.previous_at, options.succeeded_at, list(options.lines())) == (None, None, [])
    assert workers.run("collect", "steady").line["count"] == 10


def snapshot_text(workers, section: str) -> str:
    with open(os.path.join(folder(workers, section), CURRENT), encoding="utf-8") as file:
        return file.read()
