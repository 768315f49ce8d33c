from __future__ import annotations

import gzip
import lzma
import os
import shutil
from typing import TYPE_CHECKING

import pytest

from agent.collectors import packages
from agent.databases.apt_origins import Origin
from agent.host import open_host
from agent.model.codec import encode
from agent.model.records import Package, Repository
from agent.model.spec import Options
from tests.hosts import apt
from tests.hosts.debian import build, debian, dpkg, minbase
from tests.hosts.trees import STATUS, gaps, listed, plant, stanza

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from agent.model.records import Record

__all__ = ["debian", "minbase"]  # fixtures

UNKNOWN = Origin(None, None, None)
ACME = "Origin: Acme\nLabel: Acme Tools\nSuite: stable\nCodename: twelve\n"
DEBIAN = "Origin: Debian\nLabel: Debian\nSuite: oldstable\nCodename: bookworm\n"
LISTS = apt.LISTS
ARMOUR = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n"
OS_RELEASE = "etc/os-release"
needs_apt = pytest.mark.skipif(
    not (shutil.which("apt-get") and shutil.which("dpkg-scanpackages")), reason="apt or dpkg-dev is not installed"
)


@needs_apt
def test_a_real_debian_with_packages_of_all_kinds_says_what_apt_says(debian: Path, tmp_path: Path) -> None:
    foreign = build(tmp_path, "tea", "1.0-1")
    shop = apt.repository(tmp_path / "shop", foreign, fields=ACME)
    moved_on, local = build(tmp_path, "kettle", "1.0-1"), build(tmp_path, "mug", "1.0-1")
    backport, again = build(tmp_path, "cup", "2.0-1~bpo12+1"), build(tmp_path / "next", "kettle", "1.1-1")
    more = apt.repository(tmp_path / "more", again, fields=ACME.replace("twelve", "next"))
    dpkg(debian, "-i", foreign, moved_on, local, backport)
    apt.update(debian, *apt.DEBIAN, shop, more)
    records = take(debian)
    assert gaps(records) == []
    found = {name: origin(package) for name, package in listed(records).items()}
    assert found["tea"] == ("third_party", "Acme", None)
    assert (found["kettle"], found["mug"], found["cup"]) == (UNKNOWN, UNKNOWN, (None, None, "backports"))
    assert found["libc6"] == ("distribution", "Debian", None)
    answers = apt.sources_of(debian, list(found))
    own = {name for name, addresses in answers.items() if any("deb.debian.org" in address for address in addresses)}
    assert {name for name, it in found.items() if it.repository == "Debian"} == own
    assert len(own) > 50
    assert [name for name, addresses in answers.items() if any("copy:" in address for address in addresses)] == ["tea"]


@needs_apt
def test_lists_that_apt_keeps_compressed_are_read_where_they_are_small(debian: Path, tmp_path: Path) -> None:
    foreign = build(tmp_path, "tea", "1.0-1")
    dpkg(debian, "-i", foreign)
    compressed = ("Acquire::GzipIndexes=true", "Acquire::CompressionTypes::Order::=gz")
    apt.update(debian, *apt.DEBIAN, apt.repository(tmp_path / "shop", foreign, fields=ACME), options=compressed)
    names = [name for name in os.listdir(debian / LISTS) if "_Packages" in name]
    assert names
    assert all(name.endswith(".lz4") for name in names)
    records = take(debian)
    assert origin(listed(records)["tea"]) == ("third_party", "Acme", None)
    assert {record.name: record.indexed for record in records if isinstance(record, Repository)} == {
        "Acme/Acme Tools/twelve": True,
        "Debian/bookworm": False,
        "Debian/Debian-Security/bookworm-security": True,
    }
    assert gaps(records) == []


