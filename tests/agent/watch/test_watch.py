"""Real processes do things to real files, and a real watcher tells of them."""

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from agent.model.settings import Settings
from tests.agent.watch.watching import until

BECOME_ANOTHER = """
import os, sys
folder = os.open(sys.argv[1], os.O_PATH)
open("/proc/self/loginuid", "w").write("4321")
os.setuid(1234)
os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=folder)
sys.stdin.read()
"""
WITHOUT_FANOTIFY = """
import ctypes, errno, os, struct, sys
libc = ctypes.CDLL(None)
libc.prctl(38, 1, 0, 0, 0)
number = {"x86_64": 300, "aarch64": 262}[os.uname().machine]
code = [(0x20, 0, 0, 0), (0x15, 0, 1, number), (0x06, 0, 0, 0x00050000 | errno.ENOSYS), (0x06, 0, 0, 0x7FFF0000)]
filters = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in code))
program = struct.pack("HxxxxxxP", len(code), ctypes.addressof(filters))
assert libc.prctl(22, 2, program, 0, 0) == 0
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Runs a command under a filter that makes fanotify_init(2) answer as a kernel without it."""


def by(events, path):
    return [event for event in events if event["path"] == str(path)]


def only(events, path):
    (event,) = by(events, path)
    return event


def actions(events, path):
    return {action for event in by(events, path) for action in event["actions"]}


def test_a_file_that_is_created_written_and_changed_is_told_with_all_of_it(start, tree):
    watching = start().ready()
    path = tree / "file"
    path.write_text("content")
    path.chmod(0o600)
    path.unlink()
    event = only(watching.end(), path)
    assert event["actions"] == ["attributes", "create", "delete", "modify"]
    assert event["pid"] == os.getpid()
    assert event["executable"] == os.path.realpath(sys.executable)
    assert event["uid"] == os.geteuid()
    assert event["container"] is None
    assert event["minute"] == event["first_at"] - event["first_at"] % 60


def test_the_content_of_a_file_is_nowhere_in_the_journal(start, tree):
    watching = start().ready()
    (tree / "file").write_text("password-of-the-test")
    watching.end()
    assert b"password-of-the-test" not in (watching.folder / "events.journal").read_bytes()


def test_a_program_that_has_ended_is_known_all_the_same(start, tree):
    watching = start().ready()
    subprocess.run(("/usr/bin/touch", tree / "file"), check=True)
    event = only(watching.end(), tree / "file")
    assert event["executable"] == os.path.realpath("/usr/bin/touch")


def test_a_rename_across_directories_is_told_at_both(start, tree):
    (tree / "from").mkdir()
    (tree / "to").mkdir()
    (tree / "from/name").touch()
    watching = start().ready()
    (tree / "from/name").rename(tree / "to/other")
    events = watching.end()
    assert actions(events, tree / "from/name") == {"move_from"}
    assert actions(events, tree / "to/other") == {"move_to"}


def test_after_a_directory_is_renamed_its_files_have_their_new_paths(start, tree):
    (tree / "before/below").mkdir(parents=True)
    watching = start().ready()
    (tree / "before/below/file").write_text("1")
    (tree / "before").rename(tree / "after")
    (tree / "after/below/file").write_text("2")
    (tree / "after/below/other").write_text("3")
    events = watching.end()
    assert actions(events, tree / "before") == {"move_from"}
    assert actions(events, tree / "after") == {"move_to"}
    assert "create" in actions(events, tree / "after/below/other")
    assert not by(events, tree / "before/below/other")


def test_a_user_who_became_another_is_known_by_both(start, tree):
    try:
        Path("/proc/self/loginuid").write_text(Path("/proc/self/loginuid").read_text())
    except OSError:
        pytest.skip("this kernel has no loginuid that may be written")
    tree.chmod(0o777)
    watching = start().ready()
    with subprocess.Popen((sys.executable, "-c", BECOME_ANOTHER, tree), stdin=subprocess.PIPE) as other:
        until((tree / "file").exists)
        event = only(watching.end(), tree / "file")
    assert (event["pid"], event["uid"], event["login_uid"]) == (other.pid, 1234, 4321)


def test_the_execution_of_what_changed_is_told_once(start, tree):
    shutil.copy("/bin/true", tree / "old")
    watching = start().ready()
    shutil.copy("/bin/true", tree / "new")
    with subprocess.Popen((tree / "new",)) as first:
        pass
    subprocess.run((tree / "new",), check=True)
    subprocess.run((tree / "old",), check=True)
    events = watching.end()
    executed = [event for event in events if "execute" in event["actions"]]
    assert [(event["path"], event["pid"], event["executable"]) for event in executed] == [
        (str(tree / "new"), first.pid, str(tree / "new"))
    ]


