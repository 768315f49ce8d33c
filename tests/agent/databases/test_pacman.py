from __future__ import annotations

import hashlib
import os
import re
from typing import TYPE_CHECKING

import pytest

from agent.databases import Asked, Shipped
from agent.databases import pacman as database
from agent.databases.distribution import Distribution
from agent.host import open_host
from agent.host.errors import Unsettled
from agent.host.root import HostRoot
from agent.model.records import Gap, Package
from tests.hosts.pacman import LOCAL, bsdtar, build, needs_pacman, pacman
from tests.hosts.trees import gaps, listed, plant, take_packages

if TYPE_CHECKING:
    from pathlib import Path

ARCH = {"etc/os-release": b"ID=arch\nBUILD_ID=rolling\n"}
FILES = {"usr/bin/tea": b"tea", "etc/tea.conf": b"conf", "usr/share/a b/\u00fc": b"x"}
MD5 = hashlib.md5(b"").hexdigest()
DESC = "%NAME%\n{name}\n\n%VERSION%\n{version}\n\n%ARCH%\nany\n\n"


@needs_pacman
def test_a_real_root_has_what_pacman_says(tmp_path: Path) -> None:
    root = tmp_path / "root"
    built = [
        build(
            tmp_path, "tea", "1:2.0-3", files=FILES, more="license = MIT\nlicense = GPL-2.0-only\nprovides = cup=2\n"
        ),
        build(tmp_path, "gtk-doc", "1.0.r5.gabc-1.1", "any", more="license = Apache-2.0\n"),
        build(tmp_path, "lib32-pot", "0.9_rc1-2", "i686", base="pot"),
    ]
    pacman(root, "-U", *built)
    os.utime(root / LOCAL, (1, 1600000000))
    records = take_packages(root)
    assert gaps(records) == []
    assert facts(records) == answers(pacman(root, "-Qi"))
    assert len(records) == len(built)


@needs_pacman
def test_a_package_is_told_in_full(tmp_path: Path) -> None:
    root = plant(tmp_path / "root", ARCH)
    more = "license = MIT\nlicense = GPL-2.0-only OR Zlib\nprovides = cup=2\n"
    pacman(root, "-U", build(tmp_path, "Tea", "1:2.0-3", base="kettle", more=more))
    [record] = take_packages(root)
    assert isinstance(record, Package)
    assert record == Package(
        manager="pacman",
        name="Tea",
        version="1:2.0-3",
        epoch=1,
        upstream_version="2.0",
        revision="3",
        architecture="x86_64",
        source_name="kettle",
        source_version="1:2.0-3",
        category=None,
        status="installed",
        selection=None,
        origin=None,
        vendor=None,
        purl="pkg:alpm/arch/tea@1:2.0-3?arch=x86_64&distro=arch",
        location="/var/lib/pacman/local/Tea-1:2.0-3/desc",
        installed_at=record.installed_at,
        license="MIT AND (GPL-2.0-only OR Zlib)",
        license_form="spdx",
        provenance="third_party",
        provides=("cup=2",),
    )
    assert record.installed_at


@needs_pacman
def test_a_package_is_followed_through_upgrade_and_removal(tmp_path: Path) -> None:
    root = tmp_path / "root"
    pacman(root, "-U", build(tmp_path, "tea", "1-1"))
    assert listed(take_packages(root))["tea"].version == "1-1"
    pacman(root, "-U", build(tmp_path, "tea", "2-1"))
    assert listed(take_packages(root))["tea"].version == "2-1"
    pacman(root, "-R", "tea")
    assert take_packages(root) == []


@needs_pacman
def test_files_are_those_that_pacman_lists(tmp_path: Path) -> None:
    root = tmp_path / "root"
    pacman(root, "-U", build(tmp_path, "tea", files=FILES), build(tmp_path, "meta"))
    found = {each.owner: list(each.paths) for each in database.owned(HostRoot(str(root))) if not isinstance(each, Gap)}
    lines = [line.split(" ", 1)[1] for line in pacman(root, "-Ql").splitlines()]
    paths = [path.replace(str(root), "", 1) for path in lines if not path.endswith("/")]
    assert found == {"pacman/tea:x86_64": paths, "pacman/meta:x86_64": []}
    assert set(paths) == {f"/{path}" for path in FILES}