def test_an_index_tells_whose_build_is_installed_and_nothing_else_does(tmp_path: Path) -> None:
    installed = stanza("a", "1") + stanza("b", "1") + stanza("c", "1") + stanza("d", "1") + stanza("e", "1")
    own = stanza("a", "1") + stanza("b", "2") + stanza("e", "1", architecture="arm64")
    root = tree(tmp_path, installed, debian=(DEBIAN, own), shop=(ACME, stanza("a", "1") + stanza("c", "1")))
    assert origins(root) == {
        "a": ("distribution", "Debian", None),
        "b": UNKNOWN,
        "c": ("third_party", "Acme", None),
        "d": UNKNOWN,
        "e": UNKNOWN,
    }


def test_a_rebuild_of_the_same_source_is_the_distributions(tmp_path: Path) -> None:
    rebuilt = stanza("a", "1-1+b2", more="Source: a (1-1)\n")
    root = tree(
        tmp_path, stanza("a", "1-1+b1", more="Source: a (1-1)\n") + stanza("b", "1-1"), debian=(DEBIAN, rebuilt)
    )
    assert origins(root) == {"a": ("distribution", "Debian", None), "b": UNKNOWN}
    foreign = tree(tmp_path / "b", stanza("a", "1-1+b1", more="Source: a (1-1)\n"), shop=(ACME, rebuilt))
    assert origins(foreign) == {"a": UNKNOWN}


def test_a_copy_of_a_distribution_under_another_name_tells_nothing(tmp_path: Path) -> None:
    both = stanza("base-files", "12") + stanza("a", "1")
    assert set(origins(tree(tmp_path, both, mirror=(ACME, both))).values()) == {UNKNOWN}


def test_without_an_os_release_nobody_is_foreign(tmp_path: Path) -> None:
    root = tree(tmp_path, stanza("a"), shop=(ACME, stanza("a")))
    (root / OS_RELEASE).unlink()
    assert origins(root) == {"a": UNKNOWN}


def test_a_repository_that_does_not_say_who_made_it_tells_nothing(tmp_path: Path) -> None:
    root = tree(tmp_path, stanza("a") + stanza("b"), shop=("Suite: stable\n", stanza("a")))
    plant(root, {f"{LISTS}/_srv_bare_Packages": stanza("b")})
    assert set(origins(root).values()) == {UNKNOWN}
    assert [(found.name, found.provenance, found.indexed) for found in repositories(root)] == [
        ("unnamed", None, True),
        ("stable", None, True),
    ]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("Origin: Debian\n", ("distribution", None, None)),
        ("Origin: Acme\n", ("third_party", None, None)),
        ("Vendor: NodeSource\n", ("third_party", None, None)),
        ("", UNKNOWN),
    ],
)
def test_a_package_may_say_itself_who_built_it(tmp_path: Path, fields: str, expected: Origin) -> None:
    assert origins(tree(tmp_path, stanza("a", more=fields))) == {"a": expected}


@pytest.mark.parametrize(
    ("distribution", "version", "expected"),
    [
        ("debian", "3.0.15-1~deb12u1", ("distribution", None, None)),
        ("debian", "2.36-9+deb12u10", ("distribution", None, None)),
        ("debian", "2.36-9+deb12u10+b1", ("distribution", None, None)),
        ("debian", "2.36-9+deb12u10+local1", UNKNOWN),
        ("ubuntu", "2.36-9+deb12u10", UNKNOWN),
        ("debian", "1.2-3~bpo12+1", (None, None, "backports")),
        ("ubuntu", "1.2-3~bpo22.04.1", (None, None, "backports")),
        ("debian", "1.2-3~bpo12+1+acme1", UNKNOWN),
        ("ubuntu", "7.4.3-4ubuntu2.29+esm1", ("distribution", None, "esm")),
        ("ubuntu", "1.18.0-6ubuntu14~esm2", ("distribution", None, "esm")),
        ("ubuntu", "2.58+22.04.1", UNKNOWN),
        ("ubuntu", "1.1-2ubuntu1~22.04.1", UNKNOWN),
        ("debian", "20.20.2-1nodesource1", UNKNOWN),
    ],
)
def test_marks_in_versions_name_a_channel_and_what_a_distribution_alone_gives(
    tmp_path: Path, distribution: str, version: str, expected: Origin
) -> None:
    root = tree(tmp_path, stanza("a", version))
    plant(root, {OS_RELEASE: f"ID={distribution}\n".encode()})
    assert origins(root) == {"a": expected}


