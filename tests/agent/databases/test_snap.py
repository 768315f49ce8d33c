from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agent.databases import snap
from agent.host.root import HostRoot
from agent.model.records import Gap, Package
from tests.agent.collectors.packages.test_packages import declared
from tests.hosts.fuse import unanswered
from tests.hosts.snap import SNAPS, STATE, entry, needs_mksquashfs, pack, state
from tests.hosts.trees import gaps, plant, take_packages

if TYPE_CHECKING:
    from pathlib import Path

META = "name: tea\nversion: '1.0'\nlicense: GPL-3.0+\n"


@needs_mksquashfs
def test_a_snap_is_told_in_full(tmp_path: Path) -> None:
    plant(tmp_path, {STATE: state(tea=entry("tea", "7")), f"{SNAPS}/tea_7.snap": pack(tmp_path, META)})
    [record] = take_packages(tmp_path)
    assert record == Package(
        manager="snap",
        name="tea",
        version="1.0",
        epoch=0,
        upstream_version="1.0",
        revision="7",
        architecture=None,
        source_name=None,
        source_version=None,
        category="app",
        status="installed",
        selection=None,
        origin=None,
        vendor=None,
        purl="pkg:generic/snap/tea@1.0?channel=latest/stable&revision=7",
        location=f"/{STATE}",
        installed_at=int((tmp_path / SNAPS / "tea_7.snap").stat().st_mtime),
        license="GPL-3.0-or-later",
        license_form="spdx",
        channel="latest/stable",
    )


def test_a_mounted_snap_is_read_where_it_is_mounted(tmp_path: Path) -> None:
    plant(tmp_path, {STATE: state(tea=entry("tea", "7")), "snap/tea/7/meta/snap.yaml": META.encode()})
    [record] = take_packages(tmp_path)
    assert isinstance(record, Package)
    assert (record.version, record.installed_at) == ("1.0", None)


@needs_mksquashfs
def test_a_snap_that_is_mounted_needs_no_compression_that_is_known(tmp_path: Path) -> None:
    root = plant(
        tmp_path / "root", {STATE: state(tea=entry("tea", "7")), f"{SNAPS}/tea_7.snap": pack(tmp_path, META, "lzo")}
    )
    unread, _ = take_packages(root)
    assert isinstance(unread, Gap)
    assert (unread.subject, unread.reason, unread.hides) == ("snap/tea:: version", "unsupported", None)
    plant(root, {"snap/tea/7/meta/snap.yaml": META.encode()})
    [record] = take_packages(root)
    assert isinstance(record, Package)
    assert record.version == "1.0"


def test_the_other_place_of_mounts_is_looked_at_too(tmp_path: Path) -> None:
    plant(tmp_path, {STATE: state(tea=entry("tea", "7")), "var/lib/snapd/snap/tea/7/meta/snap.yaml": META.encode()})
    assert [record.version for record in take_packages(tmp_path) if isinstance(record, Package)] == ["1.0"]


@needs_mksquashfs
def test_a_mount_that_nobody_answers_for_is_not_touched(tmp_path: Path) -> None:
    """In containers snapd mounts with squashfuse."""
    plant(tmp_path, {STATE: state(tea=entry("tea", "7")), f"{SNAPS}/tea_7.snap": pack(tmp_path, META)})
    (tmp_path / "snap/tea/7").mkdir(parents=True)
    with unanswered(tmp_path / "snap/tea/7"):
        [record] = take_packages(tmp_path)
    assert isinstance(record, Package)
    assert record.version == "1.0"


def test_a_refresh_is_a_change_of_one_record_and_leaves_the_former_revision_beside_it(tmp_path: Path) -> None:
    for revision in ("7", "8"):
        plant(tmp_path, {f"snap/tea/{revision}/meta/snap.yaml": f"version: '{revision}.0'\n".encode()})
    plant(tmp_path, {STATE: state(tea=entry("tea", "7"))})
    assert told(tmp_path) == {"snap/tea:": ("7.0", "installed")}
    plant(tmp_path, {STATE: state(tea=entry("tea", "7", "8"))})
    assert told(tmp_path) == {"snap/tea:": ("8.0", "installed"), "snap/tea:~7": ("7.0", "disabled")}


