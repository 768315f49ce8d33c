import pytest

from agent.containers.confinement import confinement, of_host
from agent.formats.proc_status import parse_status
from tests.agent.containers.fake import ID
from tests.hosts.trees import plant

ALL = "1ffffffffff"


def look(host, **given):
    host.process(30, f"/docker/{ID}", **given)
    return confined(host, 30)


def confined(host, pid):
    proc = host.open().proc
    return confinement(proc, pid, parse_status(proc.read(f"{pid}/status")), of_host(proc, "1"))


def test_capabilities_beyond_the_usual_ones_are_named(host):
    assert look(host, CapBnd="a80425fb").capabilities == ()
    host.process(31, "/x", CapBnd="a80435fb")
    assert confined(host, 31).capabilities == ("cap_net_admin",)


def test_namespaces_of_the_host_are_told(host):
    found = look(host, namespaces={"pid": "pid:[2]", "mnt": "mnt:[2]", "net": "net:[2]", "uts": "uts:[2]"})
    assert found.host_namespaces == ("cgroup", "ipc", "time", "user")
    assert found.pid_namespace == "pid:[2]"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"CapBnd": ALL, "Seccomp": 0}, True),
        ({"CapBnd": ALL, "Seccomp": 2}, False),
        ({"CapBnd": "a80425fb", "Seccomp": 0}, False),
        ({"CapBnd": ALL, "Seccomp": 0, "namespaces": {"user": "user:[2]"}}, False),
    ],
)
def test_privileged_is_every_capability_of_the_host_and_no_filter(host, given, expected):
    assert look(host, **given).is_privileged is expected


def test_where_namespaces_may_not_be_seen_that_is_not_known(host):
    found = look(host, CapBnd=ALL, Seccomp=0)
    for kind in (host.proc / "30/ns").iterdir():
        kind.unlink()
    found = confined(host, 30)
    assert (found.host_namespaces, found.is_privileged) == (None, None)


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        (b"docker-default (enforce)\n", ("docker-default (enforce)", None)),
        (b"unconfined\n", ("unconfined", None)),
        (b"system_u:system_r:container_t:s0:c1,c2\0", (None, "system_u:system_r:container_t:s0:c1,c2")),
        (b"\n", (None, None)),
    ],
)
def test_the_label_is_apparmors_or_selinuxs(host, label, expected):
    host.process(30, f"/docker/{ID}")
    plant(host.proc / "30", {"attr/current": label})
    found = confined(host, 30)
    assert (found.apparmor, found.selinux) == expected


def test_the_start_is_counted_from_boot(host):
    assert look(host, started=4200).started == 1000000042


def test_a_process_that_is_gone_raises(host):
    with pytest.raises(OSError, match="No such file"):
        confined(host, 99)
