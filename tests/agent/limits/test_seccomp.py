"""agent/limits/seccomp.py: system calls that answer EPERM in a confined process."""

from __future__ import annotations

import os

import pytest

from agent.limits.seccomp import _CLONE, _CLONE3, _DENIED, _NETWORK, _SOCKET

on_x86_64 = pytest.mark.skipif(os.uname().machine != "x86_64", reason="arm64 has no such calls")


@pytest.mark.parametrize(
    "call",
    [
        "attempt(os.fork)",
        "attempt(lambda: os.posix_spawn('/bin/true', ['true'], {}))",
        "attempt(lambda: os.execv('/bin/true', ['true']))",
        "attempt(lambda: os.kill(os.getpid(), 0))",
        "attempt(lambda: os.kill(os.getppid(), 0))",
        "attempt(lambda: socket.socket(socket.AF_INET))",
        "attempt(lambda: socket.socket(socket.AF_UNIX))",
        "attempt(socket.socketpair)",
        "attempt(lambda: os.chroot('.'))",
        "attempt(lambda: os.setuid(os.getuid()))",
        "attempt(lambda: os.setgroups([]))",
        "answer(libc.ptrace(0, 0, 0, 0))",
        "answer(libc.mount(b'none', b'.', b'no-such-file-system', 0, None))",
        "answer(libc.umount2(b'.', 0))",
        "answer(libc.reboot(0))",
        "answer(libc.sethostname(b'', -1))",
        "answer(libc.syscall(425, 0, None))",
        pytest.param("answer(libc.syscall(57))", marks=on_x86_64),
        pytest.param("answer(libc.syscall(58))", marks=on_x86_64),
        pytest.param("answer(libc.syscall(0x40000000 + 39))", marks=on_x86_64),
    ],
)
def test_what_no_collector_has_a_use_for_is_refused(confined, call: str) -> None:
    before, after = confined(f"signal.signal(signal.SIGCHLD, signal.SIG_IGN)\nprint(apply(traces=True))\nprint({call})")
    assert "seccomp" not in before
    assert after == "EPERM"


REFUSED = {
    "fork": 57,
    "vfork": 58,
    "execve": 59,
    "execveat": 322,
    "ptrace": 101,
    "process_vm_readv": 310,
    "process_vm_writev": 311,
    "kill": 62,
    "tkill": 200,
    "tgkill": 234,
    "pidfd_send_signal": 424,
    "pidfd_getfd": 438,
    "open_tree": 428,
    "move_mount": 429,
    "fsopen": 430,
    "fsconfig": 431,
    "fsmount": 432,
    "fspick": 433,
    "mount_setattr": 442,
    "mount": 165,
    "umount2": 166,
    "pivot_root": 155,
    "chroot": 161,
    "swapon": 167,
    "swapoff": 168,
    "reboot": 169,
    "sethostname": 170,
    "setdomainname": 171,
    "settimeofday": 164,
    "clock_settime": 227,
    "adjtimex": 159,
    "clock_adjtime": 305,
    "init_module": 175,
    "finit_module": 313,
    "delete_module": 176,
    "kexec_load": 246,
    "kexec_file_load": 320,
    "bpf": 321,
    "userfaultfd": 323,
    "perf_event_open": 298,
    "keyctl": 250,
    "add_key": 248,
    "request_key": 249,
    "setuid": 105,
    "setgid": 106,
    "setreuid": 113,
    "setregid": 114,
    "setresuid": 117,
    "setresgid": 119,
    "setgroups": 116,
    "capset": 126,
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "io_uring_register": 427,
    "connect": 42,
    "accept": 43,
    "listen": 50,
    "socketpair": 53,
    "accept4": 288,
}
"""Numbers of x86-64 (arch/x86/entry/syscalls/syscall_64.tbl)."""


@on_x86_64
def test_every_call_that_could_do_harm_is_refused(confined) -> None:
    """Those that pass are named. The arguments make no sense, so that little would happen."""
    lines = f"apply()\nprint([name for name, number in {REFUSED}.items() if answer(libc.syscall(number, -1, -1, -1, -1, -1)) != 'EPERM'])"
    assert confined(lines) == ["[]"]


def test_threads_may_be_started_and_processes_not_from_them_either(confined) -> None:
    lines = """
import threading
apply(memory=256)
answers = []
thread = threading.Thread(target=lambda: answers.append(attempt(os.fork)))
thread.start()
thread.join()
print(answers)
"""
    assert confined(lines) == ["['EPERM']"]


def test_a_call_whose_flags_cannot_be_seen_is_not_there(confined) -> None:
    clone3 = 435
    assert confined(f"apply()\nprint(answer(libc.syscall({clone3}, None, 0)))") == ["ENOSYS"]


@on_x86_64
@pytest.mark.parametrize("flags", ["0", "17", "0x4000 | 0x100 | 17", "0x20000000 | 17"])
def test_what_starts_no_thread_is_refused_whatever_else_is_asked_for(confined, flags: str) -> None:
    clone = 56
    assert confined(f"apply()\nprint(answer(libc.syscall({clone}, {flags}, None, None, None, None)))") == ["EPERM"]


def test_without_the_network_the_kernel_alone_may_be_asked(confined) -> None:
    lines = """
apply()
with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW) as kernel:
    kernel.bind((0, 0))
print(attempt(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW)))
"""
    assert confined(lines) == ["EPERM"]


def test_a_worker_that_delivers_may_use_the_network_and_still_start_nothing(confined) -> None:
    lines = """
apply(network=True)
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen()
with socket.create_connection(listener.getsockname()):
    print(attempt(os.fork))
"""
    assert confined(lines) == ["EPERM"]


@pytest.mark.parametrize("column", [0, 1], ids=["x86-64", "arm64"])
def test_no_number_stands_for_two_calls(column: int) -> None:
    numbers = [
        number[column]
        for number in (*_DENIED.values(), *_NETWORK.values(), _CLONE, _CLONE3, _SOCKET)
        if number[column] is not None
    ]
    assert len(numbers) == len(set(numbers))
