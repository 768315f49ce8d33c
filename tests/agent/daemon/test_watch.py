"""agent/daemon/watch.py: a stand-in for the watcher lives, speaks and dies for real, on a clock that only the test moves."""

import os
import select
import signal

import pytest

from agent.daemon.log import Log
from agent.daemon.watch import DEAF, FIRST_WAIT, LONGEST_WAIT, SETTLED, STABLE, Watch

WANT = 'echo \'{"wants": "integrity"}\' >&3'
LIVE = "exec sleep 1000"


class Clock:
    now = 1_000_000.0

    def __call__(self):
        return self.now


class Watched:
    """A watch of a shell script."""

    def __init__(self, folder, script):
        self.clock = Clock()
        self.starts = folder / "starts"
        self.starts.touch()
        self.watch = Watch("files", self.words(script), self.clock, Log("info", self.clock))

    def words(self, script):
        return ["/bin/sh", "-c", f"echo $$ >> {self.starts}; {script}"]

    def started(self):
        return len(self.starts.read_text().splitlines())

    def spoken(self):
        """Wait until it may be heard, and give what it wants."""
        assert select.select(self.watch.listening(), [], [], 20)[0], "it said nothing"
        return self.watch.step()

    def ended(self):
        """Wait until the running one has ended and that is noted; give what it wanted."""
        pid = self.watch.pid
        fd = os.pidfd_open(pid)
        assert select.select([fd], [], [], 20)[0], "it did not end"
        os.close(fd)
        return self.watch.step()


@pytest.fixture
def watched(tmp_path):
    made = []

    def make(script):
        made.append(Watched(tmp_path, script))
        return made[-1]

    yield make
    for one in made:
        if one.watch.pid:
            os.killpg(one.watch.pid, signal.SIGKILL)


def test_without_words_there_is_nothing_to_keep_alive():
    watch = Watch("files", (), Clock(), Log("info", Clock()))
    assert watch.step() == []
    assert (watch.pid, watch.listening(), watch.next_check()) == (None, [], float("inf"))


def test_one_that_lives_needs_no_look(watched):
    at = watched(LIVE)
    at.watch.step()
    assert at.watch.pid
    assert at.watch.next_check() == float("inf")


def test_what_it_wants_is_heard_while_it_lives(watched):
    at = watched(f"{WANT}; {LIVE}")
    at.watch.step()
    assert at.spoken() == ["integrity"]
    assert at.watch.step() == []


def test_after_it_spoke_nobody_listens_for_a_moment_and_what_it_said_meanwhile_is_not_lost(watched, tmp_path):
    os.mkfifo(tmp_path / "go")
    at = watched(f"{WANT}; read x < {tmp_path}/go; {WANT}; echo > {tmp_path}/go; {LIVE}")
    at.watch.step()
    at.spoken()
    (tmp_path / "go").write_text("on\n")
    (tmp_path / "go").read_text()
    assert at.watch.listening() == []
    assert at.watch.next_check() == at.clock.now + DEAF
    at.clock.now += DEAF
    assert at.spoken() == ["integrity"]


@pytest.mark.parametrize(
    "garbage",
    ["x", "[1]", '{"wants": 1}', '{"wants": ["integrity"]}', '{"wants', "[" * 3000, "\\0\\377", '{"wants": "integrity'],
)
def test_garbage_is_passed_over(watched, garbage):
    at = watched(f"printf '%b\\n' '{garbage}' >&3; {WANT}; {LIVE}")
    at.watch.step()
    wanted = at.spoken()
    while not wanted:
        at.clock.now += DEAF
        wanted = at.spoken()
    assert wanted == ["integrity"]


def test_endless_talk_neither_holds_the_daemon_nor_keeps_it_awake(watched):
    at = watched("exec 2>/dev/null; while :; do echo babble >&3; printf x >&3; done")
    at.watch.step()
    for _ in range(20):
        assert at.spoken() == []
        assert at.watch.listening() == []
        at.clock.now += DEAF