@pytest.mark.parametrize(
    ("distribution", "fields", "expected"),
    [
        (
            "debian",
            "Origin: Debian Backports\nSuite: bookworm-backports\n",
            ("distribution", "Debian Backports", "backports"),
        ),
        ("ubuntu", "Origin: Ubuntu\nSuite: jammy-backports\n", ("distribution", "Ubuntu", "backports")),
        ("ubuntu", "Origin: UbuntuESMApps\nSuite: jammy-apps-security\n", ("distribution", "UbuntuESMApps", "esm")),
        ("ubuntu", "Origin: UbuntuESM\nSuite: jammy-infra-updates\n", ("distribution", "UbuntuESM", "esm")),
        ("ubuntu", "Origin: Debian\nSuite: stable\n", ("third_party", "Debian", None)),
        ("ubuntu", "Origin: LP-PPA-deadsnakes\nSuite: jammy\n", ("third_party", "LP-PPA-deadsnakes", None)),
        ("linuxmint", "Origin: Ubuntu\nSuite: jammy\n", ("distribution", "Ubuntu", None)),
        ("linuxmint", "Origin: linuxmint\nSuite: victoria\n", ("distribution", "linuxmint", None)),
        ("kali", "Origin: Kali\nSuite: kali-rolling\n", ("distribution", "Kali", None)),
        (
            "raspbian",
            "Origin: Raspberry Pi Foundation\nSuite: stable\n",
            ("distribution", "Raspberry Pi Foundation", None),
        ),
        ("debian", "Label: Docker CE\nSuite: bookworm\n", ("third_party", "Docker CE", None)),
    ],
)
def test_makers_are_known_by_their_origins(tmp_path: Path, distribution: str, fields: str, expected: Origin) -> None:
    root = tree(tmp_path, stanza("a"), some=(fields, stanza("a")))
    plant(root, {OS_RELEASE: f"ID={distribution}\n".encode()})
    assert origins(root) == {"a": expected}
    assert [found.provenance for found in repositories(root)] == [expected[0]]


def test_the_main_part_of_a_distribution_counts_before_its_backports(tmp_path: Path) -> None:
    backports = DEBIAN.replace("oldstable", "bookworm-backports").replace("Label: Debian", "Label: A")
    root = tree(tmp_path, stanza("a"), aaa=(backports, stanza("a")), zzz=(DEBIAN, stanza("a")))
    assert origins(root) == {"a": ("distribution", "Debian", None)}


@pytest.mark.parametrize(("ending", "compress"), [(".gz", gzip.compress), (".xz", lzma.compress)])
def test_a_compressed_index_is_read(tmp_path: Path, ending: str, compress: Callable[[bytes], bytes]) -> None:
    root = tree(tmp_path, stanza("a"), shop=(ACME, b""))
    index = root / LISTS / "shop_dists_stable_main_binary-amd64_Packages"
    index.with_name(index.name + ending).write_bytes(compress(stanza("a")))
    index.unlink()
    assert origins(root) == {"a": ("third_party", "Acme", None)}


@pytest.mark.parametrize(
    ("ending", "content", "indexed"), [(".xz", b"no xz", True), (".zst", b"", False), (".lz4", b"x" * 5_000_000, False)]
)
def test_an_index_that_cannot_be_read_leaves_packages_unknown(
    tmp_path: Path, ending: str, content: bytes, indexed: bool
) -> None:
    root = tree(tmp_path, stanza("a"), shop=(ACME, b""))
    plant(root, {f"{LISTS}/shop_dists_stable_main_binary-arm64_Packages{ending}": content})
    records = take(root)
    assert origin(listed(records)["a"]) == UNKNOWN
    assert [record.indexed for record in records if isinstance(record, Repository)] == [indexed]
    assert [(it.subject, it.reason, it.hides) for it in gaps(records)] == (
        [("apt index of Acme/Acme Tools/twelve", "malformed", None)] if indexed else []
    )


