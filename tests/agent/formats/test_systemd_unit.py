"""The service that would have to be restarted."""

import pytest

from agent.formats.systemd_unit import service


@pytest.mark.parametrize(
    ("cgroup", "name"),
    [
        (b"0::/system.slice/nginx.service\n", "nginx.service"),
        (b"12:pids:/x.service\n1:name=systemd:/system.slice/ssh.service\n0::/\n", "ssh.service"),
        (b"0::/user.slice/user-1000.slice/user@1000.service/app.slice/app.service\n", "app.service"),
        (b"0::/user.slice/user-1000.slice/session-2.scope\n", None),
        (b"4:memory:/system.slice/nginx.service\n", None),
        (b"", None),
    ],
)
def test_the_innermost_service_of_systemds_own_hierarchy_counts(cgroup, name):
    assert service(cgroup) == name
