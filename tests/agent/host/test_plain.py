"""agent/host/plain.py gives what psutil gives, and stands in where psutil cannot be loaded."""

import subprocess
import sys

import psutil
import pytest

from agent.host import plain
from agent.host.interfaces import _by_psutil
from agent.host.procfs import ProcFS


def test_the_figures_are_those_of_psutil():
    assert plain.processors() == psutil.cpu_count()
    assert plain.memory(ProcFS()) == psutil.virtual_memory().total
    assert plain.booted_at(ProcFS()) == int(psutil.boot_time())


def test_the_addresses_are_those_of_psutil():
    assert plain.own_ipv4() == _by_psutil()
    assert plain.own_ipv4()


def test_a_figure_that_proc_does_not_have_is_an_error(tmp_path):
    (tmp_path / "meminfo").write_text("MemFree: 1 kB\n")
    with pytest.raises(ValueError, match="meminfo does not have MemTotal"):
        plain.memory(ProcFS(str(tmp_path)))


def test_without_psutil_the_host_is_told_all_the_same():
    script = """
import sys
sys.modules["psutil"] = None
from agent.host import hardware, interfaces
from agent.host.procfs import ProcFS
proc = ProcFS()
print(hardware.processors(proc), hardware.memory(proc), hardware.booted_at(proc))
for found in interfaces.addresses(proc): print(found)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    with_psutil = script.replace('sys.modules["psutil"] = None', "")
    same = subprocess.run([sys.executable, "-c", with_psutil], capture_output=True, text=True, check=True)
    assert done.stdout == same.stdout
    assert "interface='" in done.stdout
