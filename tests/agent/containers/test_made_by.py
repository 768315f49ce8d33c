import pytest

from agent.containers.made_by import is_mounted_by_root
from tests.agent.containers.fake import ID

OWN = {"user": "user:[2]"}


def test_in_the_user_namespace_of_the_host_only_root_mounts(host):
    host.process(30, f"/docker/{ID}")
    assert is_mounted_by_root(host.open().proc, 30, "1")


@pytest.mark.parametrize(
    ("program", "given", "expected"),
    [
        ("/usr/bin/conmon", {}, True),
        ("/usr/bin/containerd-shim-runc-v2 (deleted)", {}, True),
        ("/usr/bin/conmon", {"Uid": "1000 1000 1000 1000"}, False),
        ("/usr/bin/conmon", {"namespaces": OWN}, False),
        ("/usr/bin/bash", {}, False),
        ("/home/a/conmon", {"Uid": "1000 1000 1000 1000"}, False),
    ],
)
def test_in_another_one_the_program_that_watches_over_it_has_to_be_root_of_the_host(host, program, given, expected):
    host.process(20, "/x", **given)
    host.program(20, program)
    host.process(30, f"/docker/{ID}", parent=20, namespaces=OWN)
    assert is_mounted_by_root(host.open().proc, 30, "1") is expected


def test_without_a_parent_that_can_be_seen_nobody_is_trusted(host):
    host.process(30, f"/docker/{ID}", parent=0, namespaces=OWN)
    assert not is_mounted_by_root(host.open().proc, 30, "1")
