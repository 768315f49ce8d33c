"""agent/limits/capabilities.py: a worker reads what others own, and can change nothing of the host."""

from __future__ import annotations

import os

import pytest

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root has capabilities to lose")

DAC_OVERRIDE, DAC_READ_SEARCH, SYS_PTRACE, SYS_ADMIN = (1 << bit for bit in (1, 2, 19, 21))
"""Bits of linux/capability.h."""
EFFECTIVE = """
def effective():
    status = open("/proc/self/status").read()
    return int(status.partition("CapEff:")[2].split()[0], 16)

before = effective()
"""


@pytest.mark.parametrize(
    ("how", "kept"),
    [
        ("", DAC_READ_SEARCH | SYS_PTRACE),
        ("network=True", DAC_READ_SEARCH | SYS_PTRACE | DAC_OVERRIDE),
        ("traces=True", DAC_READ_SEARCH | SYS_PTRACE | SYS_ADMIN),
    ],
)
def test_only_what_its_job_needs_stays_in_effect(confined, how: str, kept: int) -> None:
    assert confined(f"{EFFECTIVE}apply({how})\nprint(before & ~{kept} > 0, effective() == before & {kept})") == [
        "True True"
    ]


def test_what_others_own_can_be_read_and_not_changed(confined, tmp_path) -> None:
    (tmp_path / "secret").write_text("content")
    os.chown(tmp_path / "secret", 4242, 4242)
    (tmp_path / "secret").chmod(0o600)
    lines = """
apply(traces=True)
print(open("../secret").read(), attempt(lambda: open("../secret", "r+")), attempt(lambda: os.chmod("../secret", 0o666)))
print(attempt(lambda: os.chown("../secret", 0, 0)), attempt(lambda: os.mknod("device", 0o020666, 259)))
"""
    assert confined(lines) == ["content EACCES EPERM", "EPERM EPERM"]


def test_a_capability_is_not_taken_back(confined) -> None:
    lines = """
from agent.limits.capabilities import _Header, _Sets, _VERSION_3
apply()
header, sets = _Header(_VERSION_3, 0), (_Sets * 2)()
libc.capget(ctypes.byref(header), ctypes.byref(sets))
sets[0].effective = sets[0].permitted
print(sets[0].permitted > 0, answer(libc.capset(ctypes.byref(header), ctypes.byref(sets))))
"""
    assert confined(lines) == ["True EPERM"]


def test_nothing_is_asked_of_the_kernel_where_nothing_is_to_be_given_up(confined) -> None:
    """As under a service manager that gives no more and forbids the call."""
    lines = """
from agent.limits.capabilities import keep_effective
class Forbidding:
    def __getattr__(self, name):
        assert name != "capset", "asked"
        return getattr(libc, name)
print(keep_effective(Forbidding(), tuple(range(64))))
"""
    assert confined(lines) == ["True"]
