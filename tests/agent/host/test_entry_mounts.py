"""agent/host/entries.py on real mounts: what is on them is met where it is, or not touched."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.agent.host.entry_walking import met
from tests.hosts.mounted import mounted, unanswered
from tests.hosts.trees import plant

if TYPE_CHECKING:
    from agent.host.entries import Entry

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
REPOSITORY = Path(__file__).parents[3]
WALK = "import sys; from tests.agent.host.entry_walking import met; m = met(*sys.argv[1:]); print(m.paths, m.hidden)"
PATIENCE = 30
"""Seconds after which a walk counts as hung."""


def test_the_type_of_the_file_system_of_each_path_is_told(tmp_path: Path) -> None:
    with mounted(tmp_path / "root", "-t", "tmpfs", "none") as root:
        plant(root, {"lower/a": b"", "work/x": b"", "upper/b": b"", "dir/file": b"", "z": b""})
        (root / "work/x").unlink()
        words = f"lowerdir={root}/lower,upperdir={root}/upper,workdir={root}/work"
        with mounted(root / "dir/merged", "-t", "overlay", "-o", words, "overlay"):
            entries = met(root, "/dir", "/z").entries
    assert {path: entry.file_system for path, entry in entries.items()} == {
        "/dir": "tmpfs",
        "/dir/file": "tmpfs",
        "/dir/merged": "overlay",
        "/dir/merged/a": "overlay",
        "/dir/merged/b": "overlay",
        "/z": "tmpfs",
    }


def test_a_file_that_is_bound_over_a_watched_one_is_met_in_its_place(tmp_path: Path) -> None:
    plant(tmp_path, {"bin/ls": b"", "tmp/evil": b"evil"})
    subprocess.run(["mount", "--bind", tmp_path / "tmp/evil", tmp_path / "bin/ls"], check=True)
    try:
        entries = met(tmp_path, "/bin").entries
    finally:
        subprocess.run(["umount", tmp_path / "bin/ls"], check=True)
    assert entries["/bin/ls"].status.st_size == 4


def test_a_directory_that_is_bound_somewhere_is_met_there_too(tmp_path: Path) -> None:
    plant(tmp_path, {"a/file": b""})
    with mounted(tmp_path / "b", "--bind", tmp_path / "a"):
        assert met(tmp_path).paths == ["/", "/a", "/a/file", "/b", "/b/file"]


def test_kernel_objects_are_left_out_without_a_gap(tmp_path: Path) -> None:
    plant(tmp_path, {"a": b""})
    with mounted(tmp_path / "proc", "-t", "proc", "proc"):
        found = met(tmp_path, "/", "/proc/self")
    assert (found.paths, found.gaps) == (["/", "/a"], [])


@pytest.mark.parametrize(
    "trees",
    [
        [],
        ["/mnt", "/a", "/z"],
        ["/mnt/x/y", "/a", "/z", "/"],
        ["/to/x", "/a", "/z", "/to"],
        ["/mnt/*/x", "/a", "/z"],
        ["/to/*", "/a", "/z"],
    ],
)
def test_a_file_system_that_nobody_answers_for_is_not_touched(tmp_path: Path, trees: list[str]) -> None:
    """A look at it would hang, so that another process walks and is given up."""
    plant(tmp_path, {"a": b"", "z": b""})
    (tmp_path / "to").symlink_to("mnt")
    with unanswered(tmp_path / "mnt"):
        command = [sys.executable, "-c", WALK, tmp_path, *trees]
        done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=PATIENCE)
    assert "'/a'" in done.stdout, done.stderr
    assert "'/z'] [('/mnt', 'remote', '/mnt')]" in done.stdout


def test_what_is_mounted_while_the_walk_goes_on_is_not_touched(tmp_path: Path) -> None:
    plant(tmp_path, {"a/file": b"", "b/file": b"", "c": b""})
    with ExitStack() as traps:

        def mount(entry: Entry) -> None:
            if entry.path in ("/a/file", "/b"):
                traps.enter_context(mounted(tmp_path / "b", "-t", "proc", "proc"))

        found = met(tmp_path, each=mount)
    assert (found.paths, found.gaps) == (["/", "/a", "/a/file", "/b", "/c"], [])


def test_storage_of_containers_is_left_out_with_what_is_mounted_in_it(tmp_path: Path) -> None:
    with mounted(tmp_path / "var/lib/docker/overlay2/x/merged", "-t", "tmpfs", "none") as merged:
        plant(merged, {"bin/sh": b""})
        assert met(tmp_path, "/var").paths == ["/var", "/var/lib"]
