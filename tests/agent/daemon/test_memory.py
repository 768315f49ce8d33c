"""agent/daemon/memory.py against files in the place of the kernel's."""

import os

import pytest

from agent.daemon.memory import KEPT, Memory


@pytest.fixture
def group(tmp_path):
    (tmp_path / "membership").write_text("12:memory:/x\n0::/system.slice/stocktake.service\n")
    folder = tmp_path / "cgroup/system.slice/stocktake.service"
    folder.mkdir(parents=True)
    (folder / "memory.reclaim").write_text("")
    (folder / "memory.current").write_text(f"{KEPT + 1000}\n")
    return folder


@pytest.fixture
def memory(group, tmp_path):
    return Memory(str(tmp_path / "membership"), str(tmp_path / "cgroup"))


def test_what_is_more_than_the_daemon_needs_is_given_back(memory, group):
    memory.give_back(1)
    assert (group / "memory.reclaim").read_text() == "1000"


def test_it_is_given_back_once_after_each_job(memory, group):
    memory.give_back(1)
    (group / "memory.reclaim").write_text("")
    memory.give_back(1)
    assert (group / "memory.reclaim").read_text() == ""
    memory.give_back(2)
    assert (group / "memory.reclaim").read_text() == "1000"


def test_nothing_is_asked_for_where_there_is_nothing_more(memory, group):
    (group / "memory.current").write_text(f"{KEPT}\n")
    memory.give_back(1)
    assert (group / "memory.reclaim").read_text() == ""


@pytest.mark.parametrize("missing", ["memory.reclaim", "memory.current"])
def test_a_kernel_that_does_not_offer_it_is_left_alone(memory, group, missing):
    (group / missing).unlink()
    memory.give_back(1)
    assert missing not in os.listdir(group)


def test_without_control_groups_of_version_2_nothing_is_done(tmp_path):
    (tmp_path / "membership").write_text("12:memory:/x\n")
    Memory(str(tmp_path / "membership"), str(tmp_path)).give_back(1)
    Memory(str(tmp_path / "nowhere"), str(tmp_path)).give_back(1)
    assert os.listdir(tmp_path) == ["membership"]
