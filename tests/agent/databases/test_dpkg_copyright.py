from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from agent.databases import Asked, dpkg
from agent.databases.distribution import UNKNOWN
from agent.host import open_host
from agent.model.records import Gap, Package
from tests.hosts.trees import STATUS, plant, stanza, take_packages_as_nobody

if TYPE_CHECKING:
    from pathlib import Path

    from agent.model.records import Record

GOLDEN = {
    "adduser": ("GPL-2.0-or-later", "spdx"),
    "apt": ("BSD-3-Clause AND GPL-2.0-only AND GPL-2.0-or-later AND MIT", "spdx"),
    "base-passwd": ("GPL-2, public-domain", "text"),
    "coreutils": ("FSFULLR AND GFDL-1.3-no-invariants-only AND GPL-3.0-or-later AND BSD-4-Clause-UC AND ISC", "spdx"),
    "dash": ("BSD-3-Clause, GPL-2+, public-domain", "text"),
    "libc6": ("BSD, GPL-2, HPND, ISC, LGPL-2.1", "text"),
    "libcap2": ("BSD-3-Clause OR GPL-2.0-only", "spdx"),
    "libnumber-compare-perl": ("Artistic-1.0-Perl OR GPL-1.0-or-later", "spdx"),
    "libseccomp2": ("LGPL-2.1-only", "spdx"),
    "libsystemd0": (
        "CC0-1.0, Expat, GPL-2 with Linux-syscall-note exception, GPL-2+, LGPL-2.1+, public-domain",
        "text",
    ),
    "libzstd1": ("(BSD-3-Clause OR GPL-2.0-only) AND MIT AND Zlib", "spdx"),
    "mawk": ("CC-BY-3.0 AND GPL-2.0-only AND X11", "spdx"),
    "tar": ("GPL-3+, GPL-3+ with Bison exception, LGPL-3+", "text"),
    "zlib1g": ("Zlib", "spdx"),
}
"""Looked up by hand in the copyright files of Debian 12."""

DOC = "usr/share/doc"
MIT = b"Format: x\n\nFiles: *\nLicense: Expat\n"


def test_well_known_packages_have_the_licences_that_their_copyright_files_state(debian: Path) -> None:
    found = licenses(take(debian))
    assert {name: found.get(name) for name in GOLDEN} == GOLDEN


def test_every_package_of_a_real_root_has_a_licence(release: Path) -> None:
    records = take(release)
    assert [record for record in records if isinstance(record, Gap)] == []
    assert [name for name, (text, _) in licenses(records).items() if not text] == []


def test_a_link_to_the_documents_of_another_package_is_followed(tmp_path: Path) -> None:
    plant(tmp_path, {STATUS: b"".join(map(stanza, "abc")), f"{DOC}/a/copyright": MIT, f"{DOC}/c/README": b""})
    (tmp_path / DOC / "b").symlink_to("a")
    (tmp_path / DOC / "c/copyright").symlink_to("../a/copyright")
    assert licenses(take(tmp_path)) == dict.fromkeys("abc", ("MIT", "spdx"))


def test_a_link_that_leads_out_of_the_root_leads_nowhere(tmp_path: Path) -> None:
    plant(tmp_path, {"outside/copyright": MIT, f"root/{STATUS}": stanza("a"), f"root/{DOC}/x": b""})
    (tmp_path / "root" / DOC / "a").symlink_to(tmp_path / "outside")
    assert licenses(take(tmp_path / "root")) == {"a": (None, None)}


def test_a_missing_copyright_file_is_no_gap(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {STATUS: stanza("a") + stanza("../b") + stanza("."), f"{DOC}/copyright": MIT, "usr/share/b/copyright": MIT},
    )
    records = take(tmp_path)
    assert licenses(records) == dict.fromkeys(["a", "../b", "."], (None, None))
    assert len(records) == 3


def test_a_removed_package_has_no_licence(tmp_path: Path) -> None:
    removed = stanza("a", status="deinstall ok config-files")
    plant(tmp_path, {STATUS: removed, f"{DOC}/a/copyright": MIT})
    assert licenses(take(tmp_path)) == {"a": (None, None)}


def test_all_that_cannot_be_read_are_one_gap_that_hides_nothing(tmp_path: Path) -> None:
    names = "abcd"
    plant(tmp_path, {STATUS: b"".join(map(stanza, names)), **{f"{DOC}/{name}/copyright": MIT for name in names[:3]}})
    (tmp_path / DOC / "b/copyright").unlink()
    os.mkfifo(tmp_path / DOC / "b/copyright")
    os.truncate(tmp_path / DOC / "c/copyright", 8 * 1024 * 1024)
    records = take(tmp_path)
    assert licenses(records) == {"a": ("MIT", "spdx"), **dict.fromkeys("bcd", (None, None))}
    [gap] = [record for record in records if isinstance(record, Gap)]
    assert (gap.reason, gap.hides) == ("not_a_file", None)
    assert gap.detail.startswith(f"/{DOC}/b/copyright and 1 more: ")


def test_a_copyright_file_that_may_not_be_read_is_denied(tmp_path: Path) -> None:
    plant(tmp_path, {STATUS: stanza("a"), f"{DOC}/a/copyright": MIT})
    (tmp_path / DOC / "a/copyright").chmod(0)
    gaps = [record for record in take_packages_as_nobody(tmp_path) if isinstance(record, Gap)]
    assert ("copyright files of packages of dpkg", "denied") in [(gap.subject, gap.reason) for gap in gaps]


def test_images_without_dpkg_have_copyright_files_too(tmp_path: Path) -> None:
    plant(tmp_path, {"var/lib/dpkg/status.d/a": stanza("a"), f"{DOC}/a/copyright": MIT})
    assert licenses(take(tmp_path)) == {"a": ("MIT", "spdx")}


@pytest.mark.parametrize("asked", [True, False])
def test_copyright_files_are_read_when_licences_are_asked_for(tmp_path: Path, asked: bool) -> None:
    plant(tmp_path, {STATUS: stanza("a"), f"{DOC}/a/copyright": MIT})
    seen: list[str] = []
    list(dpkg.packages(open_host(str(tmp_path), observe=seen.append), Asked(UNKNOWN, asked, False)))
    assert (f"/{DOC}/a/copyright" in seen) == asked


def take(root: Path) -> list[Record]:
    return list(dpkg.packages(open_host(str(root)), Asked(UNKNOWN, True, False)))


def licenses(records: list[Record]) -> dict[str, tuple[str | None, str | None]]:
    return {record.name: (record.license, record.license_form) for record in records if isinstance(record, Package)}
