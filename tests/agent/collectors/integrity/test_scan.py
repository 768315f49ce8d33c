"""agent/collectors/integrity: what a scan finds, what it leaves alone, and what it makes of it."""

from __future__ import annotations

import hashlib
import os
import socket
import time
from zlib import crc32

import pytest

from agent.collectors.integrity.scan import Scan
from agent.delivery.attempts import Attempt, write_attempt
from agent.delivery.store import folder_of, write_snapshot
from agent.host import open_host
from agent.model.codec import dumps
from agent.model.records import File, FileChange, Gap
from agent.model.settings import Settings
from agent.worker.collect import options_for
from tests.hosts.trees import plant

DAY = 86400


class Watched:
    """A root with a watched tree, and scans of it that become its snapshot."""

    def __init__(self, folder) -> None:
        self.root = folder / "root"
        self.tree = self.root / "watched"
        self.tree.mkdir(parents=True)
        self.settings = Settings(
            state_dir=str(folder / "state"), root=str(self.root), integrity_trees=("/watched",), integrity_watch=False
        )

    @property
    def folder(self) -> str:
        return folder_of(self.settings.state_dir, "integrity")

    def options(self, ago: int = 0):
        options = options_for(self.settings, "integrity")
        return options._replace(succeeded_at=int(time.time()) - ago)

    def scan(self, ago: int = 0, options=None):
        """Scan once what has rested, and keep the snapshot; ago: seconds that the last scan shall be back."""
        rest(self.tree)
        scan = Scan(open_host(str(self.root), None), options or self.options(ago))
        result = write_snapshot(self.folder, "integrity", int(time.time()), scan.records())
        write_attempt(self.folder, Attempt("integrity", "complete", int(time.time()), 0.0, 0.0, 0.0, 0, 0, None))
        return scan, result

    def records(self, kind=File):
        return [record for record in self.options().previous() if isinstance(record, kind)]

    def file(self, path: str) -> File:
        return next(record for record in self.records() if record.path == path)

    def changes(self) -> dict[str, tuple[str, ...]]:
        return {change.verdict: change.members for change in self.records(FileChange)}

    def forget_changes(self) -> None:
        self.settings = self.settings._replace(integrity_changes_kept=0)


def rest(tree) -> None:
    """Wait until the clock is past the ticks in which the tree was changed, as it is for all but the youngest files."""
    paths = [tree, *tree.rglob("*")]
    newest = max(os.lstat(path).st_ctime_ns for path in paths)
    while time.time_ns() < newest + 110_000_000:
        os.sched_yield()


@pytest.fixture
def watched(tmp_path) -> Watched:
    return Watched(tmp_path)


def test_a_first_scan_tells_of_every_path_and_calls_nothing_a_change(watched) -> None:
    (watched.tree / "program").write_bytes(b"content")
    (watched.tree / "program").chmod(0o4755)
    (watched.tree / "link").symlink_to("program")
    os.mkfifo(watched.tree / "fifo")
    os.mknod(watched.tree / "device", 0o20600, os.makedev(1, 3))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(watched.tree / "socket"))
        watched.scan()
    found = {record.path: record.type for record in watched.records()}
    assert found == {
        "/watched": "directory",
        "/watched/device": "character_device",
        "/watched/fifo": "fifo",
        "/watched/link": "symlink",
        "/watched/program": "regular",
        "/watched/socket": "socket",
    }
    program = watched.file("/watched/program")
    assert program.sha256 == hashlib.sha256(b"content").hexdigest()
    assert (program.mode, program.marks, program.size, program.links) == ("4755", ("setuid",), 7, 1)
    assert watched.file("/watched/device").device == "1:3"
    assert watched.file("/watched/link").target == "program"
    assert watched.changes() == {}


def test_an_unchanged_tree_is_not_read_and_nothing_is_written(watched) -> None:
    for name in (b"a", b"a!", b'quote"', b"line\nbreak", b"\xff", b"back\\slash", b"\\xff"):
        with open(os.fsencode(watched.tree) + b"/" + name, "wb") as file:
            file.write(name)
    (watched.tree / "a.d").mkdir()
    (watched.tree / "a.d" / "x").write_bytes(b"x")
    first, _ = watched.scan()
    before = os.stat(os.path.join(watched.folder, "current.snap")).st_ino
    second, result = watched.scan()
    assert (first.files_read, second.files_read, result.changed) == (8, 0, False)
    assert os.stat(os.path.join(watched.folder, "current.snap")).st_ino == before


