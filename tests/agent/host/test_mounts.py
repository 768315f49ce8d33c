"""agent/host/mounts.py on real mounts: what is on them is met once or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agent.host.mounts import MountTable
from agent.host.root import HostRoot
from tests.agent.host.walking import walked
from tests.hosts.mounted import mounted, unanswered
from tests.hosts.trees import plant

if TYPE_CHECKING:
    from agent.host.found import Found

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
REPOSITORY = Path(__file__).parents[3]
WALK = "import sys; from tests.agent.host.walking import walked; print(*walked(sys.argv[1])[:2])"
PATIENCE = 30
"""Seconds after which a walk counts as hung."""


def test_another_disk_is_walked_and_a_bind_mount_of_it_is_not(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "-t", "tmpfs", "none") as disk:
        plant(disk, {"folder/file": b""})
        with mounted(tmp_path / "disk2", "--bind", disk / "folder"):
            assert walked(tmp_path).paths == ["/disk/folder/file"]
            assert walked(tmp_path / "disk2").paths == ["/file"]


def test_a_directory_bound_over_another_is_seen_at_both_ends_once(tmp_path: Path) -> None:
    plant(tmp_path, {"a/hidden": b"", "b/file": b""})
    with mounted(tmp_path / "a", "--bind", tmp_path / "b"):
        assert walked(tmp_path).paths == ["/b/file"]


def test_a_file_bound_over_another_is_not_met_twice(tmp_path: Path) -> None:
    plant(tmp_path, {"file": b"", "other": b""})
    subprocess.run(["mount", "--bind", tmp_path / "file", tmp_path / "other"], check=True)
    try:
        assert walked(tmp_path).paths == ["/file"]
    finally:
        subprocess.run(["umount", tmp_path / "other"], check=True)


def test_an_overlay_is_walked_as_what_it_shows(tmp_path: Path) -> None:
    with mounted(tmp_path / "layers", "-t", "tmpfs", "none") as layers:
        plant(layers, {"lower/a": b"", "upper/b": b"", "work/x": b""})
        (layers / "work/x").unlink()
        words = f"lowerdir={layers}/lower,upperdir={layers}/upper,workdir={layers}/work"
        with mounted(tmp_path / "merged", "-t", "overlay", "-o", words, "overlay") as merged:
            assert walked(merged).paths == ["/a", "/b"]


def test_kernel_objects_are_left_out_without_a_gap(tmp_path: Path) -> None:
    with mounted(tmp_path / "proc", "-t", "proc", "proc"):
        assert walked(tmp_path)[:2] == ([], [])


def test_a_file_system_that_nobody_answers_for_is_not_touched(tmp_path: Path) -> None:
    """A look at it would hang, so that another process walks and is given up."""
    plant(tmp_path, {"a": b"", "z": b""})
    with unanswered(tmp_path / "mnt") as trap:
        with pytest.raises(subprocess.TimeoutExpired):
            subprocess.run(["stat", trap], timeout=1)
        done = subprocess.run(
            [sys.executable, "-c", WALK, tmp_path], cwd=REPOSITORY, capture_output=True, text=True, timeout=PATIENCE
        )
    assert done.stdout.startswith("['/a', '/z'] [Gap(subject='/mnt', reason='remote', detail='fuse.trap: a process")
    assert done.stdout.endswith("hides='/mnt')]\n")


def test_what_is_mounted_while_the_walk_goes_on_is_not_touched(tmp_path: Path) -> None:
    plant(tmp_path, {"a/file": b"", "b/file": b""})
    with ExitStack() as traps:

        def mount(found: Found) -> None:
            if found.path == "/a/file":
                traps.enter_context(mounted(tmp_path / "b", "-t", "proc", "proc"))

        assert walked(tmp_path, each=mount)[:2] == (["/a/file"], [])


def test_the_mounts_of_a_container_are_those_of_its_process(tmp_path: Path) -> None:
    """Its process is in a mount namespace of its own, in which the trap lies and we have none."""
    plant(tmp_path, {"file": b"", "dir/file": b""})
    script = f"mount -t proc none {tmp_path}/dir && echo ready && read line"
    command = ["unshare", "-m", "--propagation", "private", "sh", "-c", script]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        root = HostRoot(f"/proc/{process.pid}/root")
        table = MountTable(root)
        assert "dir" in table.stops_in(str(tmp_path))
        table.close()
        inside = HostRoot(f"/proc/{process.pid}/root{tmp_path}")
        table = MountTable(inside)
        assert "dir" in table.stops_in("")
        table.close()
        process.communicate(b"\n")
    root = HostRoot(str(tmp_path))
    assert "dir" not in MountTable(root).stops_in("")


def test_a_root_that_no_table_has_is_told(tmp_path: Path) -> None:
    """A root in a mount namespace that is none of ours and is not reached through a process."""
    command = ["unshare", "-m", "--propagation", "private", "sh", "-c", "echo ready && read line"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        fd = os.open(f"/proc/{process.pid}/root{tmp_path}", os.O_PATH)
        root = HostRoot(f"/proc/self/fd/{fd}")
        with pytest.raises(ValueError, match="does not have"):
            MountTable(root)
        process.communicate(b"\n")
        os.close(fd)
