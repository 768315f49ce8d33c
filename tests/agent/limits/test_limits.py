"""agent/limits: what a worker takes from itself, tried in real processes."""

from __future__ import annotations

import os
import select
import signal
import subprocess

import pytest


def test_nothing_is_refused_on_a_kernel_that_has_it_all(confined, landlock) -> None:
    assert confined("print(apply())") == ["()"]


def test_a_confined_process_gives_way_to_everybody_else(confined) -> None:
    lines = """
apply()
ioprio_get = {"x86_64": 252, "aarch64": 31}[os.uname().machine]
print(os.nice(0), libc.syscall(ioprio_get, 1, 0) >> 13, open("/proc/self/oom_score_adj").read().strip())
"""
    assert confined(lines) == ["19 3 500"]


def test_what_a_confined_process_writes_is_its_owners_alone_and_it_leaves_no_core(confined) -> None:
    assert confined("apply(); print(oct(os.umask(0)), resource.getrlimit(resource.RLIMIT_CORE))") == ["0o77 (0, 0)"]


def test_a_confined_process_can_gain_no_privileges(confined) -> None:
    lines = (
        "apply(); print(*(line for line in open('/proc/self/status') if line[:10] in ('NoNewPrivs', 'Seccomp:\\t2')))"
    )
    assert "NoNewPrivs:\t1" in confined(lines)[0]


def test_memory_beyond_the_limit_is_a_memory_error_and_memory_below_it_is_there(confined) -> None:
    lines = """
apply(memory=64)
bytearray(32 << 20)
try:
    bytearray(96 << 20)
except MemoryError:
    print("refused")
"""
    assert confined(lines) == ["refused"]


def test_the_memory_that_the_process_has_already_does_not_count(confined) -> None:
    assert confined("held = bytearray(200 << 20); apply(memory=64); bytearray(32 << 20); print('given')") == ["given"]


def test_processor_time_beyond_the_limit_is_raised_once_and_leaves_a_grace(confined) -> None:
    lines = """
apply(seconds=1)
soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
try:
    while True:
        pass
except limits.TimedOut as ended:
    print(ended)
print(hard - soft, signal.getsignal(signal.SIGXCPU) == signal.getsignal(signal.SIGALRM) == signal.SIG_IGN)
"""
    assert confined(lines) == ["the limit of processor seconds was reached", "2 True"]


def test_processor_time_that_was_used_before_does_not_count(confined) -> None:
    lines = """
import time
while time.process_time() < 1.1:
    pass
apply(seconds=5)
print(resource.getrlimit(resource.RLIMIT_CPU)[0])
"""
    assert confined(lines) == ["6"]


def test_ten_times_the_processor_seconds_may_pass_on_the_wall(confined) -> None:
    assert confined("apply(seconds=30); print(round(signal.getitimer(signal.ITIMER_REAL)[0]))") == ["300"]


def test_the_end_of_the_time_on_the_wall_interrupts_a_wait_and_is_raised_once(script, tmp_path) -> None:
    lines = """
apply(seconds=20)
try:
    print("waiting", flush=True)
    os.read(0, 1)
except limits.TimedOut as ended:
    print(ended, flush=True)
print(os.read(0, 1))
"""
    with subprocess.Popen(script(lines), stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path) as process:
        assert process.stdout.readline() == b"waiting\n"
        process.send_signal(signal.SIGALRM)
        assert process.stdout.readline() == b"the limit of wall clock seconds was reached\n"
        process.send_signal(signal.SIGALRM)
        process.send_signal(signal.SIGXCPU)
        assert process.communicate(b"x", timeout=20) == (b"b'x'\n", None)


def test_a_lower_hard_limit_that_is_there_already_stays(confined) -> None:
    lines = """
resource.setrlimit(resource.RLIMIT_CPU, (3, 4))
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
apply(memory=4096, seconds=60)
print(resource.getrlimit(resource.RLIMIT_CPU), resource.getrlimit(resource.RLIMIT_AS)[1] == 1 << 30)
"""
    assert confined(lines) == ["(4, 4) True"]


def test_a_confined_process_dies_with_its_parent(script, tmp_path) -> None:
    lines = """
reading, writing = os.pipe()
if os.fork():
    os.close(2)
    signal.pause()
apply()
os.write(1, b"confined\\n")
os.close(1)
os.read(reading, 1)
"""
    reading, writing = os.pipe()
    try:
        with subprocess.Popen(script(lines), stdout=subprocess.PIPE, stderr=writing, cwd=tmp_path) as parent:
            assert parent.stdout.readline() == b"confined\n"
            os.close(writing)
            assert select.select([reading], [], [], 0) == ([], [], [])
            parent.kill()
            assert select.select([reading], [], [], 20) == ([reading], [], [])
            assert os.read(reading, 1000) == b""
    finally:
        os.close(reading)


@pytest.mark.parametrize(("traces", "others"), [(False, "EACCES"), (True, "allowed")])
def test_only_a_process_that_may_trace_looks_into_others_and_it_has_the_other_confinements(
    confined, landlock, traces: bool, others: str
) -> None:
    lines = f"""
print(apply(traces={traces}))
print(attempt(lambda: os.readlink(f"/proc/{{os.getppid()}}/exe")), attempt(os.fork), attempt(socket.socket))
"""
    assert confined(lines) == ["()", f"{others} EPERM EPERM"]


def test_a_priority_that_may_not_be_changed_is_left_as_it_is(confined) -> None:
    """As under a service manager that has set it, and forbids setpriority(2)."""
    lines = """
def refuse(_):
    raise PermissionError(errno.EPERM, "no")
os.nice = refuse
print(apply())
"""
    assert confined(lines) == ["()"]
