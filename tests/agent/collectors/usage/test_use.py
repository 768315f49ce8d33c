"""The record of a package's use."""

from agent.collectors.usage.use import Use
from tests.agent.collectors.usage.making import known, process


def record(use, before=None, hears=True):
    return use.record("host", "dpkg/a:amd64", known(), before, hears)


def used(grade="mapped", at=100, through=None):
    use = Use()
    use.add(grade, through, at)
    return use


def test_the_strongest_evidence_counts_with_what_it_was_seen_through():
    use = used("opened", through="/app.jar")
    use.add("executed", None, 101)
    use.add("mapped", "/x", 102)
    made = record(use)
    assert (made.evidence, made.through, made.first_seen, made.last_seen) == ("executed", None, 100, 102)


def test_evidence_only_grows_while_the_scope_runs():
    before = record(used("executed", 50))
    after = record(used("opened", 100), before)
    assert (after.evidence, after.first_seen, after.last_seen) == ("executed", 50, 100)


def test_what_is_now_replaces_what_was():
    first = used()
    first.used_by([process(1, root=True)], ["any"])
    first.is_stale_in([process(1)], "0.9")
    first.is_setuid = True
    before = record(first)
    assert (before.listening, before.exposure, before.stale, before.processes) == (True, "any", True, 1)
    after = record(used(), before)
    assert (after.listening, after.exposure, after.stale, after.stale_versions, after.processes) == (
        False,
        None,
        False,
        (),
        0,
    )
    assert (after.root, after.setuid) == (True, True)


def test_the_widest_exposure_counts():
    use = used()
    use.used_by([process(1)], ["loopback"])
    use.used_by([process(2)], ["public", "private"])
    assert record(use).exposure == "public"


def test_who_could_not_be_heard_is_not_said_to_be_silent():
    assert record(used(), hears=False).listening is None


def test_services_are_to_be_restarted_and_processes_that_are_in_none():
    use = used()
    use.is_stale_in([process(1, service="nginx.service"), process(2, service="nginx.service")], "1.0")
    use.is_stale_in([process(3, name="bash")], None)
    made = record(use)
    assert (made.restart, made.restart_pids, made.stale_versions) == (("bash", "nginx.service"), (1, 2, 3), ("1.0",))


def test_what_is_to_be_restarted_is_bounded():
    use = used()
    use.is_stale_in([process(number, name=f"p{number}") for number in range(1, 200)], None)
    assert (len(record(use).restart), len(record(use).restart_pids)) == (16, 64)
