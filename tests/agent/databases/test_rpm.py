from __future__ import annotations

import fcntl
import os
import re
import shutil
import sqlite3
import subprocess
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.databases import Asked, Owned, Shipped
from agent.databases import rpm as collector
from agent.databases.distribution import distribution
from agent.host import open_host
from agent.host.errors import Unsettled
from agent.model.records import Gap, Package
from tests.hosts.kept import kept
from tests.hosts.rpm import (
    PLACE,
    SAMPLES,
    build,
    centos,
    install,
    needs_rpm,
    query,
    root_with,
    rpm,
    to_ndb,
    to_sqlite,
    trixie,
)
from tests.hosts.trees import plant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["centos", "trixie"]  # fixtures
pytestmark = needs_rpm

TAGS = ("NAME", "EPOCH", "VERSION", "RELEASE", "ARCH", "SOURCERPM", "VENDOR", "GROUP", "MODULARITYLABEL", "INSTALLTIME")
SIGNATURES = ("RSAHEADER:pgpsig", "DSAHEADER:pgpsig", "SIGPGP:pgpsig", "SIGGPG:pgpsig")
DIGEST = 1 << 0
FILE_TAGS = (
    "=NAME",
    "=VERSION",
    "=RELEASE",
    "=ARCH",
    "FILENAMES",
    "FILEDIGESTS",
    "FILEFLAGS",
    "FILESTATES",
    "FILEMODES",
    "FILEVERIFYFLAGS",
)
DIRECTORY, CONFIG, GHOST = 0o040000, 1, 64
NORMAL, NETSHARED = "0", "3"


@pytest.fixture(scope="module", params=SAMPLES)
def sample(request: pytest.FixtureRequest, centos: Path) -> Path:
    """One of the databases of CentOS, in Berkeley DB."""
    return centos / str(request.param)