@needs_pacman
def test_files_are_told_as_they_were_shipped(tmp_path: Path) -> None:
    root = tmp_path / "root"
    pacman(root, "-U", build(tmp_path, "tea", files=FILES, more="backup = etc/tea.conf\n"))
    assert {file for file in database.shipped(HostRoot(str(root))) if isinstance(file, Shipped) and file.digest} == {
        Shipped(
            f"/{path}", "pacman/tea:x86_64", f"sha256:{hashlib.sha256(content).hexdigest()}", path == "etc/tea.conf"
        )
        for path, content in FILES.items()
    }


@pytest.mark.parametrize(
    ("packager", "validation", "distribution", "provenance"),
    [
        ("A <a@archlinux.org>", "pgp", "arch", "distribution"),
        ("A <a@archlinux.org>", "none", "arch", None),
        ("A <a@archlinux.org>", "pgp", "manjaro", None),
        ("A <a@example.org>", "pgp", "arch", None),
        ("Unknown Packager", "none", "arch", "third_party"),
    ],
)
def test_who_built_a_package_is_told_with_care(
    tmp_path: Path, packager: str, validation: str, distribution: str, provenance: str | None
) -> None:
    desc = DESC.format(name="a", version="1-1") + f"%PACKAGER%\n{packager}\n\n%VALIDATION%\nsha256\n{validation}\n\n"
    plant(tmp_path, {f"{LOCAL}/a-1-1/desc": desc.encode(), "etc/os-release": f"ID={distribution}\n".encode()})
    assert listed(take_packages(tmp_path))["a"].provenance == provenance


def test_what_is_not_asked_for_is_not_told(tmp_path: Path) -> None:
    desc = DESC.format(name="a", version="1-1") + "%PACKAGER%\nUnknown Packager\n\n%LICENSE%\nMIT\n\n"
    plant(tmp_path, {f"{LOCAL}/a-1-1/desc": desc.encode()})
    asked = Asked(Distribution("arch", None), False, False)
    [record] = database.packages(open_host(str(tmp_path)), asked)
    assert isinstance(record, Package)
    assert (record.license, record.provenance) == (None, None)


def test_a_list_of_licences_of_which_one_is_not_known_is_text(tmp_path: Path) -> None:
    desc = DESC.format(name="a", version="1-1") + "%LICENSE%\nMIT\ncustom:tea\n\n"
    plant(tmp_path, {f"{LOCAL}/a-1-1/desc": desc.encode()})
    package = listed(take_packages(tmp_path))["a"]
    assert (package.license, package.license_form) == ("MIT, custom:tea", "text")


def test_broken_descriptions_are_a_gap_each(tmp_path: Path) -> None:
    files = {
        "a-1-1/desc": DESC.format(name="a", version="1-1").encode(),
        "b-1-1/desc": DESC.format(name="c", version="1-1").encode(),
        "d-1-1/desc": b"\0\xff" * 100,
        "e-1-1/desc": b"",
        "f-1-1/files": b"%FILES%\n",
    }
    plant(tmp_path, {f"{LOCAL}/{path}": content for path, content in files.items()})
    records = take_packages(tmp_path)
    assert list(listed(records)) == ["a"]
    assert [(each.reason, each.hides) for each in gaps(records)] == [
        ("malformed", "pacman/b:"),
        ("malformed", "pacman/d:"),
        ("malformed", "pacman/e:"),
        ("absent", "pacman/f:"),
    ]


def test_names_that_are_no_packages_are_passed_over(tmp_path: Path) -> None:
    plant(tmp_path, {f"{LOCAL}/ALPM_DB_VERSION": b"9\n", f"{LOCAL}/lost+found/x": b""})
    assert take_packages(tmp_path) == []


def test_a_lock_and_a_change_of_a_moment_ago_are_unsettled(tmp_path: Path) -> None:
    plant(
        tmp_path, {f"{LOCAL}/a-1-1/desc": DESC.format(name="a", version="1-1").encode(), "var/lib/pacman/db.lck": b""}
    )
    with pytest.raises(Unsettled, match="pacman is at work"):
        take_packages(tmp_path)


