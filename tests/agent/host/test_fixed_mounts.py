from agent.host.border import Border
from agent.host.fixed_mounts import FixedMounts
from agent.host.listing import Wanted
from agent.host.root import HostRoot
from agent.host.walk import Budget, TreeWalk
from tests.hosts.trees import plant


def test_a_walk_stops_at_every_point_and_leaves_out_what_is_left_out(tmp_path):
    plant(tmp_path, {"a/x": b"", "data/x": b"", "data2/x": b"", "var/lib/docker/x": b"", "b/mounted": b"", "b/x": b""})
    mounts = FixedMounts(("/data", "/b/mounted", "/not/there"))
    gaps = []
    with TreeWalk(
        HostRoot(str(tmp_path)), Wanted(frozenset(("x", "mounted")), (), False), Budget(), gaps.append, mounts
    ) as walk:
        found = [each.path for each in walk.files()]
        assert walk.excluded == ["/var/lib/docker"]
    assert (found, gaps) == (["/a/x", "/b/x", "/data2/x"], [])


def test_nothing_is_asked_of_the_kernel(tmp_path):
    border = Border(HostRoot(str(tmp_path)), [].append, mounts=FixedMounts(()))
    assert border.admits("/a")
    border.close()
