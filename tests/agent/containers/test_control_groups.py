import re

import pytest

from agent.containers.control_groups import CONTAINERS, control_groups

ID = "0123456789abcdef" * 4


def test_the_hierarchy_of_version_2_is_one_and_of_version_1_those_with_few_files():
    assert control_groups(lambda path: path == "/sys/fs/cgroup/cgroup.controllers") == ("/sys/fs/cgroup",)
    assert control_groups(lambda _: False) == (
        "/sys/fs/cgroup/pids",
        "/sys/fs/cgroup/systemd",
        "/sys/fs/cgroup/unified",
    )


def test_where_that_cannot_be_seen_version_1_is_taken():
    def denied(_path):
        raise PermissionError

    assert "/sys/fs/cgroup/pids" in control_groups(denied)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (ID, True),
        (f"docker-{ID}.scope", True),
        (f"cri-containerd-{ID}.scope", True),
        (f"kubepods-besteffort-pod0a.slice:cri-containerd:{ID}", True),
        ("lxc.payload.web", True),
        ("machine-web.scope", True),
        ("systemd-nspawn@web.service", True),
        ("session-1.scope", False),
        ("ssh.service", False),
        ("lxc.monitor.web", False),
    ],
)
def test_names_of_containers_are_told_from_others(name, expected):
    assert bool(re.search(CONTAINERS, name)) is expected
