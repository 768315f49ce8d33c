"""Containers of Docker's engine, systemd-nspawn, LXC, rootless podman, and of nobody that is known."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import tarfile
import time
from pathlib import Path

import pytest

from tests.e2e.containers.looking import scan
from tests.hosts.docker import docker_in
from tests.hosts.podman import SLEEP, packed
from tests.hosts.trees import STATUS, stanza

SECRET = "hunter2-of-the-other"
DEBIAN = {
    STATUS: stanza("a", "1.0-1"),
    "var/lib/dpkg/info/a.list": b"/.\n",
    "etc/os-release": b"ID=debian\nVERSION_ID=12\n",
}
PATIENCE = 30


@pytest.fixture
def docker(tmp_path_factory):
    """Docker's engine, in a folder whose name leaves room for those of its sockets."""
    docker = docker_in(tmp_path_factory.mktemp("k") / "d")
    yield docker
    docker.close()


@pytest.fixture
def tree(tmp_path):
    """A root that is one directory."""
    if os.geteuid() != 0 or not shutil.which("busybox"):
        pytest.skip("needs root and busybox")
    root = tmp_path / "tree"
    root.mkdir()
    with tarfile.open(fileobj=io.BytesIO(packed({**DEBIAN, "usr/lib/os-release": b""}))) as archive:
        archive.extractall(root)
    return root


