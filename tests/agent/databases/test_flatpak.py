from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from agent.collectors import packages
from agent.databases import Owned, flatpak
from agent.host import open_host
from agent.host.root import HostRoot
from agent.model.records import Gap, Package
from agent.model.spec import Options
from tests.hosts.flatpak import PASSWD, SYSTEM, USER, Flatpaks, needs_flatpak
from tests.hosts.fuse import unanswered
from tests.hosts.trees import gaps, plant, take_packages

if TYPE_CHECKING:
    from pathlib import Path

APP = "org.example.Tea"
ACTIVE = f"{SYSTEM}/app/{APP}/x86_64/stable/active"


@pytest.fixture(scope="module")
def flatpaks(tmp_path_factory: pytest.TempPathFactory) -> Flatpaks:
    """Applications and runtimes, some of which are installed for the system and some for a user; tests leave them so."""
    found = Flatpaks(tmp_path_factory.mktemp("flatpaks"))
    found.build_application(APP, "2.5.1")
    found.build_application(APP, "3.0~rc1", "beta")
    found.build_application("org.example.Plain", None)
    found.build_runtime("org.example.Platform", "1.0")
    found.build_runtime("org.example.Platform", "2.0")
    found.install("--system", "acme", f"{APP}//stable", "org.example.Platform//1.0", "org.example.Platform//2.0")
    found.install("--user", "mine", f"{APP}//beta", f"{APP}//stable", "org.example.Plain//stable")
    return found


@needs_flatpak
def test_a_real_root_has_what_flatpak_says(flatpaks: Flatpaks) -> None:
    records = take_packages(flatpaks.root)
    assert gaps(records) == []
    assert facts(records) == answers(flatpaks)
    assert len(records) == 6
    assert len({record.key for record in records}) == 6


@needs_flatpak
def test_a_package_is_told_in_full(flatpaks: Flatpaks) -> None:
    commit = os.readlink(flatpaks.root / ACTIVE)
    deploy = f"{SYSTEM}/app/{APP}/x86_64/stable/{commit}/deploy"
    [record] = [each for each in take_packages(flatpaks.root) if each.key == f"flatpak/{APP}:x86_64~stable"]
    assert record == Package(
        manager="flatpak",
        name=APP,
        version="2.5.1",
        epoch=0,
        upstream_version="2.5.1",
        revision=commit,
        architecture="x86_64",
        source_name=None,
        source_version=None,
        category="app",
        status="installed",
        selection=None,
        origin=None,
        vendor=None,
        purl=f"pkg:generic/flatpak/{APP}@2.5.1?arch=x86_64&branch=stable",
        location=f"/{deploy}",
        installed_at=int((flatpaks.root / deploy).stat().st_mtime),
        license="MIT",
        license_form="spdx",
        repository="acme",
        channel="stable",
        instance="stable",
    )


@needs_flatpak
def test_what_says_no_version_has_that_of_its_branch(flatpaks: Flatpaks) -> None:
    found = {record.key: record for record in take_packages(flatpaks.root) if isinstance(record, Package)}
    runtime = found["flatpak/org.example.Platform:x86_64~2.0"]
    assert (runtime.version, runtime.upstream_version, runtime.category) == ("2.0", None, "runtime")
    plain = found["flatpak/org.example.Plain:x86_64~stable@alice"]
    assert (plain.version, plain.upstream_version, plain.repository) == ("stable", None, "mine")


@needs_flatpak
def test_an_update_is_a_change_of_one_record_and_a_removal_takes_it_away(tmp_path: Path) -> None:
    flatpaks = Flatpaks(tmp_path)
    flatpaks.build_application(APP, "2.5.1")
    flatpaks.build_runtime("org.example.Platform", "1.0")
    flatpaks.install("--system", "acme", f"{APP}//stable", "org.example.Platform//1.0")
    before = {record.key: record for record in take_packages(flatpaks.root)}
    flatpaks.build_application(APP, "2.6")
    flatpaks.run("--system", "update", "-y", "--noninteractive", f"{APP}//stable")
    after = {record.key: record for record in take_packages(flatpaks.root)}
    changed = [key for key in before.keys() | after.keys() if before.get(key) != after.get(key)]
    assert changed == [f"flatpak/{APP}:x86_64~stable"]
    assert after[changed[0]].version == "2.6"
    flatpaks.run("--system", "uninstall", "-y", "--noninteractive", f"{APP}//stable")
    assert changed[0] not in {record.key for record in take_packages(flatpaks.root)}