def test_what_is_new_changed_and_gone_is_one_change_for_each_verdict(watched) -> None:
    for name in ("changed", "gone", "same"):
        (watched.tree / name).write_bytes(b"before")
    watched.scan()
    (watched.tree / "changed").write_bytes(b"after, and longer")
    (watched.tree / "gone").unlink()
    (watched.tree / "new").write_bytes(b"new")
    scan, result = watched.scan()
    assert scan.files_read == 2
    assert result.changed
    assert [record.path for record in watched.records()] == [
        "/watched",
        "/watched/changed",
        "/watched/new",
        "/watched/same",
    ]
    (change,) = watched.records(FileChange)
    assert (change.created, change.modified, change.removed, change.omitted) == (1, 1, 1, 0)
    members = {member.partition(" ")[2]: member.partition(" ")[0].split(",") for member in change.members}
    assert members["/watched/new"] == ["created"]
    assert members["/watched/gone"] == ["removed"]
    assert {"sha256", "size"} <= set(members["/watched/changed"])


def test_content_that_was_changed_under_forged_times_is_found_when_its_turn_comes(watched) -> None:
    path = watched.tree / "program"
    path.write_bytes(b"honest!")
    watched.scan()
    known = watched.file("/watched/program")
    path.write_bytes(b"trojan!")
    os.utime(path, (known.modified_at, known.modified_at))
    rest(watched.tree)
    options = watched.options()

    def forged():
        status = os.lstat(path)
        now = b"%d:%d:%d:%d:%d" % (
            status.st_dev,
            status.st_ino,
            status.st_size,
            status.st_mtime_ns,
            status.st_ctime_ns,
        )
        return (line.replace(known.stamp.encode(), now) for line in options.lines())

    scan, _ = watched.scan(options=options._replace(lines=forged))
    assert scan.files_read == 0
    scan, result = watched.scan(options=options._replace(lines=forged, succeeded_at=int(time.time()) - 8 * DAY))
    assert (scan.reread, result.changed) == (1, True)
    assert watched.file("/watched/program").sha256 == hashlib.sha256(b"trojan!").hexdigest()


