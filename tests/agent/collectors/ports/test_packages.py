"""agent/collectors/ports/packages.py and other_databases.py: owners of executables, whatever the package manager."""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING

from agent.collectors.ports import SPEC
from agent.collectors.ports.packages import owning_packages
from agent.host.root import HostRoot
from tests.hosts import rpm
from tests.hosts.apk import INSTALLED, entry, listing
from tests.hosts.trees import STATUS, plant, stanza

if TYPE_CHECKING:
    from pathlib import Path

    from agent.model.records import Gap

SHELL = {"/usr/bin/sh", "/usr/bin/nobodys"}


def found(root: Path, seen: list[str] | None = None) -> tuple[dict[str, str | None], list[Gap]]:
    gaps: list[Gap] = []
    return owning_packages(HostRoot(str(root), (seen if seen is not None else []).append), SHELL, gaps.append), gaps


def test_an_executable_of_dpkg_has_its_package(tmp_path: Path) -> None:
    plant(tmp_path, {STATUS: stanza("a"), "var/lib/dpkg/info/a.list": b"/bin\n/bin/sh\n"})
    assert found(tmp_path) == ({"/usr/bin/sh": "dpkg/a:amd64", "/usr/bin/nobodys": None}, [])


def test_an_executable_of_apk_has_its_package_by_the_link_that_it_is_listed_by(tmp_path: Path) -> None:
    plant(tmp_path, {INSTALLED: entry("busybox", files=listing({"bin/sh": b""})), "usr/bin/sh": b""})
    (tmp_path / "bin").symlink_to("usr/bin")
    seen: list[str] = []
    assert found(tmp_path, seen) == ({"/usr/bin/sh": "apk/busybox:x86_64", "/usr/bin/nobodys": None}, [])
    declared = [glob for glob in SPEC.reads() if glob != "/**"]
    assert {path for path in seen if not any(fnmatch.fnmatch(path, glob) for glob in declared)} == {"/bin"}


@rpm.needs_rpm
def test_an_executable_of_rpm_has_its_package(tmp_path: Path) -> None:
    (tmp_path / "root" / rpm.PLACE).mkdir(parents=True)
    script = "mkdir -p %{buildroot}/usr/bin; echo > %{buildroot}/usr/bin/sh"
    rpm.install(tmp_path / "root", rpm.build(tmp_path, "shell", files="/usr/bin/sh", install=script))
    assert found(tmp_path / "root") == ({"/usr/bin/sh": "rpm/shell:noarch", "/usr/bin/nobodys": None}, [])


def test_without_a_database_no_executable_has_or_lacks_a_package(tmp_path: Path) -> None:
    assert found(tmp_path) == ({}, [])


def test_a_database_that_cannot_be_read_is_a_gap(tmp_path: Path) -> None:
    (tmp_path / INSTALLED).mkdir(parents=True)
    owners, gaps = found(tmp_path)
    assert owners == dict.fromkeys(SHELL)
    assert [(gap.subject, gap.hides) for gap in gaps] == [(f"/{INSTALLED}", None)]