@pytest.fixture(scope="module", params=["bdb", "sqlite", "ndb"])
def root(request: pytest.FixtureRequest, sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A root with that database in each of the formats."""
    folder = tmp_path_factory.mktemp(sample.name)
    convert = {"sqlite": to_sqlite, "ndb": lambda database: to_ndb(database, request.getfixturevalue("trixie"))}
    database = sample if request.param == "bdb" else converted(sample, request.param, convert[request.param])
    yield root_with(folder / "root", database)
    shutil.rmtree(folder)


def converted(sample: Path, form: str, convert: Callable[[Path], None]) -> Path:
    """Give a database in another format, kept from run to run."""

    def make(folder: Path) -> None:
        convert(Path(shutil.copytree(sample, folder / "database")))

    return kept(f"rpmdb-{sample.name}-{form}", "", make) / "database"


def take(root: Path, proc: str | None = None) -> list[Package | Gap]:
    host = open_host(str(root), proc)
    return list(collector.packages(host, Asked(distribution(host.root)[0], True, True)))


def listed(root: Path) -> dict[str, Package]:
    """Give the packages by their keys, of which none comes twice; there must be no gap."""
    records = take(root)
    assert [record for record in records if isinstance(record, Gap)] == []
    by_key = {record.key: record for record in records}
    assert len(by_key) == len(records)
    return by_key


def versions(root: Path) -> dict[str, str]:
    return {key: record.version for key, record in listed(root).items()}


def test_a_real_database_of_any_format_has_what_rpm_says(root: Path, sample: Path) -> None:
    assert sorted(map(facts, listed(root).values())) == sorted(answers(sample))


def test_the_files_of_a_real_database_of_any_format_are_those_that_rpm_says(root: Path, sample: Path) -> None:
    host = open_host(str(root))
    told = query(sample, FILE_TAGS, each_file=True)
    there = [line for line in told if line[7] in (NORMAL, NETSHARED)]
    files = [line for line in there if int(line[8]) & 0o170000 != DIRECTORY]
    names = {key: record.name for key, record in listed(root).items()}
    owned = [(names[part.owner], path) for part in collector.owned(host.root) for path in part.paths]
    assert sorted(owned) == sorted((line[0], line[4]) for line in files)
    shipped = [
        (names[f.owner], f.path, (f.digest or ":").split(":")[1], f.configuration) for f in collector.shipped(host.root)
    ]
    assert sorted(shipped) == sorted(
        (line[0], line[4], line[5] if is_fixed(line) else "", bool(int(line[6]) & CONFIG)) for line in there
    )


def is_fixed(line: list[str]) -> bool:
    """Tell whether a file is to be what was shipped: the package brings it, and rpm verifies its digest."""
    return not int(line[6]) & GHOST and bool(int(line[9]) & DIGEST)


def facts(record: Package) -> tuple[str | None, ...]:
    epoch = str(record.epoch) if ":" in (record.version or "") else None
    source = f"{record.source_name}-{record.source_version}.src.rpm"
    return tuple(
        text or "(none)"
        for text in (
            record.name,
            epoch,
            record.upstream_version,
            record.revision,
            record.architecture,
            source,
            record.vendor,
            record.category,
            record.modularity_label,
            str(record.installed_at),
            record.signing_key,
        )
    )


def answers(database: Path) -> Iterator[tuple[str, ...]]:
    """Give what rpm says of every package but public keys, with the id of the key that signed it last."""
    for line in query(database, (*TAGS, *SIGNATURES)):
        if line[0] != "gpg-pubkey":
            keys = re.findall(r"Key ID ([0-9a-f]{16})", " ".join(line[len(TAGS) :]))
            yield (*line[: len(TAGS)], keys[0] if keys else "(none)")


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A root in which rpm has not installed anything yet."""
    return plant(tmp_path / "empty", {"etc/os-release": b"ID=rhel\nVERSION_ID=9.4\n"})


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Packages built by rpmbuild, by name-version."""
    folder = tmp_path_factory.mktemp("rpms")
    tree = "mkdir -p %{buildroot}/etc/tea %{buildroot}/usr/share/tea\necho x > %{buildroot}/etc/tea/conf\necho y > %{buildroot}/usr/share/tea/leaf\nln -s leaf %{buildroot}/usr/share/tea/link"
    files = "%dir /usr/share/tea\n%config /etc/tea/conf\n/usr/share/tea/*\n%ghost /var/log/tea"
    made = {
        "tea-1": build(folder, "tea", "1.0-1", "Epoch: 1\nVendor: Red Hat, Inc.\nGroup: Drinks\n", files, tree),
        "tea-2": build(folder, "tea", "2.0~rc1-1", "Epoch: 1", files, tree),
        "core-9": build(folder, "kernel-core", "5.14.0-9.el9", files="/boot/9", install=_boot("9")),
        "core-70": build(folder, "kernel-core", "5.14.0-70.el9", files="/boot/70", install=_boot("70")),
        "core-8": build(folder, "kernel-core", "5.14.0-8.el9", files="/boot/8", install=_boot("8")),
    }
    return {name: path.rename(folder / path.name) for name, path in made.items()}


def _boot(name: str) -> str:
    return f"mkdir -p %{{buildroot}}/boot\ntouch %{{buildroot}}/boot/{name}"


def test_a_package_is_followed_through_installation_update_and_removal(empty: Path, packages: dict[str, Path]) -> None:
    install(empty, packages["tea-1"])
    [tea] = listed(empty).values()
    [[installed_at]] = query(empty / PLACE, ["INSTALLTIME"])
    assert tea == Package(
        manager="rpm",
        name="tea",
        version="1:1.0-1",
        epoch=1,
        upstream_version="1.0",
        revision="1",
        architecture="noarch",
        source_name="tea",
        source_version="1.0-1",
        category="Drinks",
        status="installed",
        selection=None,
        origin=None,
        vendor="Red Hat, Inc.",
        purl="pkg:rpm/redhat/tea@1.0-1?arch=noarch&distro=rhel-9.4&epoch=1",
        location="/var/lib/rpm/rpmdb.sqlite",
        installed_at=int(installed_at),
        license="MIT",
        license_form="spdx",
    )
    install(empty, packages["tea-2"])
    assert versions(empty) == {"rpm/tea:noarch": "1:2.0~rc1-1"}
    assert rpm(empty, "-e", "--nodeps", "tea").returncode == 0
    assert listed(empty) == {}


def test_files_are_told_with_digest_and_whether_they_are_configuration(empty: Path, packages: dict[str, Path]) -> None:
    install(empty, packages["tea-1"])
    root = open_host(str(empty)).root
    [owned] = collector.owned(root)
    assert owned.owner == "rpm/tea:noarch"
    assert sorted(owned.paths) == ["/etc/tea/conf", "/usr/share/tea/leaf", "/usr/share/tea/link", "/var/log/tea"]
    shipped = sorted(collector.shipped(root))
    conf = "sha256:73cb3858a687a8494ca3323053016282f3dad39d42cf62ca4e79dda2aac7d9ac"
    assert shipped[0] == ("/etc/tea/conf", "rpm/tea:noarch", conf, True)
    assert [(file.path, file.digest and file.digest[:7], file.configuration) for file in shipped[1:]] == [
        ("/usr/share/tea", None, False),
        ("/usr/share/tea/leaf", "sha256:", False),
        ("/usr/share/tea/link", None, False),
        ("/var/log/tea", None, False),
    ]


def test_of_versions_side_by_side_the_newest_has_the_plain_key(empty: Path, packages: dict[str, Path]) -> None:
    install(empty, packages["core-9"])
    assert versions(empty) == {"rpm/kernel-core:noarch": "5.14.0-9.el9"}
    install(empty, packages["core-70"], packages["core-8"], how="-i")
    assert versions(empty) == {
        "rpm/kernel-core:noarch": "5.14.0-70.el9",
        "rpm/kernel-core:noarch~5.14.0-9.el9": "5.14.0-9.el9",
        "rpm/kernel-core:noarch~5.14.0-8.el9": "5.14.0-8.el9",
    }
    root = open_host(str(empty)).root
    assert {path: part.owner for part in collector.owned(root) for path in part.paths} == {
        "/boot/70": "rpm/kernel-core:noarch",
        "/boot/9": "rpm/kernel-core:noarch~5.14.0-9.el9",
        "/boot/8": "rpm/kernel-core:noarch~5.14.0-8.el9",
    }


def test_what_is_only_in_the_log_counts(empty: Path, packages: dict[str, Path], tmp_path: Path) -> None:
    install(empty, packages["tea-1"], packages["core-9"])
    database = empty / PLACE / "rpmdb.sqlite"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("pragma wal_autocheckpoint = 0")
        connection.execute("delete from Packages where hnum = (select hnum from Name where key = 'tea')")
        connection.commit()
        assert os.stat(f"{database}-wal").st_size > 0
        copy = plant(
            tmp_path / "copy",
            {f"{PLACE}/{name}": _content(empty, name) for name in ("rpmdb.sqlite", "rpmdb.sqlite-wal")},
        )
        assert list(versions(empty)) == list(versions(copy)) == ["rpm/kernel-core:noarch"]
        (copy / f"{PLACE}/rpmdb.sqlite-wal").unlink()
        assert sorted(versions(copy)) == ["rpm/kernel-core:noarch", "rpm/tea:noarch"]


def _content(root: Path, name: str) -> bytes:
    return (root / PLACE / name).read_bytes()


def test_what_is_not_committed_yet_does_not_count(empty: Path, packages: dict[str, Path]) -> None:
    install(empty, packages["tea-1"])
    with closing(sqlite3.connect(empty / PLACE / "rpmdb.sqlite")) as connection:
        connection.execute("pragma cache_size = 1")
        connection.execute("delete from Packages")
        connection.executemany("insert into Packages values (null, ?)", [(b"x" * 5000,)] * 50)
        assert os.stat(empty / PLACE / "rpmdb.sqlite-wal").st_size > 0
        assert versions(empty) == {"rpm/tea:noarch": "1:1.0-1"}


def test_a_transaction_under_way_is_no_state(empty: Path, packages: dict[str, Path], tmp_path: Path) -> None:
    install(empty, packages["tea-1"])
    os.mkfifo(empty / "gate")
    slow = build(tmp_path, "slow", files="%pre -p <lua>\nio.open('/gate'):read()")
    with subprocess.Popen(["rpm", "--root", empty, "--dbpath", f"/{PLACE}", "-i", "--nodeps", slow]) as transaction:
        with open(empty / "gate", "w"), pytest.raises(Unsettled):  # rpm opens it within the transaction
            take(empty, proc="/proc")
        assert transaction.wait() == 0
    assert [record.name for record in take(empty, proc="/proc")] == ["tea", "slow"]


def test_a_lock_that_is_held_while_nothing_changes_for_long_is_none(empty: Path, packages: dict[str, Path]) -> None:
    install(empty, packages["tea-1"])
    with _locked(empty / PLACE / ".rpm.lock"):
        with pytest.raises(Unsettled):
            take(empty, proc="/proc")
        for file in (empty / PLACE).iterdir():
            os.utime(file, (1700000000, 1700000000))
        assert [record.name for record in take(empty, proc="/proc")] == ["tea"]


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with open(path, "w") as file:
        fcntl.lockf(file, fcntl.LOCK_EX)
        yield


@pytest.mark.parametrize("answer", ["packages", "owned", "shipped"])
def test_a_change_while_it_is_read_is_noticed(empty: Path, packages: dict[str, Path], answer: str) -> None:
    install(empty, packages["tea-1"], packages["core-9"])
    host = open_host(str(empty))
    ask = {
        "packages": lambda: collector.packages(host, Asked(distribution(host.root)[0], True, True)),
        "owned": lambda: collector.owned(host.root),
        "shipped": lambda: collector.shipped(host.root),
    }[answer]
    reading = ask()
    next(reading)
    install(empty, packages["core-70"])
    with pytest.raises(Unsettled):
        list(reading)


NAMELESS = ("/var/lib/rpm/rpmdb.sqlite: headers that cannot be read", "rpm/")
NAMED = ("rpm/tea:noarch", "rpm/tea:noarch")
VERSION_IS_TEXT, VERSION_IS_NUMBER = bytes.fromhex("000003e900000006"), bytes.fromhex("000003e900000004")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda _: b"", NAMELESS),
        (lambda _: bytes(4000), NAMELESS),
        (lambda _: "text", NAMELESS),
        (lambda header: header[:200], NAMELESS),
        (lambda header: header[:-100], NAMED),
        (lambda header: header.replace(VERSION_IS_TEXT, VERSION_IS_NUMBER), NAMED),
    ],
    ids=["empty", "zeros", "text", "cut early", "cut late", "wrong type"],
)
def test_a_damaged_header_costs_a_gap(
    empty: Path, packages: dict[str, Path], change: Callable[[bytes], bytes | str], expected: tuple[str, str]
) -> None:
    install(empty, packages["tea-1"], packages["core-9"])
    with closing(sqlite3.connect(empty / PLACE / "rpmdb.sqlite")) as connection:
        connection.create_function("changed", 1, change)
        connection.execute(
            "update Packages set blob = changed(blob) where hnum = (select hnum from Name where key = 'tea')"
        )
        connection.commit()
    records = take(empty)
    assert [record.name for record in records if isinstance(record, Package)] == ["kernel-core"]
    assert [(gap.subject, gap.hides) for gap in records if isinstance(gap, Gap)] == [expected]
    assert {type(record).__name__ for record in collector.owned(open_host(str(empty)).root)} == {"Owned", "Gap"}


def test_a_damaged_page_costs_a_gap_and_not_the_rest(centos: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(centos / "centos6-many", copy)
    to_sqlite(copy)
    before = versions(root_with(tmp_path / "before", copy))
    with closing(sqlite3.connect(copy / "rpmdb.sqlite")) as connection:
        query = "select pageno from dbstat where name = 'Packages' and pagetype = 'leaf' order by pageno"
        leaves = [page for (page,) in connection.execute(query)]
    with open(copy / "rpmdb.sqlite", "r+b") as file:
        file.seek((leaves[len(leaves) // 2] - 1) * 4096)
        file.write(bytes(4096))
    *records, gap = take(root_with(tmp_path / "after", copy))
    assert (gap.subject, gap.reason, gap.hides) == ("/var/lib/rpm/rpmdb.sqlite", "malformed", "rpm/")
    after = {record.key: record.version for record in records}
    assert len(before) // 2 < len(after) < len(before)
    assert after.items() <= before.items()


@pytest.mark.parametrize("name", ["rpmdb.sqlite", "Packages.db", "Packages"])
@pytest.mark.parametrize("content", [b"", b"no database", bytes(9000)])
def test_what_is_no_database_is_a_gap(tmp_path: Path, name: str, content: bytes) -> None:
    [gap] = take(plant(tmp_path, {f"{PLACE}/{name}": content}))
    assert (gap.subject, gap.reason, gap.hides) == (f"/{PLACE}/{name}", "malformed", "rpm/")


def test_a_database_that_should_be_there_is_a_gap(tmp_path: Path) -> None:
    root = plant(tmp_path, {f"{PLACE}/Name": b""})
    assert collector.present(open_host(str(root)).root)
    [gap] = take(root)
    assert (gap.reason, gap.hides) == ("absent", "rpm/")


def test_a_directory_without_a_database_is_none(tmp_path: Path) -> None:
    (tmp_path / PLACE).mkdir(parents=True)
    assert not collector.present(open_host(str(tmp_path)).root)


def test_a_database_to_which_links_lead_is_read_once(empty: Path, packages: dict[str, Path]) -> None:
    install(empty, packages["tea-1"])
    (empty / "usr/lib/sysimage").mkdir(parents=True)
    (empty / PLACE).rename(empty / "usr/lib/sysimage/rpm")
    (empty / PLACE).symlink_to("../../usr/lib/sysimage/rpm")
    (empty / "usr/share/rpm").symlink_to("/var/lib/rpm")
    [tea] = take(empty)
    assert tea.location == "/usr/lib/sysimage/rpm/rpmdb.sqlite"


def test_an_empty_database_that_was_left_behind_does_not_count(
    empty: Path, packages: dict[str, Path], tmp_path: Path
) -> None:
    rpm(empty, "-qa")
    (empty / "usr/lib/sysimage").mkdir(parents=True)
    (empty / PLACE).rename(empty / "usr/lib/sysimage/rpm")
    install(empty, packages["tea-1"])
    assert versions(empty) == {"rpm/tea:noarch": "1:1.0-1"}


def test_a_root_in_which_nothing_is_installed_has_no_package_and_no_gap(empty: Path) -> None:
    rpm(empty, "-qa")
    assert collector.present(open_host(str(empty)).root)
    assert take(empty) == []


def test_package_urls_are_canonical(root: Path) -> None:
    parse = pytest.importorskip("packageurl").PackageURL.from_string
    for record in listed(root).values():
        assert parse(record.purl).to_string() == record.purl
        assert record.purl.startswith(f"pkg:rpm/centos/{record.name.replace('+', '%2B')}@")


def test_who_built_a_package_is_told_from_its_vendor_and_key(centos: Path, tmp_path: Path) -> None:
    packages = listed(root_with(tmp_path / "root", centos / "centos7-httpd24")).values()
    assert {(package.vendor, package.signing_key): package.provenance for package in packages} == {
        ("CentOS", "24c6a8a7f4a80eb5"): "distribution",
        ("CentOS", "4eb84e71f2ee9d55"): "distribution",
        ("Fedora Project", "24c6a8a7f4a80eb5"): "distribution",
        ("Fedora Project", "6a2faea2352c64e5"): "third_party",
    }


def test_the_stream_of_a_module_is_the_channel_of_its_packages(centos: Path, tmp_path: Path) -> None:
    packages = listed(root_with(tmp_path / "root", centos / "centos8-modularitylabel")).values()
    labels = {package.modularity_label: package.channel for package in packages if package.modularity_label}
    assert labels["nodejs:10:8020020200707141642:6a468ee4"] == "nodejs:10"
    assert all(channel and label.startswith(f"{channel}:") for label, channel in labels.items())


def test_nothing_is_read_but_what_is_declared(empty: Path, packages: dict[str, Path]) -> None:
    install(empty, packages["tea-1"])
    seen: set[str] = set()
    host = open_host(str(empty), "/proc", seen.add)
    list(collector.packages(host, Asked(distribution(host.root)[0], True, True)))
    list(collector.owned(host.root))
    assert seen - {"/etc/os-release"} <= set(collector.READS)


def test_nothing_of_the_database_is_changed(empty: Path, packages: dict[str, Path]) -> None:
    install(empty, packages["tea-1"])
    before = {file.name: (file.stat().st_mtime_ns, file.read_bytes()) for file in (empty / PLACE).iterdir()}
    take(empty)
    assert {file.name: (file.stat().st_mtime_ns, file.read_bytes()) for file in (empty / PLACE).iterdir()} == before


def test_rows_that_share_their_pages_are_not_read_for_ever(empty: Path, packages: dict[str, Path]) -> None:
    install(empty, packages["tea-1"])
    with closing(sqlite3.connect(empty / PLACE / "rpmdb.sqlite")) as connection:
        connection.execute("pragma journal_mode = delete")
        [(header,)] = connection.execute("select blob from Packages")
    (empty / PLACE / "rpmdb.sqlite").unlink()
    with closing(sqlite3.connect(empty / PLACE / "rpmdb.sqlite")) as connection:
        connection.execute("pragma page_size = 65536")
        connection.execute("create table Packages (hnum integer primary key autoincrement, blob blob not null)")
        connection.execute("insert into Packages values (null, ?)", [header + bytes(20000)])
        connection.commit()
        [(leaf,)] = connection.execute("select rootpage from sqlite_master where name = 'Packages'")
    content = bytearray(_content(empty, "rpmdb.sqlite"))
    start, rows = (leaf - 1) * 65536, 10000
    content[start + 3 : start + 5] = rows.to_bytes(2, "big")
    content[start + 8 : start + 8 + 2 * rows] = content[start + 8 : start + 10] * rows
    (empty / PLACE / "rpmdb.sqlite").write_bytes(content)
    *records, gap = take(empty)
    assert {record.key for record in records} == {"rpm/tea:noarch"}
    assert len(records) < 1000
    assert (gap.reason, gap.hides) == ("limit", "rpm/")


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.integers(0, 1 << 30), st.binary(min_size=1, max_size=8)), min_size=1, max_size=60))
def test_a_changed_database_gives_packages_and_gaps(
    empty: Path, installed: bytes, changes: list[tuple[int, bytes]]
) -> None:
    content = bytearray(installed)
    for place, written in changes:
        content[place % len(content) : place % len(content) + len(written)] = written
    plant(empty, {f"{PLACE}/rpmdb.sqlite": bytes(content)})
    tree = open_host(str(empty)).root
    assert {type(record) for record in take(empty)} <= {Package, Gap}
    assert {type(record) for record in collector.owned(tree)} <= {Owned, Gap}
    assert {type(record) for record in collector.shipped(tree)} <= {Shipped, Gap}
    tree.close()


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory, packages: dict[str, Path]) -> bytes:
    """A database of five packages."""
    root = tmp_path_factory.mktemp("installed")
    install(root, *packages.values(), how="-i")
    return (root / PLACE / "rpmdb.sqlite").read_bytes()