def eventually(find):
    """Look until something is there."""
    deadline = time.monotonic() + PATIENCE
    while not (found := find()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


def sleeper_in(tree):
    """Give the process whose root a tree is, once it is what it was started for."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.path.samefile(f"/proc/{pid}/root", tree) and os.readlink(f"/proc/{pid}/exe").endswith("/busybox"):
                return int(pid)
        except OSError:
            continue
    return None


def test_a_container_of_docker_is_told_as_docker_tells_it(docker):
    made = docker.run(
        DEBIAN, "--name", "web", "--user", "33", "-e", f"S={SECRET}", "--label", f"l={SECRET}", "-v", "/etc:/host:ro"
    )
    (told,) = json.loads(docker("inspect", made))
    found = scan()
    container = found.containers[made]
    assert (container["runtime"], container["name"], container["image"]) == ("docker", "web", told["Config"]["Image"])
    assert (container["image_digest"], container["pid"]) == (told["Image"], told["State"]["Pid"])
    assert container["layers"] == json.loads(docker("image", "inspect", told["Image"]))[0]["RootFS"]["Layers"]
    assert (container["user"], container["privileged"], container["host_mounts"]) == ("33", False, ["/etc:/host:ro"])
    assert set(found.inside(made)) == {"a"}
    assert (container["drift"], found.gaps_of(made)) == (False, [])
    assert SECRET not in repr(found)


def test_a_container_of_nspawn_is_a_plain_one(tree):
    if not shutil.which("systemd-nspawn"):
        pytest.skip("not installed: systemd-nspawn (systemd-container)")
    words = [
        "-q",
        "-D",
        str(tree),
        "--register=no",
        "--keep-unit",
        "-M",
        f"stocktake-{os.getpid()}",
        "--private-network",
    ]
    process = subprocess.Popen(
        ["systemd-nspawn", *words, "--console=pipe", "--link-journal=no", *SLEEP],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        first = eventually(lambda: -1 if process.poll() is not None else sleeper_in(tree))
        if first == -1:
            pytest.skip("systemd-nspawn cannot run here")
        found = scan()
    finally:
        process.kill()
        process.wait()
    (container,) = (each for each in found.containers.values() if each["pid"] == first)
    assert (container["runtime"], container["image"], container["drift"]) == ("systemd-nspawn", None, None)
    assert {name: package["added"] for name, package in found.inside(container["id"]).items()} == {"a": None}


def test_a_container_of_lxc_has_its_name(tree, tmp_path):
    if not shutil.which("lxc-start"):
        pytest.skip("not installed: lxc-start (lxc)")
    name = f"stocktake-{os.getpid()}"
    (tmp_path / "lxc" / name).mkdir(parents=True)
    lines = (
        f"lxc.uts.name = {name}",
        f"lxc.rootfs.path = dir:{tree}",
        "lxc.net.0.type = empty",
        f"lxc.init.cmd = {' '.join(SLEEP)}",
    )
    (tmp_path / "lxc" / name / "config").write_text("\n".join((*lines, "lxc.apparmor.profile = unconfined\n")))
    where = ["-P", str(tmp_path / "lxc"), "-n", name]
    if subprocess.run(["lxc-start", *where, "-d"], capture_output=True).returncode:
        pytest.skip("lxc cannot run here")
    try:
        found = scan()
    finally:
        subprocess.run(["lxc-stop", "-k", *where], check=True)
    assert (found.containers[name]["runtime"], found.containers[name]["name"]) == ("lxc", name)
    assert set(found.inside(name)) == {"a"}


def test_a_container_that_nobody_made_is_known_by_what_the_kernel_says(tree):
    words = ["unshare", "--fork", "--pid", "--mount", "--uts", f"--root={tree}", *SLEEP]
    process = subprocess.Popen(words)
    try:
        first = eventually(lambda: sleeper_in(tree))
        found = scan()
    finally:
        process.kill()
        process.wait()
        os.kill(first, 9)
    (container,) = (each for each in found.containers.values() if each["pid"] == first)
    assert (container["runtime"], container["name"], container["id"]) == ("unknown", None, container["pid_namespace"])
    assert "net" in container["host_namespaces"]
    assert set(found.inside(container["id"])) == {"a"}


@pytest.fixture
def user(tmp_path):
    """A user with ids of his own for containers, who is gone afterwards."""
    missing = [program for program in ("podman", "runc", "newuidmap", "useradd") if not shutil.which(program)]
    if os.geteuid() != 0 or missing:
        pytest.skip(f"needs root and {', '.join(missing)}")
    name = f"stocktake{os.getpid()}"
    subprocess.run(["useradd", "-m", name], check=True, capture_output=True)
    yield name
    subprocess.run(["userdel", "-r", "-f", name], check=True, capture_output=True)


def test_a_rootless_container_is_told_and_read(user):
    uid = int(subprocess.run(["id", "-u", user], capture_output=True, text=True, check=True).stdout)
    runtime = Path(f"/run/user/{uid}")
    runtime.mkdir(mode=0o700, parents=True)
    shutil.chown(runtime, user)
    (runtime / "containers.conf").write_text(
        '[containers]\ndefault_ulimits=["nofile=20000:20000","nproc=32768:32768"]\n'
        '[engine]\nruntime="runc"\ncgroup_manager="cgroupfs"\nevents_logger="file"\n'
    )
    (runtime / "image.tar").write_bytes(packed(DEBIAN))
    shutil.chown(runtime / "image.tar", user)

    def podman(*words):
        environment = f"XDG_RUNTIME_DIR={runtime} CONTAINERS_CONF={runtime}/containers.conf"
        script = f"cd; {environment} podman --storage-driver overlay {' '.join(words)}"
        return subprocess.run(["su", user, "-c", script], capture_output=True, text=True)

    try:
        podman("import", f"{runtime}/image.tar", "localhost/own:1")
        done = podman("run", "-d", "--network=none", "localhost/own:1", *SLEEP)
        if done.returncode:
            pytest.skip(f"podman cannot run rootless here: {done.stderr[-300:]}")
        made = done.stdout.strip()
        found = scan()
    finally:
        podman("rm", "-f", "-t", "0", "--all")
        podman("system", "reset", "-f")
        subprocess.run(["pkill", "-9", "-u", user], check=False)
        shutil.rmtree(runtime, ignore_errors=True)
    container = found.containers[made]
    assert (container["runtime"], container["image"], container["drift"]) == ("podman", "localhost/own:1", None)
    assert "user" not in container["host_namespaces"]
    assert set(found.inside(made)) == {"a"}
