"""What the kernel says of itself, and whose name it tells."""

import os
import subprocess
import sys
import time

import pytest

from agent.host import Host, open_host
from agent.host.kernel import boot_id, boot_time, hostname, release, uptime_class
from agent.host.procfs import ProcFS
from agent.host.root import HostRoot


def test_the_running_kernel_is_that_of_uname():
    assert release(ProcFS()) == os.uname().release


def test_the_boot_has_an_identifier():
    with open("/proc/sys/kernel/random/boot_id") as file:
        assert boot_id(ProcFS()) == file.read().strip()


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ("0.00", "under_1d"),
        ("86399.99", "under_1d"),
        ("86400.00", "under_7d"),
        ("2591999.00", "under_30d"),
        ("2592000.00", "under_90d"),
        ("99999999.00", "over_90d"),
    ],
)
def test_uptime_is_a_class(tmp_path, seconds, expected):
    (tmp_path / "uptime").write_text(f"{seconds} 12.00\n")
    assert uptime_class(ProcFS(str(tmp_path))) == expected


def test_the_host_that_the_agent_runs_on_has_the_name_of_its_kernel():
    assert hostname(open_host()) == os.uname().nodename


@pytest.mark.parametrize(
    ("content", "expected"),
    [(b"web-1\n", "web-1"), (b"# comment\n\n db.example.org \n", "db.example.org"), (b"", None), (b"\n", None)],
)
def test_a_tree_at_rest_has_the_configured_name(tree, content, expected):
    (tree / "etc/hostname").write_bytes(content)
    assert hostname(open_host(str(tree))) == expected


@pytest.mark.parametrize(
    "content", [b"root:$6$secret:19000:0:::\n", b"-----BEGIN PRIVATE KEY-----\n", b"\xff\n", b"x" * 300]
)
def test_another_file_in_its_place_gives_no_name(tree, content):
    (tree / "etc/hostname").write_bytes(content)
    with pytest.raises(ValueError) as error:
        hostname(open_host(str(tree)))
    assert "secret" not in str(error.value)


def test_an_agent_in_another_uts_namespace_takes_the_configured_name(tree):
    """proc tells the name of whoever reads it: in a pod, that of the pod."""
    (tree / "etc/hostname").write_text("node-1\n")
    script = (
        "import sys; from agent.host import Host; from agent.host.kernel import hostname;"
        "from agent.host.procfs import ProcFS; from agent.host.root import HostRoot;"
        "print(hostname(Host(HostRoot(sys.argv[1]), ProcFS())))"
    )
    command = [
        "unshare",
        "--uts",
        "sh",
        "-c",
        'hostname pod-7; exec "$@"',
        "sh",
        sys.executable,
        "-c",
        script,
        str(tree),
    ]
    assert subprocess.run(command, capture_output=True, text=True, cwd=os.getcwd()).stdout.strip() == "node-1"


def test_a_root_elsewhere_with_the_proc_of_this_host_takes_the_configured_name_where_namespaces_are_hidden(tree):
    (tree / "etc/hostname").write_text("node-1\n")
    empty = tree / "proc"
    empty.mkdir()
    assert hostname(Host(HostRoot(str(tree)), ProcFS(str(empty)))) == "node-1"


def test_the_kernel_was_booted_as_long_ago_as_it_is_up():
    with open("/proc/uptime") as uptime:
        seconds = float(uptime.read().split()[0])
    assert abs(time.time() - seconds - boot_time(ProcFS())) < 5


def test_a_stat_without_a_boot_time_is_a_value_error(tmp_path):
    (tmp_path / "stat").write_text("cpu 1 2 3\n")
    with pytest.raises(ValueError, match="btime"):
        boot_time(ProcFS(str(tmp_path)))
