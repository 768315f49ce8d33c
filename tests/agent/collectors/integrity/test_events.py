"""agent/collectors/integrity/events.py on real snapshots: nothing is counted twice or lost, whenever a scan fails."""

import json
import os
import resource
import signal
import subprocess
import sys
import time

import pytest

from agent.collectors.integrity import events as module
from agent.collectors.integrity.events import KEPT, events
from agent.delivery.last import LastSnapshot
from agent.delivery.store import write_snapshot
from agent.host import open_host
from agent.model.codec import encode
from agent.model.records import FileEvent, FileWatch, Gap
from agent.model.spec import Gone, Integrity, Options, Unchanged
from tests.agent.collectors.integrity.test_event_lines import FIELDS

NOW = int(time.time()) // 60 * 60
WEEK = 7 * 86400


class Section:
    """The section integrity with nothing in it but the watcher's part."""

    def __init__(self, folder, root) -> None:
        self.folder = folder / "integrity"
        self.folder.mkdir()
        self.root = root
        self.kept = WEEK
        self.watch = True
        self._succeeded_at = None
        self._runs = 0

    def journal(self, *lines) -> None:
        """Append lines to the journal as the watcher does; a dictionary is one that differs so from FIELDS."""
        with open(self.folder / "events.journal", "ab") as file:
            file.writelines(
                line if isinstance(line, bytes) else json.dumps({**AT, **line}).encode() + b"\n" for line in lines
            )

    def tell(self, **fields) -> None:
        """Write what the watcher says of itself."""
        told = {"state": "watching", "form": "file_systems", "reason": None, "since": 5, "missed": 0, **fields}
        (self.folder / "watch.json").write_text(json.dumps(told))

    def scan(self, *, committed=True, recorded=True) -> None:
        """Make a scan; one that is killed before it commits, or before it is put on record that it did."""
        last = LastSnapshot(str(self.folder))
        options = Options(
            previous=last.records,
            lines=last.lines,
            succeeded_at=self._succeeded_at,
            folder=str(self.folder),
            is_kept=True,
            integrity=Integrity(changes_kept=self.kept, watch=self.watch),
        )
        found = list(events(open_host(str(self.root), "/proc"), options))
        if not committed:
            return
        gaps = {record.key for record in found if isinstance(record, Gap)}
        found += [Gone(gap.key) for gap in last.records("gap:") if gap.key not in gaps]
        self._runs += 1
        write_snapshot(
            str(self.folder), "integrity", self._runs, [Unchanged(""), *found] if last.footer else records(found)
        )
        if recorded:
            self._succeeded_at = self._runs

    def of(self, kind):
        """Give the records of a kind in the snapshot."""
        return [record for record in LastSnapshot(str(self.folder)).records() if isinstance(record, kind)]

    def counts(self):
        """Give path and count of each event."""
        return [(event.path, event.count) for event in self.of(FileEvent)]


AT = {**FIELDS, "minute": NOW, "first_at": NOW, "last_at": NOW + 1}


def records(found):
    return [record for record in found if not isinstance(record, Gone)]


