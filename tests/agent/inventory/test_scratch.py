"""Images that no package manager made: the section says so, rather than that they hold nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agent.collectors import packages
from agent.databases import MARKS
from agent.host import open_host
from agent.model.records import Gap
from agent.model.spec import Options
from tests.hosts.trees import plant, take_packages

if TYPE_CHECKING:
    from pathlib import Path


def test_an_image_of_one_program_has_no_package_database(tmp_path: Path) -> None:
    plant(tmp_path, {"app": b"\x7fELF", "etc/passwd": b"nobody:x:65534:65534::/:/\n", "etc/ssl/cert.pem": b""})
    [record] = take_packages(tmp_path)
    assert isinstance(record, Gap)
    assert (record.subject, record.reason, record.hides) == ("package databases", "absent", "")


def test_directories_that_databases_would_be_in_are_no_databases(tmp_path: Path) -> None:
    for name, marks in MARKS.items():
        for mark in marks if name != "flatpak" else ():
            (tmp_path / mark.lstrip("/")).mkdir(parents=True)
    [record] = take_packages(tmp_path)
    assert isinstance(record, Gap)
    assert (record.subject, record.hides) == ("package databases", "")


@pytest.mark.parametrize("name", sorted(MARKS))
def test_no_module_sees_its_database_in_an_empty_root(tmp_path: Path, name: str) -> None:
    from agent.databases import load
    from agent.host.root import HostRoot

    assert not load(name).present(HostRoot(str(tmp_path)))


def test_a_part_that_is_not_asked_for_is_not_missed(tmp_path: Path) -> None:
    plant(tmp_path, {"lib/apk/db/installed": b"P:a\nV:1\nA:x\n\n"})
    records = packages.collect(open_host(str(tmp_path)), Options(parts=frozenset(("dpkg",))))
    assert all(isinstance(record, Gap) for record in records)
