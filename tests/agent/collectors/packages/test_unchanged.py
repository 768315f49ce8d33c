"""agent/collectors/packages/unchanged.py: a second collection of an unchanged host reads none of its databases again."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from agent.collectors import packages
from agent.delivery.last import LastSnapshot
from agent.delivery.store import folder_of, write_snapshot
from agent.host import open_host
from agent.model.records import LanguagePackage, Package
from agent.model.spec import Options
from tests.hosts.trees import STATUS, plant, replace, stanza

if TYPE_CHECKING:
    from pathlib import Path

LIST = "var/lib/dpkg/info/a.list"
METADATA = "usr/lib/python3/dist-packages/x-{0}.dist-info/METADATA"
OLD = time.time() - 3600


class Kept:
    """A root whose packages are collected into a snapshot again and again."""

    def __init__(self, folder: Path) -> None:
        self.root = plant(
            folder / "root",
            {STATUS: stanza("a") + stanza("b"), LIST: b"/.\n", "etc/os-release": b"ID=debian\n", **distribution("1")},
        )
        self.folder = folder_of(str(folder / "state"), "packages")
        self.seen: list[str] = []
        self.rest()

    def rest(self) -> None:
        """Make all changes old: what has changed within two seconds may change again within the same tick."""
        for path in [*self.root.rglob("*"), self.root]:
            os.utime(path, (OLD, OLD), follow_symlinks=False)

    def collect(self, walk_every: int = 3600, parts: frozenset[str] | None = None) -> list[str]:
        """Collect; give what was read of the root."""
        self.seen.clear()
        host = open_host(str(self.root), None, self.seen.append)
        options = Options(previous=LastSnapshot(self.folder).records, is_kept=True, parts=parts, walk_every=walk_every)
        write_snapshot(self.folder, "packages", 1, packages.collect(host, options))  # type: ignore[arg-type]
        return self.seen

    def records(self, kind: type) -> dict[str, str | None]:
        return {
            record.name: record.version for record in LastSnapshot(self.folder).records() if isinstance(record, kind)
        }


def distribution(version: str) -> dict[str, bytes]:
    return {METADATA.format(version): f"Metadata-Version: 2.1\nName: x\nVersion: {version}\n".encode()}


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kept:
    # utime sets ctime to now, which no file system lets anybody choose: so the clock goes on instead
    later = time.time() + 10
    monkeypatch.setattr("agent.collectors.packages.unchanged.time.time", lambda: later)
    return Kept(tmp_path)


def database_reads(seen: list[str]) -> list[str]:
    """Give what was read of the packages that the database lists; a look at its files' status is none."""
    return [path for path in seen if path.endswith((".list", "/copyright"))]


def test_an_unchanged_database_is_not_read_again(kept: Kept) -> None:
    assert database_reads(kept.collect()) != []
    before = kept.records(Package)
    assert database_reads(kept.collect()) == []
    assert kept.records(Package) == before == {"a": "1.0-1", "b": "1.0-1"}


def test_an_unchanged_tree_is_not_walked_again(kept: Kept) -> None:
    kept.collect()
    assert METADATA.format(1).rpartition("/")[0] not in "".join(kept.collect())
    assert kept.records(LanguagePackage) == {"x": "1"}


@pytest.mark.parametrize("touch", ["replaced", "written in place"])
def test_a_database_that_changed_is_read_again(kept: Kept, touch: str) -> None:
    kept.collect()
    content = stanza("a", "2.0-1") + stanza("b")
    if touch == "replaced":
        replace(kept.root, STATUS, content)
    else:
        (kept.root / STATUS).write_bytes(content)  # the same size as before, and the times as before
    kept.rest()
    kept.collect()
    assert kept.records(Package) == {"a": "2.0-1", "b": "1.0-1"}


def test_a_change_of_packages_makes_the_tree_be_walked_again(kept: Kept) -> None:
    kept.collect()
    replace(kept.root, STATUS, stanza("a"))
    plant(kept.root, {METADATA.format(1): b"Metadata-Version: 2.1\nName: x\nVersion: 2\n"})
    kept.rest()
    kept.collect()
    assert kept.records(LanguagePackage) == {"x": "2"}


def test_a_walk_that_is_too_old_is_done_again(kept: Kept) -> None:
    kept.collect()
    plant(kept.root, {METADATA.format(1): b"Metadata-Version: 2.1\nName: x\nVersion: 2\n"})
    kept.collect()
    assert kept.records(LanguagePackage) == {"x": "1"}
    kept.collect(walk_every=0)
    assert kept.records(LanguagePackage) == {"x": "2"}


def test_parts_that_were_not_asked_for_before_are_looked_for(kept: Kept) -> None:
    kept.collect(parts=frozenset(("dpkg", "node")))
    kept.collect(parts=frozenset(("dpkg", "python")))
    assert kept.records(LanguagePackage) == {"x": "1"}


def test_a_database_that_was_just_written_is_read_again(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    kept.collect()
    assert database_reads(kept.collect()) != []


def test_a_database_with_a_gap_is_read_again(kept: Kept) -> None:
    replace(kept.root, STATUS, stanza("a") + b"Package: cut\nStatus: install ok installed\nArchitecture: all\n\n")
    kept.rest()
    kept.collect()
    assert database_reads(kept.collect()) != []


def test_an_upgrade_is_one_change_of_one_record(kept: Kept) -> None:
    kept.collect()
    before = {record.key for record in LastSnapshot(kept.folder).records()}
    os.rename(kept.root / METADATA.format("1").rpartition("/")[0], kept.root / METADATA.format("2").rpartition("/")[0])
    plant(kept.root, {STATUS: stanza("a", "2.0-1") + stanza("b"), **distribution("2")})
    kept.rest()
    kept.collect()
    assert {record.key for record in LastSnapshot(kept.folder).records()} == before
    assert kept.records(Package)["a"] == "2.0-1"
    assert kept.records(LanguagePackage) == {"x": "2"}