def test_one_that_has_closed_its_line_but_lives_is_not_listened_to(watched):
    at = watched(f"exec 3>&-; {LIVE}")
    at.watch.step()
    at.spoken()
    assert at.watch.pid
    assert at.watch.listening() == []
    assert at.watch.next_check() == float("inf")


def test_one_that_was_killed_is_started_again_after_a_wait_that_doubles(watched, capfd):
    at = watched("kill -9 $$")
    at.watch.step()
    waits = []
    for _ in range(10):
        at.ended()
        waits.append(at.watch.next_check() - at.clock.now)
        at.clock.now = at.watch.next_check() - 0.01
        at.watch.step()
        assert at.watch.pid is None
        at.clock.now += 0.01
        at.watch.step()
    assert waits == [min(LONGEST_WAIT, FIRST_WAIT * 2**count) for count in range(10)]
    assert capfd.readouterr().err.count("killed by signal 9") == 1


def test_a_death_after_a_long_life_waits_no_longer_than_the_first(watched, capfd):
    at = watched(LIVE)
    at.watch.step()
    for _ in range(4):
        os.kill(at.watch.pid, signal.SIGKILL)
        at.ended()
        at.clock.now = at.watch.next_check()
        at.watch.step()
    at.clock.now += STABLE
    os.kill(at.watch.pid, signal.SIGKILL)
    at.ended()
    assert at.watch.next_check() == at.clock.now + FIRST_WAIT
    assert "watcher of files: it runs again" in capfd.readouterr().err


def test_one_that_cannot_work_here_is_not_started_again_until_a_restart(watched, capfd):
    at = watched("exit 0")
    at.watch.step()
    at.ended()
    assert at.watch.next_check() == float("inf")
    assert "cannot work here" in capfd.readouterr().err
    at.watch.restart(at.words(LIVE))
    at.watch.step()
    assert at.watch.pid


def test_one_that_worked_and_was_asked_to_end_by_somebody_else_is_started_again(watched):
    at = watched(f"trap 'exit 0' TERM; {WANT}; while :; do sleep 0.01; done")
    at.watch.step()
    at.clock.now += SETTLED
    at.spoken()
    os.kill(at.watch.pid, signal.SIGTERM)
    at.ended()
    assert at.watch.next_check() == at.clock.now + FIRST_WAIT


def test_its_last_words_are_heard(watched):
    at = watched(f"{WANT}; exit 1")
    at.watch.step()
    assert at.ended() == ["integrity"]


def test_a_restart_ends_the_one_that_runs_and_only_then_starts_another(watched):
    at = watched(LIVE)
    at.watch.step()
    first = at.watch.pid
    at.watch.restart(at.words(LIVE))
    assert at.watch.pid == first
    at.ended()
    assert at.watch.pid not in (None, first)
    assert not os.path.exists(f"/proc/{first}")


def test_a_restart_without_words_ends_it_for_good(watched):
    at = watched(LIVE)
    at.watch.step()
    at.watch.restart(())
    at.ended()
    assert (at.watch.pid, at.watch.next_check()) == (None, float("inf"))


def test_one_that_does_not_listen_is_killed_when_it_is_stopped(watched, tmp_path):
    os.mkfifo(tmp_path / "ready")
    at = watched(f"trap '' TERM; echo > {tmp_path}/ready; while :; do sleep 1000; done")
    at.watch.step()
    (tmp_path / "ready").read_bytes()
    at.watch.stop()
    at.clock.now = at.watch.next_check()
    at.watch.step()
    at.ended()
    assert (at.watch.pid, at.watch.next_check()) == (None, float("inf"))


def test_a_command_that_is_missing_is_tried_again(watched, capfd):
    clock = Clock()
    watch = Watch("files", ["/nonexistent/python"], clock, Log("info", clock))
    watch.step()
    assert watch.next_check() == clock.now + FIRST_WAIT
    assert "could not be started" in capfd.readouterr().err
