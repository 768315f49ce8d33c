import pytest

from agent.daemon.timetable import Timetable


class Clock:
    now = 5_000_000.0

    def __call__(self):
        return self.now


def run_for(timetable, clock, seconds):
    """Let time fly from one due job to the next."""
    end = clock.now + seconds
    while clock.now + timetable.wait() < end:
        clock.now += max(0.0, timetable.wait())
        timetable.run_pending()
    clock.now = end


def test_a_job_is_due_at_once():
    clock = Clock()
    timetable = Timetable(clock, "host")
    ran = []
    timetable.add("packages", 3600, lambda: ran.append(clock.now))
    assert timetable.wait() == 0
    timetable.run_pending()
    assert ran == [clock.now]


def test_a_job_then_runs_once_a_period():
    clock = Clock()
    timetable = Timetable(clock, "host")
    ran = []
    timetable.add("ports", 600, lambda: ran.append(clock.now))
    run_for(timetable, clock, 6 * 600 + 300)
    gaps = [after - before for before, after in zip(ran[1:], ran[2:])]
    assert gaps == pytest.approx([600] * len(gaps))
    assert len(ran) in (6, 7)


def test_the_second_run_comes_no_sooner_than_half_a_period():
    for seed in map(str, range(200)):
        clock = Clock()
        timetable = Timetable(clock, seed)
        job = timetable.add("ports", 600, lambda: None)
        timetable.run_pending()
        assert 300 <= job.due - clock.now <= 900


def test_hosts_do_not_act_in_step():
    phases = set()
    for seed in map(str, range(100)):
        clock = Clock()
        timetable = Timetable(clock, seed)
        job = timetable.add("packages", 3600, lambda: None)
        timetable.run_pending()
        phases.add(round(job.due % 3600))
    assert len(phases) > 90


def test_the_wall_clock_does_not_matter(monkeypatch):
    import schedule

    class Wrong(schedule.datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return cls(2199, 1, 1)

    clock = Clock()
    timetable = Timetable(clock, "host")
    job = timetable.add("packages", 3600, lambda: None)
    timetable.run_pending()
    due = job.due
    monkeypatch.setattr(schedule.datetime, "datetime", Wrong)
    timetable.run_pending()
    assert job.due == due


def test_a_long_sleep_makes_one_run_not_many():
    clock = Clock()
    timetable = Timetable(clock, "host")
    ran = []
    timetable.add("ports", 600, lambda: ran.append(clock.now))
    timetable.run_pending()
    clock.now += 100_000
    timetable.run_pending()
    timetable.run_pending()
    assert len(ran) == 2