@needs_flatpak
def test_programs_of_flatpaks_are_owned(flatpaks: Flatpaks, tmp_path: Path) -> None:
    root = copied(flatpaks, tmp_path)
    plant(root, {"opt/tool": b"#!/bin/sh\n"})
    (root / "opt/tool").chmod(0o755)
    records = packages.collect(open_host(str(root)), Options())
    assert [record.path for record in records if record.KIND == "executable"] == ["/opt/tool"]
    owned = [each for each in flatpak.owned(HostRoot(str(root))) if isinstance(each, Owned)]
    assert Owned(f"flatpak/{APP}:x86_64~stable", (), (f"/{SYSTEM}/app/{APP}/x86_64/stable/",)) in owned


@needs_flatpak
def test_every_read_is_declared(flatpaks: Flatpaks) -> None:
    from tests.agent.collectors.packages.test_packages import declared

    seen: list[str] = []
    take_packages(flatpaks.root, observe=seen.append)
    assert any(path.startswith(f"/{USER}/app/") for path in seen)
    assert [path for path in seen if not declared(path)] == []


@needs_flatpak
def test_what_is_broken_is_a_gap_for_itself_alone(flatpaks: Flatpaks, tmp_path: Path) -> None:
    root = copied(flatpaks, tmp_path)
    commit = os.readlink(root / ACTIVE)
    (root / f"{SYSTEM}/app/{APP}/x86_64/stable/{commit}/deploy").write_bytes(b"\xff" * 99)
    records = take_packages(root)
    assert len(records) == 6
    [broken] = gaps(records)
    assert (broken.reason, broken.hides) == ("malformed", f"flatpak/{APP}:x86_64~stable")


def test_a_directory_without_an_active_commit_is_none(tmp_path: Path) -> None:
    plant(tmp_path, {f"{SYSTEM}/app/{APP}/x86_64/stable/0123/deploy": b""})
    assert take_packages(tmp_path) == []
    (tmp_path / ACTIVE).symlink_to("../../../../../../../etc")
    assert take_packages(tmp_path) == []


def test_links_to_directories_are_passed_over(tmp_path: Path) -> None:
    plant(tmp_path, {"srv/app/a/x86_64/stable/0123/deploy": b"", f"{SYSTEM}/app/.keep": b""})
    (tmp_path / "srv/app/a/x86_64/stable/active").symlink_to("0123")
    (tmp_path / SYSTEM / "app/a").symlink_to("/srv/app/a")
    assert take_packages(tmp_path) == []


def test_a_home_behind_a_link_is_looked_at_once(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {f"srv/alice/{USER.partition('alice/')[2]}/app/a/x86_64/stable/0123/deploy": b"", "usr/bin/flatpak": b""},
    )
    (tmp_path / "srv/alice/.local/share/flatpak/app/a/x86_64/stable/active").symlink_to("0123")
    (tmp_path / "home").symlink_to("srv")
    plant(tmp_path, {"etc/passwd": PASSWD + b"bob:x:1001:1001::/srv/alice:/bin/sh\n"})
    [record] = take_packages(tmp_path)
    assert isinstance(record, Gap)
    assert record.hides == "flatpak/a:x86_64~stable@alice"


def test_more_names_than_the_limit_are_a_gap(tmp_path: Path) -> None:
    for number in range(5001):
        (tmp_path / SYSTEM / f"app/{number}").mkdir(parents=True)
    [record] = take_packages(tmp_path)
    assert isinstance(record, Gap)
    assert (record.subject, record.reason, record.hides) == (f"/{SYSTEM}/app", "limit", "flatpak/")


def test_a_home_that_is_not_local_is_not_touched(tmp_path: Path) -> None:
    plant(tmp_path, {"etc/passwd": PASSWD, "usr/bin/flatpak": b"", "home/alice/x": b""})
    with unanswered(tmp_path / "home/alice"):
        [record] = take_packages(tmp_path)
    assert isinstance(record, Gap)
    assert (record.subject, record.reason, record.hides) == ("homes that are not local", "unsupported", "flatpak/")


def copied(flatpaks: Flatpaks, folder: Path) -> Path:
    """Copy the root, for a test to change it."""
    return shutil.copytree(flatpaks.root, folder / "root", symlinks=True)


def facts(records: list[object]) -> set[tuple[object, ...]]:
    """Give what flatpak list says."""
    return {
        (
            package.name,
            package.upstream_version or "",
            package.architecture,
            package.channel,
            package.repository,
            (package.revision or "")[:12],
            "user" if "@" in (package.instance or "") else "system",
        )
        for package in records
        if isinstance(package, Package)
    }


def answers(flatpaks: Flatpaks) -> set[tuple[object, ...]]:
    columns = "--columns=application,version,arch,branch,origin,active,installation"
    lines = [line for where in ("--system", "--user") for line in flatpaks.run(where, "list", columns).splitlines()]
    return {tuple(line.split("\t")) for line in lines}