def test_a_lock_that_was_left_behind_is_none(tmp_path: Path) -> None:
    plant(
        tmp_path, {f"{LOCAL}/a-1-1/desc": DESC.format(name="a", version="1-1").encode(), "var/lib/pacman/db.lck": b""}
    )
    os.utime(tmp_path / LOCAL, (1, 1600000000))
    assert list(listed(take_packages(tmp_path))) == ["a"]


def test_a_database_that_changes_while_it_is_read_is_unsettled(tmp_path: Path) -> None:
    plant(tmp_path, {f"{LOCAL}/a-1-1/desc": DESC.format(name="a", version="1-1").encode()})

    def change(path: str) -> None:
        if path.endswith("/desc"):
            plant(tmp_path, {f"{LOCAL}/b-1-1/desc": b""})

    with pytest.raises(Unsettled, match="changed while it was read"):
        take_packages(tmp_path, observe=change)


def test_files_that_cannot_be_read_are_gaps_that_hide_no_package(tmp_path: Path) -> None:
    desc = DESC.format(name="a", version="1-1").encode()
    plant(tmp_path, {f"{LOCAL}/a-1-1/desc": desc, f"{LOCAL}/a-1-1/mtree": b"x", f"{LOCAL}/b-1-1/desc": b""})
    root = HostRoot(str(tmp_path))
    for found, hides in ((database.owned(root), None), (database.shipped(root), "/")):
        gaps = [(each.subject.removeprefix(f"/{LOCAL}/"), each.hides) for each in found if isinstance(each, Gap)]
        assert gaps == [("a-1-1/files", hides), ("b-1-1/desc", hides)]


def test_without_its_digests_a_package_ships_files_of_which_those_to_be_edited_have_an_md5(tmp_path: Path) -> None:
    listed = f"%FILES%\netc/\netc/a\nusr/b\n\n%BACKUP%\netc/a\t{MD5}\n".encode()
    desc = DESC.format(name="a", version="1-1").encode()
    plant(
        tmp_path, {f"{LOCAL}/a-1-1/{name}": text for name, text in (("desc", desc), ("files", listed), ("mtree", b"x"))}
    )
    found = list(database.shipped(HostRoot(str(tmp_path))))
    assert [(gap.subject, gap.hides) for gap in found if isinstance(gap, Gap)] == [(f"/{LOCAL}/a-1-1/mtree", None)]
    assert [file[::2] for file in found if isinstance(file, Shipped)] == [
        ("/etc/a", f"md5:{MD5}"),
        ("/usr/b", None),
        ("/etc", None),
    ]
    assert [file.configuration for file in found if isinstance(file, Shipped)] == [True, False, False]


@needs_pacman
def test_a_link_is_shipped_without_a_digest(tmp_path: Path) -> None:
    package = build(tmp_path, "tea", files={"usr/bin/tea": b"tea"})
    tree = tmp_path / "tree-tea-2.0-3"
    (tree / "usr/bin/cup").symlink_to("tea")
    bsdtar(tree, "-czf", ".MTREE", "--format=mtree", "--options=!all,use-set,type,sha256,link", ".PKGINFO", "usr")
    bsdtar(tree, "-cf", package, ".MTREE", ".PKGINFO", "usr")
    pacman(tmp_path / "root", "-U", package)
    found = {file.path: file.digest for file in database.shipped(HostRoot(str(tmp_path / "root")))}
    assert found.pop("/usr") is found.pop("/usr/bin") is None
    assert found == {"/usr/bin/cup": None, "/usr/bin/tea": f"sha256:{hashlib.sha256(b'tea').hexdigest()}"}


def facts(records: list[object]) -> set[tuple[object, ...]]:
    """Give what pacman -Qi says, of packages."""
    return {
        (
            package.name,
            package.version,
            package.architecture,
            " ".join(package.provides or ()),
            package.license or "None",
        )
        for package in records
        if isinstance(package, Package)
    }


def answers(output: str) -> set[tuple[object, ...]]:
    """Read what pacman -Qi says; it parts values by two spaces."""
    blocks = (
        dict(re.findall(r"^([A-Z][^:]*?) *: (.*)$", block, re.MULTILINE)) for block in output.strip().split("\n\n")
    )
    return {
        (
            block["Name"],
            block["Version"],
            block["Architecture"],
            block["Provides"].replace("None", ""),
            block["Licenses"].replace("  ", " AND "),
        )
        for block in blocks
    }