def test_disabled_snaps_and_instances_are_told(tmp_path: Path) -> None:
    plant(tmp_path, {STATE: state(tea=entry("tea", "7", active=False), tea_two=entry("tea", "7"))})
    plant(tmp_path, {f"snap/{name}/7/meta/snap.yaml": META.encode() for name in ("tea", "tea_two")})
    assert told(tmp_path) == {"snap/tea:": ("1.0", "disabled"), "snap/tea_two:": ("1.0", "installed")}
    purls = {record.purl for record in take_packages(tmp_path) if isinstance(record, Package)}
    assert purls == {"pkg:generic/snap/tea@1.0?channel=latest/stable&revision=7"}


def test_a_snap_whose_version_cannot_be_read_is_told_without(tmp_path: Path) -> None:
    plant(tmp_path, {STATE: state(tea=entry("tea", "7")), f"{SNAPS}/tea_7.snap": b"hsqs"})
    unread, record = take_packages(tmp_path)
    assert isinstance(unread, Gap)
    assert isinstance(record, Package)
    assert (unread.reason, unread.hides) == ("malformed", None)
    assert (record.version, record.epoch, record.purl, record.revision) == (None, None, None, "7")


def test_a_broken_snap_is_a_gap_for_itself_alone(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {STATE: state(pot={"current": "1"}, tea=entry("tea", "7")), "snap/tea/7/meta/snap.yaml": META.encode()},
    )
    broken, record = take_packages(tmp_path)
    assert isinstance(broken, Gap)
    assert (broken.reason, broken.hides) == ("malformed", "snap/pot:")
    assert isinstance(record, Package)


def test_a_name_that_is_none_is_not_quoted(tmp_path: Path) -> None:
    plant(tmp_path, {STATE: state(**{"../tea": entry("tea", "7")})})
    [broken] = gaps(take_packages(tmp_path))
    assert broken.hides == "snap/"
    assert ".." not in f"{broken.subject}{broken.detail}"


@pytest.mark.parametrize(
    "content", [b"", b"{", b'{"data":[]}', b"x" * (16 * 1024 * 1024 + 1)], ids=["empty", "cut", "odd", "long"]
)
def test_a_state_that_cannot_be_read_hides_all_snaps(tmp_path: Path, content: bytes) -> None:
    plant(tmp_path, {STATE: content})
    assert [each.hides for each in gaps(take_packages(tmp_path))] == ["snap/"]


def test_snaps_without_a_state_are_a_gap(tmp_path: Path) -> None:
    plant(tmp_path, {f"{SNAPS}/tea_7.snap": b""})
    [record] = take_packages(tmp_path)
    assert isinstance(record, Gap)
    assert (record.subject, record.reason, record.hides) == (f"/{STATE}", "absent", "snap/")


def test_the_directories_of_debians_package_of_snapd_are_no_database(tmp_path: Path) -> None:
    for name in ("snaps", "seed/snaps", "apparmor"):
        (tmp_path / "var/lib/snapd" / name).mkdir(parents=True)
    assert not snap.present(HostRoot(str(tmp_path)))


@needs_mksquashfs
def test_every_read_is_declared(tmp_path: Path) -> None:
    seen: list[str] = []
    plant(tmp_path, {STATE: state(tea=entry("tea", "7"), pot=entry("pot", "1"))})
    plant(tmp_path, {f"{SNAPS}/tea_7.snap": pack(tmp_path, META), "snap/pot/1/meta/snap.yaml": META.encode()})
    take_packages(tmp_path, observe=seen.append)
    assert f"/{SNAPS}/tea_7.snap" in seen
    assert [path for path in seen if not declared(path)] == []


def told(root: Path) -> dict[str, tuple[str | None, str]]:
    return {
        record.key: (record.version, record.status) for record in take_packages(root) if isinstance(record, Package)
    }
