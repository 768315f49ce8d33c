"""What the agent may not do here is said for every section that wants it."""

import os
import subprocess
import sys

import pytest

from agent import __version__
from agent.host import open_host
from agent.host.privileges import agent_facts, degradations, hidden_processes
from agent.host.procfs import ProcFS
from agent.model.records import AgentFacts, Degradation
from agent.model.spec import Want

WANTS = {"ports": (Want("cap_sys_ptrace", "Owners."),), "host": (), "usage": (Want("cap_sys_admin", "Files."),)}


def agent(*capabilities):
    return AgentFacts("1", "3", 0, capabilities, "/")


def test_the_agent_is_this_process():
    found = agent_facts(open_host())
    assert (found.version, found.uid, found.root) == (__version__, os.geteuid(), "/")
    assert found.python == ".".join(map(str, sys.version_info[:3]))
    assert "cap_sys_ptrace" in found.capabilities


def test_a_capability_that_was_dropped_is_not_effective():
    script = """
import os
from agent.host import open_host
from agent.host.privileges import agent_facts
host = open_host()
os.setuid(65534)
print(agent_facts(host).uid, agent_facts(host).capabilities)
"""
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout == "65534 ()\n"


def test_every_want_that_is_not_met_is_a_degradation():
    assert list(degradations(WANTS, agent("cap_sys_admin"))) == [
        Degradation("ports", "cap_sys_ptrace", "Owners.", "grant cap_sys_ptrace to the service")
    ]
    assert not list(degradations(WANTS, agent("cap_sys_admin", "cap_sys_ptrace")))


@pytest.fixture
def hiding_proc(tmp_path):
    """A real proc that hides the processes of others."""
    path = tmp_path / "proc dir"
    path.mkdir()
    subprocess.run(["mount", "-t", "proc", "-o", "hidepid=invisible", "proc", path], check=True)
    yield ProcFS(str(path))
    subprocess.run(["umount", "--lazy", path], check=True)


def test_a_proc_that_hides_processes_degrades_the_sections_that_look_into_them(hiding_proc):
    found = list(hidden_processes(WANTS, agent(), hiding_proc))
    assert [(one.affected, one.missing) for one in found] == [("ports", "hidepid=invisible")]


def test_it_does_not_for_an_agent_that_looks_behind_it(hiding_proc):
    assert not list(hidden_processes(WANTS, agent("cap_sys_ptrace"), hiding_proc))


def test_a_proc_that_hides_nothing_degrades_nothing():
    assert not list(hidden_processes(WANTS, agent(), ProcFS()))
