"""psutil counts what the given proc tells."""

import os

import psutil
import pytest

from agent.host.hardware import booted_at, memory, processors
from agent.host.procfs import ProcFS


@pytest.fixture
def other_proc(tmp_path):
    """A proc of another system."""
    (tmp_path / "stat").write_text("cpu  1 2 3 4 5 6 7 8 9 10\nbtime 1700000000\n")
    (tmp_path / "meminfo").write_text(
        "MemTotal:  1024 kB\nMemFree: 512 kB\nMemAvailable: 512 kB\nBuffers: 0 kB\nCached: 0 kB\nShmem: 0 kB\nActive: 0 kB\nInactive: 0 kB\nSReclaimable: 0 kB\n"
    )
    return ProcFS(str(tmp_path))


def test_memory_is_that_of_this_machine():
    with open("/proc/meminfo") as file:
        assert memory(ProcFS()) == int(file.readline().split()[1]) * 1024


def test_processors_are_those_that_are_online():
    assert processors(ProcFS()) == os.sysconf("SC_NPROCESSORS_ONLN")


def test_the_boot_time_is_that_of_the_kernel():
    with open("/proc/stat") as file:
        expected = next(int(line.split()[1]) for line in file if line.startswith("btime"))
    assert abs(booted_at(ProcFS()) - expected) <= 1


def test_another_proc_is_read_where_it_is_given(other_proc):
    assert memory(other_proc) == 1024 * 1024
    assert booted_at(other_proc) == 1700000000


def test_psutil_is_left_as_it_was(other_proc, tmp_path):
    memory(other_proc)
    (tmp_path / "meminfo").unlink()
    with pytest.raises(FileNotFoundError):
        memory(other_proc)
    assert psutil.PROCFS_PATH == "/proc"
