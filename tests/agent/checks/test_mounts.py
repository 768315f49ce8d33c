"""Checks of mounts, as fstab and units of systemd configure them and as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.hosts.judged import outcome

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hosts.judged import Files

SYSTEMD = {"usr/lib/systemd/systemd": b"\x7fELF"}
TMP_UNIT = {
    "usr/lib/systemd/system/tmp.mount": b"[Mount]\nWhat=tmpfs\nWhere=/tmp\nType=tmpfs\nOptions=mode=1777,nosuid,nodev\n"
}
WANTED = {"etc/systemd/system/local-fs.target.wants/tmp.mount": "/usr/lib/systemd/system/tmp.mount"}
POINTS = ("home", "var", "var/tmp", "var/log", "var/log/audit")


def fstab(*lines: str) -> Files:
    return {"etc/fstab": "\n".join(lines).encode()}


ROWS: list[tuple[str, Files, str]] = [
    ("mount_home", fstab("UUID=1 /home/ ext4 nodev 0 2"), "pass"),
    ("mount_home", fstab("#UUID=1 /home ext4 nodev 0 2"), "fail"),
    ("mount_home", fstab("UUID=1 /home ext4 noauto 0 2"), "fail"),
    ("mount_home", fstab("UUID=1 /home ext4 noauto,x-systemd.automount 0 2"), "pass"),
    ("mount_home", fstab("UUID=1 /home2 ext4 defaults 0 2"), "fail"),
    ("mount_home", fstab("UUID=1 none swap sw 0 0", "UUID=2 //home ext4"), "pass"),
    ("mount_home", {}, "fail"),
    ("mount_home_nodev", fstab("UUID=1\t/home\text4\tnosuid,nodev\t0 2\r"), "pass"),
    ("mount_home_nodev", fstab("UUID=1 /home ext4 defaults 0 2"), "fail"),
    ("mount_home_nodev", fstab("UUID=1 /home ext4 nodevx,xnodev 0 2"), "fail"),
    ("mount_home_nodev", fstab("UUID=1 /home ext4 nodev,dev 0 2"), "fail"),  # the last one counts
    ("mount_home_nodev", fstab("UUID=1 /home ext4 nodev,defaults 0 2"), "fail"),
    ("mount_home_nodev", fstab("UUID=1 /home ext4 dev,nodev 0 2"), "pass"),
    ("mount_home_nodev", fstab("UUID=1 /home ext4 user 0 2"), "pass"),  # user stands for it
    ("mount_home_nodev", fstab("UUID=1 /home ext4"), "fail"),
    ("mount_home_nodev", fstab(""), "not applicable"),
    ("mount_home_nodev", fstab("UUID=1 /home ext4 nodev", "UUID=2 /home ext4 defaults"), "fail"),
    *((f"mount_{point.replace('/', '_')}", fstab(f"UUID=1 /{point} ext4 defaults"), "pass") for point in POINTS),
    *((f"mount_{point.replace('/', '_')}", fstab(f"UUID=1 /{point}/x ext4 defaults"), "fail") for point in POINTS),
    *(
        (f"mount_{point.replace('/', '_')}_{option}", fstab(f"UUID=1 /{point} ext4 {written}"), verdict)
        for point in (*POINTS, "tmp", "dev/shm")
        for option in ("nodev", "nosuid", "noexec")
        for written, verdict in ((f"rw,{option}", "pass"), (f"rw,{option[2:]}", "fail"))
    ),
    ("mount_tmp", {**TMP_UNIT, **WANTED}, "pass"),
    ("mount_tmp", TMP_UNIT, "fail"),
    ("mount_tmp", {**TMP_UNIT, **WANTED, "etc/systemd/system/tmp.mount": "/dev/null"}, "fail"),
    ("mount_tmp_nodev", {**TMP_UNIT, **WANTED}, "pass"),
    ("mount_tmp_noexec", {**TMP_UNIT, **WANTED}, "fail"),
    (
        "mount_tmp_noexec",
        {**TMP_UNIT, **WANTED, "etc/systemd/system/tmp.mount.d/a.conf": b"[Mount]\nOptions=nosuid,nodev,noexec\n"},
        "pass",
    ),
    (
        "mount_tmp_noexec",
        {**TMP_UNIT, **WANTED, **fstab("tmpfs /tmp tmpfs noexec")},
        "pass",
    ),  # fstab outweighs the unit
    ("mount_dev_shm", SYSTEMD, "pass"),  # systemd mounts it by itself
    ("mount_dev_shm", {}, "fail"),
    ("mount_dev_shm_nodev", SYSTEMD, "pass"),
    ("mount_dev_shm_noexec", SYSTEMD, "fail"),
    ("mount_dev_shm_nodev", {**SYSTEMD, **fstab("tmpfs /dev/shm tmpfs defaults,noexec 0 0")}, "fail"),
]


@pytest.mark.parametrize(("check", "files", "verdict"), ROWS)
def test_a_root_has_the_verdict_that_its_files_give_it(tmp_path: Path, check: str, files: Files, verdict: str) -> None:
    assert outcome(tmp_path, check, files).verdict == verdict


def test_a_password_among_the_options_is_in_no_evidence(tmp_path: Path) -> None:
    files = fstab("//nas/home /home cifs username=u,password=hunter2,nosuid 0 0")
    for number, check in enumerate(("mount_home_nodev", "mount_home_nosuid")):
        assert "hunter2" not in str(outcome(tmp_path / str(number), check, files))


MOUNTED = b"22 1 8:1 / / rw - ext4 /dev/sda1 rw\n23 22 8:2 / /home rw,nosuid - ext4 /dev/sda2 rw\n"

RUNNING = [
    ("mount_home", {}, "pass"),
    ("mount_var", fstab("UUID=1 /var ext4 defaults"), "fail"),
    ("mount_home_nosuid", {}, "pass"),
    ("mount_home_nodev", fstab("UUID=1 /home ext4 nodev"), "fail"),
    ("mount_home_nosuid", fstab("UUID=1 /home ext4 nodev"), "fail"),
    ("mount_var_nodev", {}, "not applicable"),
]


@pytest.mark.parametrize(("check", "files", "verdict"), RUNNING)
def test_what_is_mounted_counts_beside_what_is_configured(
    tmp_path: Path, check: str, files: Files, verdict: str
) -> None:
    assert outcome(tmp_path, check, files, shown={"1/mountinfo": MOUNTED}).verdict == verdict