@pytest.fixture
def section(tmp_path):
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    (root / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\nada:x:1000:1000::/home/ada:/bin/sh\n")
    return Section(tmp_path, root)


def test_what_the_watcher_wrote_becomes_records_with_the_name_of_who_logged_in(section):
    section.journal({})
    section.scan()
    [event] = section.of(FileEvent)
    assert (event.path, event.pid, event.executable) == ("/etc/passwd", 77, "/usr/bin/vi")
    assert (event.login_uid, event.login_user, event.package) == (1000, "ada", None)
    assert section.of(Gap) == []


def test_the_package_of_the_program_is_told_but_for_programs_of_containers(section):
    info = section.root / "var/lib/dpkg/info"
    info.mkdir(parents=True)
    (section.root / "var/lib/dpkg/status").write_text(
        "Package: vim\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n\n"
    )
    (info / "vim.list").write_text("/.\n/usr\n/usr/bin\n/usr/bin/vi\n")
    section.journal({}, {"pid": 78, "container": "abc"}, {"pid": 79, "executable": "/tmp/vi"})
    section.scan()
    assert [(event.pid, event.package) for event in section.of(FileEvent)] == [
        (77, "dpkg/vim:amd64"),
        (78, None),
        (79, None),
    ]


def test_lines_of_one_process_path_and_minute_are_one_record(section):
    section.journal({"count": 1, "actions": ["create"]}, {"count": 900}, {"path": "/etc/group"})
    section.scan()
    section.journal({"count": 1000, "actions": ["delete"]})
    section.scan()
    assert section.counts() == [("/etc/group", 2), ("/etc/passwd", 1000)]
    assert section.of(FileEvent)[1].actions == ("create", "delete", "modify")


@pytest.mark.parametrize("moment", [{"committed": False}, {"recorded": False}], ids=["before", "after the commit"])
def test_a_scan_that_is_killed_loses_no_event_and_counts_none_twice(section, moment):
    section.journal({})
    section.scan(**moment)
    section.journal({"path": "/etc/group"})
    section.scan(**moment)
    section.scan()
    section.scan()
    assert section.counts() == [("/etc/group", 2), ("/etc/passwd", 2)]
    assert sorted(os.listdir(section.folder)) == ["current.snap"]


def test_a_full_disk_loses_no_event(section):
    """A snapshot that cannot be written: its folder is full, as far as this process is concerned."""

    section.journal({})
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        with pytest.raises(OSError):
            section.scan()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    section.scan()
    assert section.counts() == [("/etc/passwd", 2)]


def test_old_events_go(section):
    section.journal({}, {"minute": NOW - 7200, "path": "/etc/group"})
    section.scan()
    assert len(section.counts()) == 2
    section.kept = 3600
    section.scan()
    assert section.counts() == [("/etc/passwd", 2)]
    section.journal({"minute": NOW - 7200, "path": "/etc/group"})
    section.scan()
    assert section.counts() == [("/etc/passwd", 2)]


def test_of_too_many_events_the_oldest_go_and_a_gap_counts_them(section):
    section.journal(*({"path": f"/{number:05}", "minute": NOW - 120} for number in range(KEPT)))
    section.scan()
    assert section.of(Gap) == []
    section.journal(*({"path": f"/{number:05}", "minute": NOW - 60} for number in range(5)))
    section.scan()
    paths = [path for path, _ in section.counts()]
    assert (len(paths), paths[0], paths[-1]) == (KEPT, "/00005", "/00004")
    [gap] = section.of(Gap)
    assert (gap.reason, gap.hides, gap.detail.split()[0]) == ("limit", None, "5")
    section.scan()
    assert section.of(Gap) == []


def test_a_journal_beyond_the_limit_keeps_the_newest(section, monkeypatch):
    section.journal(*({"path": f"/{number:05}", "minute": NOW - 60} for number in range(KEPT)))
    section.journal(*({"path": f"/{number:05}"} for number in range(module._SLACK + 10)))
    section.scan()
    found = section.of(FileEvent)
    assert (len(found), found[-1].minute) == (KEPT, NOW)
    assert section.of(Gap)[0].detail.startswith(f"{module._SLACK + 10} ")


def test_damaged_lines_are_counted_and_the_others_are_kept(section):
    section.journal({}, b"half a li\n", b"\n", b"\xff\xff\n", {"path": "/etc/group"}, b'{"minute":')
    section.scan()
    assert len(section.counts()) == 2
    [gap] = section.of(Gap)
    assert (gap.key, gap.detail.split()[0], gap.reason) == ("gap:watcher/lines", "3", "malformed")


def test_a_scan_with_nothing_new_writes_no_snapshot(section):
    section.journal({})
    section.scan()
    before = os.stat(section.folder / "current.snap").st_ino
    section.scan()
    assert os.stat(section.folder / "current.snap").st_ino == before


@pytest.fixture
def watcher():
    """A process whose command line is the watcher's."""
    words = [sys.executable, "-c", "import sys; print(flush=True); sys.stdin.read()", "agent.watch", "/state"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        yield process.pid
        process.stdin.close()


def test_lost_events_are_a_gap_until_the_next_scan_without_a_loss(section, watcher):
    section.tell(missed=3, pid=watcher)
    section.scan()
    [gap] = section.of(Gap)
    assert (gap.key, gap.hides, gap.detail.split()[0]) == ("gap:watcher/missed", None, "3")
    section.scan()
    assert section.of(Gap) == []
    section.tell(missed=8, pid=watcher)
    section.scan()
    assert section.of(Gap)[0].detail.split()[0] == "5"
    section.tell(since=9, missed=1, pid=watcher)
    section.scan()
    assert section.of(Gap)[0].detail.split()[0] == "1"
    section.tell(state="ended", since=None, missed=1)
    section.scan()
    assert section.of(Gap) == []
    section.tell(since=9, missed=1, pid=watcher)
    section.scan()
    assert section.of(Gap)[0].detail.split()[0] == "1"


def test_the_state_of_the_watcher_is_a_record(section):
    section.tell(pid=1)
    section.scan()
    assert section.of(FileWatch) == [FileWatch("ended", None, "the watcher died", None, 0)]
    section.watch = False
    section.scan()
    assert section.of(FileWatch) == [FileWatch("off", None, "it is switched off by integrity.watch", None, 0)]


def test_an_account_that_cannot_be_read_is_a_gap_and_the_event_is_there(section):
    os.unlink(section.root / "etc/passwd")
    os.mkfifo(section.root / "etc/passwd")
    section.journal({})
    section.scan()
    assert section.of(FileEvent)[0].login_user is None
    assert [gap.key for gap in section.of(Gap)] == ["gap:/etc/passwd"]


def test_without_a_folder_nothing_is_told(section):
    section.journal({})
    assert list(events(open_host(str(section.root), "/proc"), Options())) == []


def test_names_that_are_not_utf_8_stay_what_they_are(section):
    section.journal({"path": "/etc/\udcff\n"})
    section.scan()
    assert section.of(FileEvent)[0].path == "/etc/\udcff\n"
    assert b"\\\\xff" in encode(section.of(FileEvent)[0]).stable
