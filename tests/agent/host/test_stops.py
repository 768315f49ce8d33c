"""agent/host/stops.py: mount tables as text, for what cannot be mounted here; test_mounts.py has real mounts."""

from __future__ import annotations

import pytest

from agent.formats.mountinfo import mounts
from agent.host.excluded import PATHS
from agent.host.stops import EXCLUDED, REMOTE, SILENT, stops

ROOT = "1 0 8:1 / / rw - ext4 /dev/sda1 rw"


def stops_of(*lines: str, top: int = 1, prefix: str = "") -> dict[str, str]:
    """Give the kinds of stop by their paths, without those that every root has."""
    found = stops(mounts(line.encode() for line in (ROOT, *lines)), top, prefix)
    flat = {f"{folder}/{name}": stop.kind for folder, inside in found.items() for name, stop in inside.items()}
    return {path: kind for path, kind in flat.items() if kind != EXCLUDED}


@pytest.mark.parametrize(
    "kind",
    [
        *("nfs", "nfs4", "cifs", "smb3", "ceph", "glusterfs", "lustre", "9p", "afs", "autofs", "virtiofs", "ocfs2"),
        *("fuse", "fuseblk", "fuse.sshfs", "fuse.glusterfs", "somethingnew"),
    ],
)
def test_what_is_not_known_to_be_local_is_remote(kind: str) -> None:
    assert stops_of(f"2 1 0:9 / /mnt rw - {kind} server:/x rw") == {"/mnt": REMOTE}


@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs", "zfs", "overlay", "squashfs", "tmpfs", "vfat", "iso9660"])
def test_what_the_kernel_reads_itself_is_walked(kind: str) -> None:
    assert stops_of(f"2 1 0:9 / /mnt rw - {kind} x rw") == {}


@pytest.mark.parametrize("kind", ["proc", "sysfs", "cgroup2", "devtmpfs", "debugfs", "nsfs", "mqueue"])
def test_objects_of_the_kernel_are_left_out_in_silence(kind: str) -> None:
    assert stops_of(f"2 1 0:9 / /mnt rw - {kind} x rw") == {"/mnt": SILENT}


def test_why_a_place_is_not_touched_is_told() -> None:
    found = stops(mounts([ROOT.encode(), b"2 1 0:9 / /net rw - autofs x rw"]), 1, "")
    assert found[""]["net"].detail == "autofs: a look at it would mount something"


def test_directories_of_container_engines_are_excluded() -> None:
    found = stops(mounts([ROOT.encode()]), 1, "")
    assert {f"{folder}/{name}" for folder, inside in found.items() for name in inside} == set(PATHS)


def test_a_bind_mount_of_what_is_walked_elsewhere_is_walked_once() -> None:
    assert stops_of("2 1 8:1 /srv/a /mnt rw - ext4 /dev/sda1 rw") == {"/mnt": SILENT}


def test_a_second_mount_of_a_whole_disk_is_walked_once_at_the_shorter_path() -> None:
    disk = "8:2 / {} rw - ext4 /dev/sdb1 rw"
    assert stops_of(f"2 1 {disk.format('/longer')}", f"3 1 {disk.format('/b')}") == {"/longer": SILENT}


def test_a_bind_mount_of_what_lies_under_another_mount_is_walked() -> None:
    lines = ("2 1 8:2 / /srv rw - ext4 /dev/sdb1 rw", "3 1 8:1 /srv/a /mnt rw - ext4 /dev/sda1 rw")
    assert stops_of(*lines) == {}


def test_a_bind_mount_of_what_is_excluded_elsewhere_is_walked() -> None:
    assert stops_of("2 1 8:1 /var/lib/docker/volumes /data rw - ext4 /dev/sda1 rw") == {}


def test_a_bind_mount_below_a_place_that_is_not_touched_does_not_stand_for_another() -> None:
    lines = (
        "2 1 0:9 / /a rw - nfs server:/x rw",
        "3 2 8:2 / /a/b rw - ext4 /dev/sdb1 rw",
        "4 1 8:2 / /long/path rw - ext4 /dev/sdb1 rw",
    )
    assert stops_of(*lines) == {"/a": REMOTE}


def test_the_whole_of_a_disk_whose_subvolumes_are_mounted_is_walked_but_for_these() -> None:
    top = "1 0 0:5 /@ / rw - btrfs /dev/sda1 rw"
    lines = (top, "2 1 0:5 /@home /home rw - btrfs /dev/sda1 rw", "3 1 0:5 / /mnt/top rw - btrfs /dev/sda1 rw")
    found = stops(mounts(line.encode() for line in lines), 1, "")
    assert found["/mnt/top"] == {"@": (SILENT, ""), "@home": (SILENT, "")}


def test_the_mount_on_top_of_others_at_one_place_counts() -> None:
    automounted = ("2 1 0:9 / /boot rw - autofs systemd-1 rw", "3 2 8:2 / /boot rw - vfat /dev/sdb1 rw")
    assert stops_of(*automounted) == {}
    assert stops_of(*automounted, "4 3 0:10 / /boot rw - nfs server:/x rw") == {"/boot": REMOTE}


def test_a_mount_that_another_one_covers_does_not_count() -> None:
    lines = ("2 1 0:9 / /srv/data rw - nfs server:/x rw", "3 1 8:2 / /srv rw - ext4 /dev/sdb1 rw")
    assert stops_of(*lines) == {}


def test_mounts_in_a_root_elsewhere_are_told_by_their_paths_in_it() -> None:
    lines = ("2 1 0:9 / /host/net rw - nfs server:/x rw", "3 1 0:10 / /net rw - nfs server:/x rw")
    assert stops_of(*lines, prefix="/host") == {"/net": REMOTE}


def test_a_directory_in_a_disk_is_compared_by_its_path_on_the_disk() -> None:
    line = "2 1 8:1 /image/a /image/b rw - ext4 /dev/sda1 rw"
    assert stops_of(line, prefix="/image") == {"/b": SILENT}
    assert stops_of(line.replace("/image/a", "/elsewhere"), prefix="/image") == {}


def test_the_file_system_of_the_root_is_walked_whatever_it_is() -> None:
    assert stops(mounts([b"7 0 0:9 / / rw - nfs server:/ rw"]), 7, "").get("/") is None


def test_a_table_without_the_root_tells_nothing() -> None:
    with pytest.raises(ValueError, match="does not have"):
        stops_of(top=99)


def test_a_table_that_leads_in_circles_ends() -> None:
    lines = ("2 3 0:9 / /a rw - nfs x rw", "3 2 0:9 / /a rw - nfs x rw", "4 4 0:9 / /b rw - nfs x rw")
    assert stops_of(*lines) == {}
    assert stops_of("2 1 0:9 / /a rw - nfs x rw", "3 2 0:9 / /a rw - nfs x rw", "2 3 0:9 / /a rw - nfs x rw")