def test_a_thousand_writes_within_a_minute_are_one_record_with_a_count(start, tree):
    watching = start().ready()
    for number in range(1000):
        (tree / "file").write_text(str(number))
    events = by(watching.end(), tree / "file")
    assert len(events) == len({event["minute"] for event in events})
    assert sum(event["count"] for event in events) > 1


def test_what_happens_outside_of_the_trees_and_in_what_is_excluded_is_not_told(start, tree, tmp_path):
    (tree / "cache").mkdir()
    watching = start(integrity_excludes=(f"{tree}/cache", f"{tree}/*.log")).ready()
    (tmp_path / "outside").write_text("1")
    (tree / "cache/file").write_text("1")
    (tree / "a.log").write_text("1")
    (tree / "inside").write_text("1")
    assert {event["path"] for event in watching.end()} == {str(tree / "inside")}


def test_a_tree_is_watched_to_its_depth(start, tree):
    (tree / "one/two").mkdir(parents=True)
    watching = start(integrity_trees=(f"{tree}:1",)).ready()
    (tree / "one/file").write_text("1")
    (tree / "file").write_text("1")
    assert {event["path"] for event in watching.end()} == {str(tree / "file")}


def test_a_tree_that_is_made_later_is_watched(start, tmp_path):
    watching = start(integrity_trees=(f"{tmp_path}/later",)).ready()
    (tmp_path / "later").mkdir()
    (tmp_path / "later/file").write_text("1")
    events = watching.end()
    assert actions(events, tmp_path / "later") == {"create"}
    assert "create" in actions(events, tmp_path / "later/file")


def test_a_tree_with_a_star_is_watched_wherever_it_is_and_will_be(start, tree):
    (tree / "ann/.ssh").mkdir(parents=True)
    (tree / "bob").mkdir()
    watching = start(integrity_trees=(f"{tree}/*/.ssh",)).ready()
    (tree / "ann/.ssh/keys").write_text("1")
    (tree / "ann/other").write_text("1")
    (tree / "bob/.ssh").mkdir()
    (tree / "bob/.ssh/keys").write_text("1")
    told = {event["path"] for event in watching.end()}
    assert told == {str(tree / name) for name in ("ann/.ssh/keys", "bob/.ssh", "bob/.ssh/keys")}


def test_the_state_folder_is_not_watched(start, tmp_path):
    watching = start(integrity_trees=(str(tmp_path),)).ready()
    (tmp_path / "state/file").write_text("1")
    (tmp_path / "other").write_text("1")
    assert {event["path"] for event in watching.end()} == {str(tmp_path / "other")}


def test_a_name_that_is_no_text_is_told_so_that_it_can_be_read_back(start, tree):
    watching = start().ready()
    name = os.fsencode(tree) + b"/new\nline\xff"
    os.close(os.open(name, os.O_CREAT | os.O_WRONLY))
    (event,) = watching.end()
    assert os.fsencode(event["path"]) == name


def test_below_another_root_paths_are_those_of_that_root(start, tree):
    (tree / "etc").mkdir()
    watching = start(root=str(tree), proc="/proc", integrity_trees=("/etc",)).ready()
    (tree / "etc/file").write_text("1")
    assert {event["path"] for event in watching.end()} == {"/etc/file"}


def test_twenty_thousand_files_at_once_are_seen_or_counted_as_missed(start, tree):
    watching = start().ready()
    for number in range(20000):
        os.close(os.open(tree / f"{number:05}", os.O_CREAT | os.O_WRONLY))
    seen = {event["path"] for event in watching.end()}
    missed = watching.told()["missed"]
    assert len(seen) + missed >= 20000 or (missed and os.read(watching.wants, 100))
    assert not missed or json.loads(os.read(watching.wants, 4096).splitlines()[0]) == {"wants": "integrity"}


def test_kill_and_restart_keep_what_was_written_and_ask_for_a_scan(start, tree):
    watching = start().ready()
    (tree / "first").write_text("1")
    (watching.folder / "events.journal").write_text('{"cut off')
    watching.process.kill()
    watching.process.wait()
    again = start().ready()
    assert os.read(again.wants, 100) == b'{"wants": "integrity"}\n'
    (tree / "second").write_text("1")
    again.process.send_signal(signal.SIGTERM)
    again.process.wait()
    cut, whole = (again.folder / "events.journal").read_bytes().splitlines()
    assert cut == b'{"cut off'
    assert json.loads(whole)["path"] == str(tree / "second")


def test_it_ends_when_the_daemon_is_gone(start):
    watching = start().ready()
    os.close(watching.wants)
    watching.wants = os.open("/dev/null", os.O_RDONLY)
    assert watching.ended() == 0
    assert watching.told()["state"] == "ended"


