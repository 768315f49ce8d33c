"""Databases of dpkg that are missing, broken, endless or no files at all."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from agent.collectors.packages import collect
from agent.host import open_host
from agent.host.errors import Unsettled
from agent.model.codec import encode
from agent.model.records import Gap, Package
from agent.model.spec import Options
from tests.hosts.trees import STATUS, gaps, listed, plant, replace, stanza, take_packages, take_packages_as_nobody

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from agent.model.records import Record

MIB = 1024 * 1024


def test_a_missing_status_beside_lists_of_files_is_no_empty_one(tmp_path: Path) -> None:
    plant(tmp_path, {"var/lib/dpkg/info/a.list": b"/.\n"})
    assert only_gap(take_packages(tmp_path)) == (f"/{STATUS}", "absent", "dpkg/")


def test_an_empty_status_lists_nothing_and_hides_nothing(tmp_path: Path) -> None:
    plant(tmp_path, {STATUS: b""})
    assert take_packages(tmp_path) == []


def as_directory(path: Path, outside: Path) -> None:
    path.mkdir()


def as_fifo(path: Path, outside: Path) -> None:
    os.mkfifo(path)


def as_device(path: Path, outside: Path) -> None:
    os.mknod(path, 0o020666, os.makedev(1, 5))


def as_loop(path: Path, outside: Path) -> None:
    path.symlink_to(path.name)


def as_dangling_link(path: Path, outside: Path) -> None:
    path.symlink_to("nowhere")


def as_link_out_of_the_root(path: Path, outside: Path) -> None:
    path.symlink_to(outside)


def as_climbing_link_out_of_the_root(path: Path, outside: Path) -> None:
    path.symlink_to(f"../../../../../{outside.name}")


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (as_directory, "not_a_file"),
        (as_fifo, "not_a_file"),
        (as_device, "not_a_file"),
        (as_loop, "escapes"),
        (as_dangling_link, "absent"),
        (as_link_out_of_the_root, "absent"),
        (as_climbing_link_out_of_the_root, "absent"),
    ],
)
@pytest.mark.parametrize("name", [STATUS, "var/lib/dpkg/status.d/a"])
def test_a_status_that_is_no_file_of_the_root_is_never_opened(
    tmp_path: Path, make: Callable[[Path, Path], None], reason: str, name: str
) -> None:
    root = plant(tmp_path / "root", {"var/lib/dpkg/available": b""})
    plant(tmp_path, {"outside": stanza("outsider")})
    (root / name).parent.mkdir(exist_ok=True)
    make(root / name, tmp_path / "outside")
    assert only_gap(take_packages(root)) == (f"/{name}", reason, "dpkg/")


def test_a_link_within_the_root_is_followed(tmp_path: Path) -> None:
    plant(tmp_path, {"opt/status": stanza("a"), "var/lib/dpkg/available": b""})
    (tmp_path / STATUS).symlink_to("/opt/status")
    assert list(listed(take_packages(tmp_path))) == ["a"]


def test_a_status_that_may_not_be_read_is_denied(tmp_path: Path) -> None:
    plant(tmp_path, {STATUS: stanza("a")})
    (tmp_path / STATUS).chmod(0)
    assert only_gap(take_packages_as_nobody(tmp_path)) == (f"/{STATUS}", "denied", "dpkg/")


@pytest.mark.parametrize("size", [1, 50, 150, 200, 210, 250, 300, 330, 350, 370, 400])
def test_a_status_that_was_cut_off_hides_what_may_have_followed(tmp_path: Path, size: int) -> None:
    text = stanza("a") + stanza("b")
    plant(tmp_path, {STATUS: text[:size]})
    records = take_packages(tmp_path)
    assert f"/{STATUS}" in [found.subject for found in gaps(records)]
    assert all(found.hides == "dpkg/" for found in gaps(records) if found.subject == f"/{STATUS}")
    assert all(package.version == "1.0-1" for package in listed(records).values())


GARBAGE = {
    "zeros": b"\0" * MIB,
    "a program": b"\x7fELF\x02\x01\0\0",
    "zeros between empty lines": b"\n\n\0\n\n",
    "every byte": bytes(range(256)) * 4096,
    "colons": b":\n:\n\n",
}


@pytest.mark.parametrize("content", GARBAGE.values(), ids=GARBAGE)
def test_garbage_lists_no_package_and_hides_all(tmp_path: Path, content: bytes) -> None:
    plant(tmp_path, {STATUS: content})
    records = take_packages(tmp_path)
    assert gaps(records) == records
    assert {found.hides for found in gaps(records)} == {"dpkg/"}


def test_random_bytes_end_in_gaps(tmp_path: Path) -> None:
    plant(tmp_path, {STATUS: os.urandom(4 * MIB)})
    assert all(isinstance(record, Gap) for record in take_packages(tmp_path))


def test_stanzas_without_a_name_are_one_gap_that_hides_all(tmp_path: Path) -> None:
    plant(tmp_path, {STATUS: stanza("") + stanza("a") + stanza("")})
    records = take_packages(tmp_path)
    assert [(found.reason, found.hides) for found in gaps(records)] == [("malformed", "dpkg/")]
    assert list(listed(records)) == ["a"]


def test_a_stanza_without_a_version_is_a_package_of_unknown_version(tmp_path: Path) -> None:
    plant(tmp_path, {STATUS: stanza("a", "") + stanza("b")})
    records = take_packages(tmp_path)
    package = listed(records)["a"]
    assert (package.version, package.epoch, package.purl, package.source_version) == (None, None, None, None)
    assert [(found.subject, found.reason, found.hides) for found in gaps(records)] == [
        ("dpkg/a:amd64", "malformed", None)
    ]


@pytest.mark.parametrize("status", ["", "installed", "install ok installed now"])
def test_a_stanza_without_a_proper_status_hides_its_package_alone(tmp_path: Path, status: str) -> None:
    plant(tmp_path, {STATUS: stanza("a", status=status) + stanza("b")})
    records = take_packages(tmp_path)
    assert list(listed(records)) == ["b"]
    assert [(found.subject, found.hides) for found in gaps(records)] == [("dpkg/a:amd64", "dpkg/a:amd64")]


def test_names_that_are_no_utf_8_or_no_names_are_reported_and_can_be_written(tmp_path: Path) -> None:
    names = (b"b\xe9", b"../../etc/shadow", b"a\0b", b"x" * 5000, "\N{SNOWMAN}".encode())
    texts = [stanza("NAME").replace(b"NAME", name) for name in names]
    plant(tmp_path, {STATUS: b"".join(texts), "var/lib/dpkg/info/a.list": b""})
    records = take_packages(tmp_path)
    assert len(listed(records)) == 5
    assert b'"dpkg/b\\\\xe9:amd64"' in {encode(record).key_json for record in records}


def test_windows_line_ends_make_no_difference(tmp_path: Path) -> None:
    text = stanza("a") + stanza("b", "2:1-2")
    plant(tmp_path / "unix", {STATUS: text})
    plant(tmp_path / "windows", {STATUS: text.replace(b"\n", b"\r\n")})
    assert take_packages(tmp_path / "windows") == take_packages(tmp_path / "unix")


@pytest.mark.parametrize(
    "more",
    ["Description: " + "x" * 300_000 + "\n", "Conffiles:\n" + " /etc/x 0123\n" * 30_000],
    ids=["one line", "many lines"],
)
def test_long_fields_are_passed_over(tmp_path: Path, more: str) -> None:
    plant(tmp_path, {STATUS: stanza("a") + more.encode() + stanza("b") + stanza("c")})
    assert list(listed(take_packages(tmp_path))) == ["a", "b", "c"]


def test_a_stanza_without_end_hides_itself_and_not_what_follows(tmp_path: Path) -> None:
    endless = stanza("a")[:-1] + b"Notes: " + b"x" * (3 * MIB) + b"\n\n"
    plant(tmp_path, {STATUS: endless + stanza("b")})
    records = take_packages(tmp_path)
    assert list(listed(records)) == ["b"]
    assert [found.hides for found in gaps(records)] == ["dpkg/"]


def test_a_journal_that_cannot_be_read_hides_all(tmp_path: Path) -> None:
    plant(tmp_path, {STATUS: stanza("a"), "var/lib/dpkg/updates/0000": b""})
    (tmp_path / "var/lib/dpkg/updates/0001").mkdir()
    records = take_packages(tmp_path)
    assert [(found.subject, found.reason, found.hides) for found in gaps(records)] == [
        ("/var/lib/dpkg/updates", "not_a_file", "dpkg/")
    ]
    assert list(listed(records)) == ["a"]


def test_a_journal_of_too_many_files_is_a_limit(tmp_path: Path) -> None:
    updates = {f"var/lib/dpkg/updates/{number:04}": b"" for number in range(1001)}
    plant(tmp_path, {STATUS: stanza("a"), **updates})
    assert [found.reason for found in gaps(take_packages(tmp_path))] == ["limit"]


def test_a_gigabyte_of_nothing_and_a_hundred_thousand_packages_stay_within_a_few_megabytes(tmp_path: Path) -> None:
    plant(tmp_path / "sparse", {STATUS: b""})
    os.truncate(tmp_path / "sparse" / STATUS, 1024 * MIB)
    plant(tmp_path / "many", {STATUS: b"".join(stanza(f"package{number}") for number in range(100_000))})
    program = """