def test_a_scan_reads_the_unchanged_files_that_are_due(watched) -> None:
    for number in range(100):
        (watched.tree / f"{number}").write_bytes(b"x")
    watched.scan()
    now = int(time.time())
    scan, result = watched.scan(ago=3 * DAY + DAY // 2)
    expected = sum(
        (crc32(dumps(f"/watched/{number}")) - now + 3 * DAY + DAY // 2) % (7 * DAY) < 3 * DAY + DAY // 2
        for number in range(100)
    )
    assert scan.reread == pytest.approx(expected, abs=1)
    assert 20 < scan.reread < 80
    assert not result.changed


def package(root, md5: str, status: str = "install ok installed", version: str = "1") -> None:
    """Make dpkg know a package with one program and one configuration file."""
    conffile = hashlib.md5(b"as shipped").hexdigest()
    text = (
        f"Package: tool\nStatus: {status}\nArchitecture: all\nVersion: {version}\n"
        f"Conffiles:\n /watched/tool.conf {conffile}\n\n"
    )
    plant(
        root,
        {
            "var/lib/dpkg/status": text.encode(),
            "var/lib/dpkg/info/tool.list": b"/.\n/watched\n/watched/tool\n/watched/tool.conf\n",
            "var/lib/dpkg/info/tool.md5sums": f"{md5}  watched/tool\n".encode(),
        },
    )


@pytest.fixture
def packaged(watched) -> Watched:
    """A tree with a program and a configuration file of a package."""
    (watched.tree / "tool").write_bytes(b"version 1")
    (watched.tree / "tool.conf").write_bytes(b"as shipped")
    package(watched.root, hashlib.md5(b"version 1").hexdigest())
    rest(watched.root)
    watched.scan()
    return watched


def test_files_are_judged_by_what_their_package_shipped(packaged) -> None:
    (packaged.tree / "own").write_bytes(b"nobody's")
    (packaged.tree / "tool.conf").write_bytes(b"edited by hand")
    packaged.scan()
    verdicts = {record.path: (record.verdict, record.owner) for record in packaged.records()}
    assert verdicts["/watched/tool"] == ("packaged", "dpkg/tool:all")
    assert verdicts["/watched/tool.conf"] == ("configured", "dpkg/tool:all")
    assert verdicts["/watched/own"] == ("unowned", None)
    assert set(packaged.changes()) == {"configured", "unowned"}


def test_a_changed_program_contradicts_its_package(packaged) -> None:
    (packaged.tree / "tool").write_bytes(b"trojan  1")
    packaged.scan()
    assert packaged.file("/watched/tool").verdict == "contradicts"
    assert list(packaged.changes()) == ["contradicts"]


def test_an_upgrade_is_one_change_that_its_package_explains(packaged) -> None:
    (packaged.tree / "tool").write_bytes(b"version 2, longer")
    package(packaged.root, hashlib.md5(b"version 2, longer").hexdigest(), version="2")
    rest(packaged.root)
    packaged.scan()
    assert packaged.file("/watched/tool").verdict == "packaged"
    (change,) = packaged.records(FileChange)
    assert (change.verdict, change.modified, change.packages) == ("explained", 1, ("dpkg/tool:all",))


def test_a_mode_that_was_changed_is_explained_by_no_package(packaged) -> None:
    (packaged.tree / "tool").chmod(0o4755)
    packaged.scan()
    assert list(packaged.changes()) == ["altered"]


def test_a_verdict_waits_for_a_package_that_is_half_configured(packaged) -> None:
    (packaged.tree / "tool").write_bytes(b"version 2, longer")
    md5 = hashlib.md5(b"version 2, longer").hexdigest()
    package(packaged.root, md5, status="install ok half-configured", version="2")
    rest(packaged.root)
    packaged.scan()
    assert packaged.file("/watched/tool").verdict == "pending"
    package(packaged.root, md5, version="2")
    rest(packaged.root)
    packaged.scan()
    assert packaged.file("/watched/tool").verdict == "packaged"


def test_a_file_that_is_too_large_is_watched_unread(watched) -> None:
    with open(watched.tree / "huge", "wb") as file:
        file.truncate(2 << 30)
    scan, _ = watched.scan()
    huge = watched.file("/watched/huge")
    assert (huge.unread, huge.sha256, huge.marks, huge.size) == ("too_large", None, ("sparse",), 2 << 30)
    assert scan.bytes_read == 0
    assert watched.scan()[0].files_read == 0


def test_many_small_files_are_read_by_threads_in_order(watched) -> None:
    for number in range(300):
        (watched.tree / f"{number:03}").write_bytes(b"%d" % number)
    scan, _ = watched.scan()
    assert scan.files_read == 300
    digests = [record.sha256 for record in watched.records() if record.type == "regular"]
    assert digests == [hashlib.sha256(b"%d" % number).hexdigest() for number in range(300)]


def test_changes_that_two_scans_find_within_a_second_are_told_apart(watched, monkeypatch) -> None:
    now = int(time.time()) + 10
    for name in ("a", "b"):
        (watched.tree / name).write_bytes(b"x")
    watched.scan()
    monkeypatch.setattr("agent.collectors.integrity.scan.time.time", lambda: now)
    for name in ("a", "b"):
        (watched.tree / name).write_bytes(b"changed")
        watched.scan()
    told = [
        (change.at - now, [member.split()[-1] for member in change.members]) for change in watched.records(FileChange)
    ]
    assert told == [(0, ["/watched/a"]), (1, ["/watched/b"])]


def test_old_changes_are_forgotten(watched) -> None:
    watched.scan()
    (watched.tree / "new").write_bytes(b"new")
    watched.scan()
    assert watched.records(FileChange)
    watched.forget_changes()
    (watched.tree / "newer").write_bytes(b"newer")
    options = watched.options()
    later = options._replace(integrity=options.integrity._replace(changes_kept=-10))
    watched.scan(options=later)
    assert [change.at for change in watched.records(FileChange)] == [
        max(change.at for change in watched.records(FileChange))
    ]


def test_without_a_database_nothing_is_called_unowned(watched) -> None:
    (watched.tree / "file").write_bytes(b"x")
    watched.scan()
    assert watched.file("/watched/file").verdict is None
    assert not watched.records(Gap)


def test_a_package_manager_at_work_delays_no_verdict_on_what_is_unchanged(packaged) -> None:
    before = packaged.file("/watched/tool.conf")
    (packaged.tree / "tool").write_bytes(b"version 2, longer")
    md5 = hashlib.md5(b"version 2, longer").hexdigest()
    package(packaged.root, md5, status="install ok half-configured", version="2")
    rest(packaged.root)
    packaged.scan(ago=8 * DAY)
    assert packaged.file("/watched/tool").verdict == "pending"
    assert packaged.file("/watched/tool.conf") == before
    package(packaged.root, md5, version="2")
    rest(packaged.root)
    scan, _ = packaged.scan()
    assert (scan.files_read, packaged.file("/watched/tool").verdict) == (1, "packaged")


def test_a_file_that_is_read_later_is_no_change(watched, monkeypatch) -> None:
    (watched.tree / "file").write_bytes(b"content")
    monkeypatch.setattr("agent.collectors.integrity.scan.PROCESSOR_SECONDS", -1.0)
    watched.scan()
    assert (watched.file("/watched/file").unread, watched.file("/watched/file").sha256) == ("budget", None)
    monkeypatch.undo()
    watched.scan()
    assert watched.file("/watched/file").sha256 == hashlib.sha256(b"content").hexdigest()
    assert watched.changes() == {}


def test_another_choice_of_trees_is_no_change_of_files(watched) -> None:
    (watched.tree / "file").write_bytes(b"content")
    (watched.root / "other").mkdir()
    (watched.root / "other" / "file").write_bytes(b"content")
    watched.scan()
    watched.settings = watched.settings._replace(integrity_trees=("/other",))
    watched.scan()
    assert {record.path for record in watched.records()} == {"/other", "/other/file"}
    assert watched.changes() == {}


def test_of_very_many_gaps_the_rest_is_one(watched) -> None:
    scan = Scan(open_host(str(watched.root), None), watched.options())
    for number in range(6000):
        scan.report(Gap(f"/watched/{number}", "denied", "not permitted", f"/watched/{number}/"))
    gaps = [record for record in scan.records() if isinstance(record, Gap)]
    assert len(gaps) == 5001
    assert [record.hides for record in gaps if not record.subject.startswith("/")] == ["/"]


@pytest.fixture
def rested(packaged, monkeypatch) -> Watched:
    """The same once the database of packages has rested, so that its stamp tells that it is unchanged."""
    monkeypatch.setattr("agent.databases.stamp._YOUNG", 0.0)
    packaged.scan()
    return packaged


def test_a_due_file_of_a_package_that_is_as_it_was_needs_no_database_and_no_writing(rested) -> None:
    read = []
    scan = Scan(open_host(str(rested.root), None, read.append), rested.options(ago=8 * DAY))
    assert [type(found).__name__ for found in scan.records()] == ["Unchanged", "FileWatch"]
    assert (scan.files_read, scan.reread) == (2, 2)
    assert not [path for path in read if path.endswith((".md5sums", ".list"))]


def test_a_due_file_under_forged_times_is_judged_by_its_package(rested) -> None:
    known = rested.file("/watched/tool").stamp.encode()
    (rested.tree / "tool").write_bytes(b"trojan  1")
    rest(rested.tree)
    status = os.lstat(rested.tree / "tool")
    now = b"%d:%d:%d:%d:%d" % (status.st_dev, status.st_ino, 9, status.st_mtime_ns, status.st_ctime_ns)
    options = rested.options(ago=8 * DAY)
    rested.scan(options=options._replace(lines=lambda: (line.replace(known, now) for line in options.lines())))
    assert rested.file("/watched/tool").verdict == "contradicts"
    assert list(rested.changes()) == ["contradicts"]


def test_a_due_file_that_the_budget_leaves_out_keeps_its_digest_and_is_read_next_time(rested, monkeypatch) -> None:
    before = rested.file("/watched/tool")
    monkeypatch.setattr("agent.collectors.integrity.scan.PROCESSOR_SECONDS", -1.0)
    rested.scan(ago=8 * DAY)
    assert rested.file("/watched/tool").sha256 == before.sha256
    monkeypatch.setattr("agent.collectors.integrity.scan.PROCESSOR_SECONDS", 60.0)
    scan, _ = rested.scan()
    assert (scan.files_read, rested.file("/watched/tool")) == (2, before)
    assert rested.changes() == {}
