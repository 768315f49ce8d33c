import os
import select
import signal

from agent.daemon.process import PATIENCE, Worker


def start(script, deadline=1e9):
    return Worker("work", ["/bin/sh", "-c", script], deadline)


def ending(worker):
    """Wait for the end of a worker."""
    while True:
        found = worker.poll()
        if found is not None:
            return found
        select.select([worker.fd], [], [], 20)


def test_a_worker_reports_in_its_last_line():
    found = ending(start('echo noise >&3; echo \'{"status": "complete"}\' >&3'))
    assert (found.report, found.code, found.overdue) == ({"status": "complete"}, 0, False)


def test_a_worker_that_says_nothing_has_an_empty_report():
    assert ending(start("exit 7")).report == {}
    assert ending(start("exit 7")).code == 7


def test_what_is_no_json_object_is_no_report():
    assert ending(start("echo '[1]' >&3")).report == {}
    assert ending(start("echo '{\"half' >&3")).report == {}


def test_a_worker_that_talks_too_much_does_not_fill_the_memory():
    found = ending(start('head -c 60000 /dev/zero >&3; echo >&3; echo \'{"status": "complete"}\' >&3'))
    assert found.report == {"status": "complete"}


def test_a_killed_worker_is_known_by_its_signal():
    assert ending(start("kill -9 $$")).code == -signal.SIGKILL


def start_with_signal(folder, script):
    """Start a worker with deadline 100 that has written to $ready before this returns."""
    ready = folder / "ready"
    os.mkfifo(ready)
    worker = start(script.replace("$ready", str(ready)), 100.0)
    ready.read_bytes()
    return worker


def test_a_worker_is_asked_to_end_at_its_deadline(tmp_path):
    worker = start_with_signal(
        tmp_path, "trap 'echo '{\"asked\":1}' >&3; exit 3' TERM; sleep 1000 & echo > $ready; wait"
    )
    worker.keep_time(99.0)
    assert worker.next_check() == 100.0
    worker.keep_time(100.0)
    assert worker.next_check() == 100.0 + PATIENCE
    assert ending(worker).overdue


def test_a_worker_that_does_not_listen_is_killed(tmp_path):
    worker = start_with_signal(tmp_path, "trap '' TERM; echo > $ready; while :; do sleep 1000; done")
    worker.keep_time(100.0)
    worker.keep_time(100.0 + PATIENCE)
    found = ending(worker)
    assert (found.code, found.overdue) == (-signal.SIGKILL, True)


def test_what_a_worker_started_ends_with_it(tmp_path):
    worker = start_with_signal(tmp_path, "(echo > $ready; exec sleep 1000) & wait")
    held = os.dup(worker.fd)
    worker.keep_time(100.0)
    ending(worker)
    assert select.select([held], [], [], 20)[0]
    assert os.read(held, 1) == b"", "a grandchild still holds the pipe"
    os.close(held)


def test_a_worker_inherits_none_of_the_daemons_files(tmp_path):
    with open(tmp_path / "of the daemon", "w"):
        worker = start('echo "{\\"fds\\": \\"$(ls -l /proc/self/fd | tr -d \'\\n\')\\"}" >&3')
        report = ending(worker).report
    assert "pipe:" in report["fds"]
    assert "of the daemon" not in report["fds"]


def test_a_worker_gets_no_environment_but_our_own(monkeypatch):
    monkeypatch.setenv("SECRET_OF_OTHERS", "x")
    monkeypatch.setenv("STOCKTAKE_NODE_UID", "y")
    found = ending(start('echo "{\\"other\\": \\"$SECRET_OF_OTHERS\\", \\"ours\\": \\"$STOCKTAKE_NODE_UID\\"}" >&3'))
    assert found.report == {"other": "", "ours": "y"}


def test_a_worker_is_told_settings_and_credentials_and_nothing_else(monkeypatch, tmp_path):
    monkeypatch.setenv("STOCKTAKE_ROOT", "/x")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", "/run/credentials/x")
    monkeypatch.setenv("SECRET", "hunter2")
    ending(start(f"env > {tmp_path}/environment"))
    told = (tmp_path / "environment").read_text()
    assert "STOCKTAKE_ROOT=/x\n" in told
    assert "CREDENTIALS_DIRECTORY=/run/credentials/x\n" in told
    assert "hunter2" not in told


def test_the_kernel_takes_a_worker_before_the_daemon(tmp_path):
    os.mkfifo(tmp_path / "go")
    worker = start(f"read x < {tmp_path}/go; cat /proc/self/oom_score_adj > {tmp_path}/score")
    (tmp_path / "go").write_text("on\n")
    ending(worker)
    assert int((tmp_path / "score").read_text()) == 500
