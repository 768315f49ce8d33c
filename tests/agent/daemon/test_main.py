import json
import os
import select
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from agent.daemon.plan import Period, Plan, path_in, write

COMPLETE = 'echo "{\\"status\\":\\"complete\\",\\"changed\\":false}" >&3'


class Service:
    """A real daemon process, with a socket in systemd's place."""

    def __init__(self, folder, script, **changes):
        self.folder = folder
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(folder / "notify"))
        self.socket.settimeout(30)
        worker = ["/bin/sh", "-c", script, "worker"]
        plan = Plan(str(folder), worker, [*worker, "reload"], {"a": Period(3600, 60)}, 900, 300, "x", "debug")
        self.write(plan._replace(**changes))
        self.lock = os.open(folder / "lock", os.O_CREAT | os.O_RDWR)
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-m", "agent.daemon", str(folder), str(self.lock)],
            env={"NOTIFY_SOCKET": str(folder / "notify"), "WATCHDOG_USEC": "200000"},
            stderr=subprocess.PIPE,
            pass_fds=[self.lock],
        )

    def write(self, plan):
        self.plan = plan
        with open(path_in(str(self.folder)), "wb") as file:
            file.write(write(plan))

    def expect(self, state):
        while self.socket.recv(200) != state:
            pass

    def told(self):
        return json.loads((self.folder / "daemon.json").read_text())


@pytest.fixture
def service(tmp_path):
    running = []

    def start(script, **changes):
        running.append(Service(tmp_path, script, **changes))
        return running[-1]

    yield start
    for one in running:
        one.process.kill()
        one.process.communicate()
        one.socket.close()
        os.close(one.lock)


def wait_for(fifo):
    """Read what a worker writes; a daemon that starts none fails the test and does not hang it."""
    fd = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    with open(fd) as reader:
        assert select.select([fd], [], [], 30)[0], "nobody wrote"
        os.set_blocking(fd, True)
        return reader.read()


def test_systemd_hears_that_it_is_ready_alive_and_stopping(service):
    daemon = service(COMPLETE)
    daemon.expect(b"READY=1")
    for _ in range(5):
        daemon.expect(b"WATCHDOG=1")
    daemon.process.terminate()
    daemon.expect(b"STOPPING=1")
    assert daemon.process.wait(10) == 0


def test_it_ends_within_ten_seconds_though_a_worker_does_not_listen(service, tmp_path):
    os.mkfifo(tmp_path / "ready")
    daemon = service(f"trap '' TERM; echo $$ > {tmp_path}/ready; while :; do sleep 1000; done")
    pid = int(wait_for(tmp_path / "ready"))
    daemon.process.terminate()
    assert daemon.process.wait(10) == 0
    assert not os.path.exists(f"/proc/{pid}")


def test_the_watcher_runs_beside_it_is_told_of_and_ends_with_it(service):
    daemon = service(COMPLETE, watches={"files": ["/bin/sleep", "1000"]})
    while not (daemon.folder / "daemon.json").exists() or not daemon.told()["watchers"]:
        daemon.expect(b"WATCHDOG=1")
    pid = daemon.told()["watchers"]["files"]
    assert os.path.exists(f"/proc/{pid}")
    daemon.process.terminate()
    assert daemon.process.wait(10) == 0
    assert not os.path.exists(f"/proc/{pid}")


def test_a_watcher_that_does_not_listen_delays_the_end_by_less_than_ten_seconds(service, tmp_path):
    os.mkfifo(tmp_path / "ready")
    script = f"trap '' TERM; echo $$ > {tmp_path}/ready; while :; do sleep 1000; done"
    daemon = service(COMPLETE, watches={"files": ["/bin/sh", "-c", script]})
    pid = int(wait_for(tmp_path / "ready"))
    daemon.process.terminate()
    assert daemon.process.wait(10) == 0
    assert not os.path.exists(f"/proc/{pid}")


def test_a_signal_to_reload_takes_up_the_new_plan(service, tmp_path):
    os.mkfifo(tmp_path / "ready")
    script = f"if [ $2 = b ]; then echo b > {tmp_path}/ready; fi; {COMPLETE}"
    daemon = service(script)
    daemon.expect(b"READY=1")
    daemon.write(daemon.plan._replace(sections={"b": Period(3600, 60)}))
    daemon.process.send_signal(signal.SIGHUP)
    assert wait_for(tmp_path / "ready") == "b\n"


def test_a_signal_that_comes_in_the_middle_of_work_is_not_lost(service, tmp_path):
    os.mkfifo(tmp_path / "ready")
    daemon = service(f"echo > {tmp_path}/ready; {COMPLETE}")
    wait_for(tmp_path / "ready")
    for _ in range(50):
        daemon.process.send_signal(signal.SIGHUP)
    daemon.process.terminate()
    assert daemon.process.wait(10) == 0


def test_it_tells_what_it_does_for_the_command_status(service):
    daemon = service(COMPLETE, sections={"a": Period(3600, 60)})
    while not (daemon.folder / "daemon.json").exists() or daemon.told()["jobs_done"] < 1:
        daemon.expect(b"WATCHDOG=1")
    told = daemon.told()
    assert told["pid"] == daemon.process.pid
    assert set(told["next"]) == {"a", "deliver"}
    assert told["resident_kib"] > 1000


def test_the_lock_is_not_passed_on_to_workers(service, tmp_path):
    os.mkfifo(tmp_path / "ready")
    daemon = service(f"ls -l /proc/self/fd > {tmp_path}/ready; {COMPLETE}")
    assert str(tmp_path / "lock") not in wait_for(tmp_path / "ready")
    assert select.select([daemon.process.stderr], [], [], 10)[0]


def test_a_daemon_that_stands_still_gives_no_sign_of_life(service):
    daemon = service(COMPLETE)
    daemon.expect(b"READY=1")
    daemon.process.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, daemon.process.pid, os.WSTOPPED)
    daemon.socket.setblocking(False)
    with pytest.raises(BlockingIOError):
        while True:
            daemon.socket.recv(200)
    daemon.socket.settimeout(0.5)
    with pytest.raises(TimeoutError if sys.version_info >= (3, 10) else socket.timeout):
        daemon.socket.recv(200)
    daemon.process.send_signal(signal.SIGCONT)
    daemon.socket.settimeout(30)
    daemon.expect(b"WATCHDOG=1")


def test_the_loop_answers_for_its_numbers_and_its_life(service):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    running = service(COMPLETE, metrics_listen=f"127.0.0.1:{port}")
    running.expect(b"READY=1")
    running.expect(b"WATCHDOG=1")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
        assert answer.read() == b"ok\n"
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        assert b'stocktake_section_period_seconds{section="a"} 3600' in answer.read()


def test_the_numbers_are_written_after_each_job(service, tmp_path):
    running = service(COMPLETE, metrics_file=str(tmp_path / "stocktake.prom"))
    running.expect(b"READY=1")
    wanted = b'stocktake_section_status{section="a",status="complete"} 1'
    while not ((tmp_path / "stocktake.prom").exists() and wanted in (tmp_path / "stocktake.prom").read_bytes()):
        running.expect(b"WATCHDOG=1")