def test_other_settings_are_taken_over_when_asked(start, tree, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    watching = start().ready()
    watching.save(Settings(state_dir=str(watching.state), integrity_trees=(str(other),)))
    watching.process.send_signal(signal.SIGHUP)
    until(lambda: (other / "file").write_text("1") and str(other).encode() in watching.written())
    (tree / "file").write_text("1")
    assert not by(watching.end(), tree / "file")


def test_switched_off_it_says_so_and_ends(start):
    watching = start(integrity_watch=False)
    assert watching.ended() == 0
    assert watching.told()["state"] == "off"


def test_at_rest_nothing_wakes_it(start, tree):
    with mounted("-t", "tmpfs", "tmpfs", tree):
        (tree / "etc").mkdir()
        watching = start(root=str(tree), proc="/proc", integrity_trees=("/etc",)).ready()
        (tree / "etc/file").write_text("1")
        until(lambda: watching.written() and watching.is_asleep())
        sleeps = watching.sleeps()
        subprocess.run((sys.executable, "-c", "import json, sqlite3, http.client"), check=True)  # that takes its time
        assert watching.sleeps() == sleeps
        watching.end()


def test_it_takes_little_memory(start, tree):
    watching = start().ready()
    for number in range(3000):
        (tree / str(number)).touch()
    until(watching.written)
    assert watching.peak_kib() <= 15 * 1024


def test_where_it_may_not_mark_file_systems_it_watches_directories(start, tree):
    (tree / "old").mkdir()
    watching = start(before=("setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin")).ready()
    assert watching.told()["form"] == "directories"
    (tree / "old/file").write_text("1")
    (tree / "new").mkdir()
    until(lambda: (tree / "new/file").write_text("1") and b"new/file" in watching.written())
    (tree / "old").rename(tree / "renamed")
    until(lambda: (tree / "renamed/other").write_text("1") and b"renamed/other" in watching.written())
    events = watching.end()
    assert "create" in actions(events, tree / "old/file")
    assert only(events, tree / "old/file")["pid"] is None
    assert actions(events, tree / "renamed") == {"move_to"}


def test_where_there_is_no_fanotify_it_says_so_and_ends_well(start):
    watching = start(before=(sys.executable, "-c", WITHOUT_FANOTIFY))
    assert watching.ended() == 0
    told = watching.told()
    assert (told["state"], told["reason"]) == ("unavailable", "this kernel has no fanotify")


def test_a_bind_mount_is_watched_at_its_own_path(start, tree, tmp_path):
    real = tmp_path / "real"
    real.mkdir()
    with mounted("--bind", real, tree):
        watching = start().ready()
        (real / "file").write_text("1")
        (tree / "other").write_text("1")
        assert {event["path"] for event in watching.end()} == {f"{tree}/file", f"{tree}/other"}


def test_what_is_mounted_later_is_watched(start, tree):
    watching = start().ready()
    with mounted("-t", "tmpfs", "tmpfs", tree):
        until(lambda: (tree / "file").write_text("1") and b"file" in watching.written())
        events = watching.end()
    assert "modify" in actions(events, tree / "file")


def test_an_overlay_is_watched_directory_by_directory(start, tree, tmp_path):
    folder = tmp_path / "layers"
    folder.mkdir()
    with mounted("-t", "tmpfs", "tmpfs", folder):
        for name in ("lower/in", "upper", "work"):
            (folder / name).mkdir(parents=True)
        layers = f"lowerdir={folder}/lower,upperdir={folder}/upper,workdir={folder}/work"
        with mounted("-t", "overlay", "overlay", "-o", layers, tree):
            watching = start().ready()
            (tree / "file").write_text("1")
            (tree / "in/file").write_text("1")
            events = watching.end()
    assert {event["path"] for event in events} == {f"{tree}/file", f"{tree}/in/file"}
    assert {event["pid"] for event in events} == {os.getpid()}


def test_a_full_disk_loses_no_more_than_it_says(start, tree, tmp_path):
    state = tmp_path / "state"
    state.mkdir()
    with mounted("-t", "tmpfs", "-o", "size=64k", "tmpfs", state):
        watching = start().ready()
        (state / "filler").write_bytes(bytes(40 * 1024))
        for number in range(1000):
            (tree / str(number)).touch()
        seen = sum(event["count"] for event in watching.end())
        wanted = os.read(watching.wants, 100)
    assert 0 < seen < 1000
    assert wanted == b'{"wants": "integrity"}\n'


@contextmanager
def mounted(*words):
    subprocess.run(("mount", *map(str, words)), check=True)
    try:
        yield
    finally:
        subprocess.run(("umount", str(words[-1])), check=True)
