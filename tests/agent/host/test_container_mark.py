"""A running system is a container where something marks it as one."""

import os

import pytest

from agent.host.container_mark import container
from agent.host.procfs import ProcFS
from agent.host.root import HostRoot

NESTED = "pid:[4026532299]"
INITIAL = "pid:[4026531836]"


def judged(folder, marks=None, proc=None, namespace=NESTED):
    files = {**(marks or {}), "proc/sys/kernel/osrelease": "6.1.0\n"}
    files.update((f"proc/{path}", content) for path, content in (proc or {}).items())
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content)
    (folder / "proc/1/ns").mkdir(parents=True)
    (folder / "proc/1/ns/pid").symlink_to(namespace)
    return container(HostRoot(str(folder)), ProcFS(str(folder / "proc")))


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ({}, None),
        ({".dockerenv": ""}, "docker"),
        ({"run/.containerenv": "", ".dockerenv": ""}, "podman"),
        ({"run/systemd/container": "systemd-nspawn\n", ".dockerenv": ""}, "systemd-nspawn"),
        ({"run/systemd/container": "lxc\n"}, "lxc"),
        ({"run/host/container-manager": "podman\n"}, "podman"),
        ({"run/systemd/container": "a-secret-name\n"}, "container-other"),
    ],
)
def test_marks_are_known(tmp_path, marks, expected):
    assert judged(tmp_path, marks) == expected


def test_a_mark_left_by_the_image_that_a_machine_was_made_from_does_not_count(tmp_path):
    assert judged(tmp_path, {".dockerenv": ""}, namespace=INITIAL) is None


def test_what_the_manager_wrote_counts_in_any_namespace(tmp_path):
    assert judged(tmp_path, {"run/systemd/container": "lxc\n"}, namespace=INITIAL) == "lxc"


@pytest.mark.parametrize(
    ("proc", "expected"),
    [
        ({"vz/x": ""}, "openvz"),
        ({"vz/x": "", "bc/x": ""}, None),
    ],
)
def test_openvz_is_known_by_proc(tmp_path, proc, expected):
    assert judged(tmp_path, proc=proc) == expected


def test_wsl_is_known_by_its_kernel(tmp_path):
    (tmp_path / "proc/sys/kernel").mkdir(parents=True)
    (tmp_path / "proc/sys/kernel/osrelease").write_text("5.15.90.1-microsoft-standard-WSL2\n")
    assert container(HostRoot(str(tmp_path)), ProcFS(str(tmp_path / "proc"))) == "wsl"


def test_the_environment_of_process_1_is_not_read():
    seen = []
    container(HostRoot("/", seen.append), ProcFS("/proc", seen.append))
    assert not [path for path in seen if path.endswith("environ")]
    assert "/proc/sys/kernel/osrelease" in seen


def test_a_process_in_a_pid_namespace_of_its_own_is_a_container_where_marked(tmp_path):
    """In a real namespace with a proc of its own."""
    (tmp_path / "root").mkdir()
    (tmp_path / "root/.dockerenv").touch()
    script = (
        "import os, sys; from agent.host.container_mark import container; from agent.host.procfs import ProcFS;"
        "from agent.host.root import HostRoot; print(container(HostRoot(sys.argv[1]), ProcFS()))"
    )
    import subprocess
    import sys

    command = ["unshare", "--pid", "--fork", "--mount-proc", sys.executable, "-c", script, str(tmp_path / "root")]
    assert subprocess.run(command, capture_output=True, text=True, cwd=os.getcwd()).stdout.strip() == "docker"