def test_nothing_of_an_address_is_ever_told(tmp_path: Path) -> None:
    """A token may be part of the path, which apt keeps in the names of its files."""
    root = tree(tmp_path, stanza("a"), **{"dl.example.org_s3cr3t_deb": (ACME, stanza("a"))})
    names = [
        "dl.example.org_s3cr3t_deb_dists_stable_main_binary-all_Packages",
        "dl.example.org_s3cr3t_bare_Packages.xz",
    ]
    for name in names:
        os.symlink("/nowhere", root / LISTS / name)
    os.symlink("/etc", root / LISTS / "dl.example.org_s3cr3t_etc_Release")
    records = take(root)
    assert len(gaps(records)) == 2
    assert not [line for line in map(encode, records) if b"s3cr3t" in b"".join(line) or b"example" in b"".join(line)]


def test_repositories_of_the_same_words_are_told_apart(tmp_path: Path) -> None:
    root = tree(tmp_path, stanza("a"), one=(ACME, b""), two=(ACME, b""))
    assert [found.name for found in repositories(root)] == ["Acme/Acme Tools/twelve", "Acme/Acme Tools/twelve#2"]


def test_a_signed_release_is_read_and_counts_before_one_that_is_not(tmp_path: Path) -> None:
    root = tree(tmp_path, stanza("a"), shop=("Origin: Old\n", stanza("a")))
    plant(root, {f"{LISTS}/shop_dists_stable_InRelease": (ARMOUR + ACME + "SHA256:\n 00 1 x\n").encode()})
    assert [found.origin for found in repositories(root)] == ["Acme"]


def test_a_host_without_lists_has_no_repositories_and_no_gap(tmp_path: Path) -> None:
    plant(tmp_path, {STATUS: stanza("a"), OS_RELEASE: b"ID=debian\n"})
    [package] = [record for record in take(tmp_path) if not record.key.startswith("database/")]
    assert origin(package) == UNKNOWN


def test_what_is_not_asked_for_is_not_read(tmp_path: Path) -> None:
    root = tree(tmp_path, stanza("a", "1~deb12u1"), shop=(ACME, stanza("a")))
    seen: list[str] = []
    records = list(packages.collect(open_host(str(root), None, seen.append), Options(parts=frozenset(("dpkg",)))))
    assert origin(listed(records)["a"]) == UNKNOWN
    assert [path for path in seen if path.startswith(f"/{LISTS}/")] == []


def tree(root: Path, status: bytes, **lists: tuple[str, bytes]) -> Path:
    """Plant a Debian with packages, and with the Release and the index of repositories by their addresses."""
    root.mkdir(exist_ok=True)
    plant(root, {STATUS: status, OS_RELEASE: b"ID=debian\n"})
    for address, (release, index) in lists.items():
        base = f"{LISTS}/{address}_dists_stable"
        plant(root, {f"{base}_Release": release.encode(), f"{base}_main_binary-amd64_Packages": index})
    return root


def take(root: Path) -> list[Record]:
    """Collect packages of dpkg and origins alone."""
    return list(packages.collect(open_host(str(root)), Options(parts=frozenset(("dpkg", "origins")))))


def origins(root: Path) -> dict[str, Origin]:
    return {name: origin(package) for name, package in listed(take(root)).items()}


def origin(package: Package) -> Origin:
    return Origin(package.provenance, package.repository, package.channel)


def repositories(root: Path) -> list[Repository]:
    return [record for record in take(root) if isinstance(record, Repository)]
