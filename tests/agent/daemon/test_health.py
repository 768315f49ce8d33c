"""agent/daemon/health.py: the last attempt counts, and a failure does not hide when there was a success."""

from agent.daemon.health import Health


class Wall:
    now = 1000.0

    def __call__(self):
        return self.now


REPORT = {
    "status": "complete",
    "count": 7,
    "gaps": 1,
    "started_at": 900,
    "seconds": 1.5,
    "cpu_seconds": 0.5,
    "peak_mib": 2,
}


def test_a_report_is_kept_as_numbers():
    health = Health(Wall())
    health.collected("ports", REPORT)
    known = health.sections["ports"]
    assert (known.status, known.records, known.gaps) == ("complete", 7, 1)
    assert (known.attempted_at, known.succeeded_at, known.seconds) == (900, 900, 1.5)
    assert (known.cpu_seconds, known.peak_bytes) == (0.5, 2 * 1024 * 1024)


def test_a_failure_keeps_the_time_of_the_last_success():
    health = Health(Wall())
    health.collected("ports", REPORT)
    health.collected("ports", {**REPORT, "status": "failed", "started_at": 950})
    assert health.sections["ports"][:5] == ("failed", 7, 1, 950, 900)
    health.died("ports", "timed_out")
    assert health.sections["ports"][:5] == ("timed_out", 0, 0, 1000.0, 900)


def test_a_section_that_never_succeeded_has_no_success():
    health = Health(Wall())
    health.died("ports", "failed")
    assert health.sections["ports"].succeeded_at is None


def test_a_report_that_is_nonsense_is_no_number():
    health = Health(Wall())
    health.collected("ports", {"status": ["x"], "count": "many", "peak_mib": None})
    assert health.sections["ports"][1:3] == (0, 0)


def test_deliveries_are_counted_by_their_result():
    wall = Wall()
    health = Health(wall)
    health.sent({"bytes": 10, "undelivered": ["ports"]}, failed=True)
    assert (health.delivered, health.failed, health.is_failing, health.waiting) == (0, 1, True, 1)
    assert health.delivered_at is None
    wall.now = 2000.0
    health.sent({"bytes": 5, "undelivered": []}, failed=False)
    assert (health.delivered, health.failed, health.is_failing, health.waiting) == (1, 1, False, 0)
    assert health.summary() == "0 of 0 sections complete; delivered"
    assert (health.sent_bytes, health.delivered_at) == (15, 2000.0)
    health.sent({}, failed=True)
    assert (health.is_failing, health.waiting, health.delivered_at) == (True, 0, 2000.0)
    health.collected("ports", REPORT)
    health.died("packages", "failed")
    assert health.summary() == "1 of 2 sections complete; the last delivery failed"
