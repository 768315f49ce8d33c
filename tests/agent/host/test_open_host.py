"""agent/host: which process file system belongs to a root."""

from __future__ import annotations

import os
import subprocess

import pytest

from agent.host import open_host
from agent.model.spec import PROC, ROOT

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")


@pytest.fixture
def mounted(tmp_path):
    """A root with a real proc mounted in it, as a pod sees its host."""
    (tmp_path / "proc").mkdir()
    subprocess.run(["mount", "-t", "proc", "proc", tmp_path / "proc"], check=True)
    yield tmp_path
    subprocess.run(["umount", "-l", tmp_path / "proc"], check=True)


def test_the_running_system_has_its_own_proc():
    host = open_host()
    assert host.offers == {ROOT, PROC}
    assert host.proc.path == "/proc"


@as_root
def test_a_root_in_which_a_proc_is_mounted_is_a_running_system(mounted):
    host = open_host(str(mounted))
    assert host.offers == {ROOT, PROC}
    assert os.getpid() in host.proc.pids()


def test_a_folder_called_proc_is_none_whatever_it_holds(tmp_path):
    (tmp_path / "proc/1").mkdir(parents=True)
    (tmp_path / "proc/1/status").write_text("Name:\tplanted\n")
    host = open_host(str(tmp_path))
    assert host.offers == {ROOT}
    assert host.proc is None


def test_a_root_that_is_no_directory_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(NotADirectoryError):
        open_host(str(tmp_path / "file"))
