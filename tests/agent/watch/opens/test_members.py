"""Which processes are in which container."""

import pytest

from agent.host.procfs import ProcFS
from agent.watch.opens.members import Members
from tests.hosts.trees import plant

ID = "0123456789abcdef" * 4


class Proc:
    def __init__(self, folder):
        self.folder = folder
        self.reads = []
        self.members = Members(ProcFS(str(folder), self.reads.append))

    def put(self, pid, group):
        plant(self.folder / str(pid), {"cgroup": f"0::/{group}\n".encode()})


@pytest.fixture
def proc(tmp_path):
    made = Proc(tmp_path)
    made.put(7, f"docker/{ID}")
    made.put(8, "")
    return made


def test_processes_are_given_by_container(proc):
    proc.put(9, f"docker/{ID}")
    assert proc.members.now(1.0) == {ID: [7, 9]}
    assert proc.members.of(ID) == [7, 9]


def test_a_process_that_is_put_into_its_container_later_is_found_there(proc):
    proc.members.now(1.0)
    proc.put(8, f"docker/{ID}")
    assert proc.members.now(1.1) == {ID: [7, 8]}


def test_a_process_of_the_host_is_not_asked_for_ever_but_again_after_a_minute(proc):
    for _ in range(20):
        proc.members.now(1.0)
    reads = len(proc.reads)
    proc.members.now(2.0)
    assert len(proc.reads) == reads
    proc.put(8, f"docker/{ID}")
    assert proc.members.now(62.0) == {ID: [7, 8]}