import sys
from agent.collectors.packages import collect
from agent.host import open_host
from agent.model.records import Gap
from agent.model.spec import Options
for root in sys.argv[1:]:
    counts, last = [0, 0], None
    for record in collect(open_host(root), Options(parts=frozenset(["dpkg"]))):
        counts[isinstance(record, Gap)] += record.KIND in ("gap", "package")
        last = record if record.KIND in ("gap", "package") else last
    print(*counts, getattr(last, "reason", None), getattr(last, "hides", None))
print(next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""
    command = [sys.executable, "-c", program, tmp_path / "sparse", tmp_path / "many"]
    sparse, many, peak = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert sparse == "0 1 limit dpkg/"
    assert many == "100000 0 None None"
    assert int(peak) < 24 * 1024


def test_a_real_status_past_the_limit_gives_what_came_before_it(tmp_path: Path) -> None:
    filler = stanza("filler", more="Notes: " + "x" * (MIB // 2) + "\n")
    plant(tmp_path, {STATUS: stanza("first") + filler * 130 + stanza("last")})
    records = take_packages(tmp_path)
    assert list(listed(records)) == ["first", "filler"]
    assert [(found.reason, found.hides) for found in gaps(records)] == [("limit", "dpkg/")]


def test_a_status_that_is_replaced_all_the_time_is_never_mixed(tmp_path: Path) -> None:
    """A writer renames versions of 500 packages into place without pause, as no dpkg could."""
    contents = [b"".join(stanza(f"p{n}", str(version)) for n in range(500)) for version in range(4)]
    plant(tmp_path, {STATUS: contents[0], **{f"v{n}": content for n, content in enumerate(contents)}})
    program = """
import itertools, os, shutil, sys
os.chdir(sys.argv[1])
print(flush=True)
for n in itertools.cycle(range(4)):
    shutil.copyfile(f"v{n}", "new")
    os.rename("new", "var/lib/dpkg/status")
"""
    settled = 0
    with subprocess.Popen([sys.executable, "-c", program, tmp_path], stdout=subprocess.PIPE) as writer:
        assert writer.stdout
        writer.stdout.readline()
        try:
            for _ in range(60):
                versions = versions_of(tmp_path)
                assert versions is None or len(versions) == 500
                assert len(set(versions or "1")) == 1
                settled += versions is not None
        finally:
            writer.kill()
    assert settled


def test_a_status_that_is_replaced_while_its_packages_are_given_stays_what_it_was(tmp_path: Path) -> None:
    plant(tmp_path, {STATUS: b"".join(stanza(f"p{n}", "1") for n in range(3000))})
    records = collect(open_host(str(tmp_path)), Options())
    first = next(records)
    replace(tmp_path, STATUS, b"".join(stanza(f"p{n}", "2") for n in range(3000)))
    versions = [record.version for record in (first, *records) if isinstance(record, Package)]
    assert versions == ["1"] * 3000


@pytest.mark.parametrize("change", ["append", "cut"])
def test_a_status_that_is_written_to_while_it_is_read_is_unsettled(tmp_path: Path, change: str) -> None:
    text = b"".join(stanza(f"p{n}") for n in range(3000))
    plant(tmp_path, {STATUS: text})
    records = collect(open_host(str(tmp_path)), Options())
    next(records)
    if change == "append":
        with open(tmp_path / STATUS, "ab") as status:
            status.write(stanza("new"))
    else:
        os.truncate(tmp_path / STATUS, len(text) - 100)
    with pytest.raises(Unsettled):
        list(records)


def versions_of(root: Path) -> list[str | None] | None:
    """Give the versions of all packages of a root; None where dpkg is at work."""
    try:
        return [package.version for package in take_packages(root) if isinstance(package, Package)]
    except Unsettled:
        return None


def only_gap(records: list[Record]) -> tuple[str, str, str | None]:
    [record] = records
    assert isinstance(record, Gap)
    return record.subject, record.reason, record.hides
