import json
import os
import select

from agent.daemon.plan import Look, Period, path_in, read, write

COMPLETE = 'echo "{\\"status\\":\\"complete\\",\\"changed\\":false}" >&3'
CHANGED = 'echo "{\\"status\\":\\"complete\\",\\"changed\\":true}" >&3'


def collections(bench):
    return [call for call in bench.started() if call.startswith("collect")]


def deliveries(bench):
    return [call for call in bench.started() if call.startswith("deliver")]


def test_every_section_is_collected_at_the_start(bench):
    at = bench(COMPLETE, sections={"host": Period(3600, 60), "packages": Period(3600, 60)})
    at.go_on(lambda: len(collections(at)) == 2)
    assert collections(at) == ["collect host", "collect packages"]


def test_two_collections_never_run_side_by_side(bench, tmp_path):
    script = f"mkdir {tmp_path}/alone || echo >> {tmp_path}/broken; rmdir {tmp_path}/alone; {COMPLETE}"
    at = bench(script, sections={name: Period(60, 60) for name in ("a", "b", "c")})
    at.go_on(lambda: len(collections(at)) >= 9)
    assert not (tmp_path / "broken").exists()


def test_the_first_delivery_waits_a_random_time(bench):
    at = bench(CHANGED)
    start = at.clock.now
    at.go_on(lambda: bool(deliveries(at)))
    assert at.clock.now - start == 150


def test_a_change_is_delivered_at_once_later_on(bench):
    at = bench(CHANGED, sections={"ports": Period(5000, 60)}, heartbeat=50_000, splay=1)
    at.go_on(lambda: bool(deliveries(at)))
    at.rest()
    collected, delivered = len(collections(at)), len(deliveries(at))
    at.go_on(lambda: len(collections(at)) > collected)
    collected_at = at.clock.now
    at.go_on(lambda: len(deliveries(at)) > delivered)
    assert at.clock.now - collected_at < 1


def test_a_change_during_a_delivery_is_delivered_after_it(bench, tmp_path):
    os.mkfifo(tmp_path / "go")
    script = (
        f"[ $1 = deliver ] && [ ! -e {tmp_path}/once ] && touch {tmp_path}/once && read x < {tmp_path}/go; {CHANGED}"
    )
    at = bench(script, sections={"ports": Period(5000, 60)}, heartbeat=4000, splay=0)
    start = at.clock.now
    while len(collections(at)) < 1 or "collect" in at.daemon.running:
        at.daemon.step()
    at.daemon.step()
    (tmp_path / "go").write_text("on\n")
    at.go_on(lambda: len(deliveries(at)) == 2)
    assert at.clock.now - start < 10


def test_without_a_change_only_the_heartbeat_is_delivered(bench):
    at = bench(COMPLETE, sections={"ports": Period(60, 60)}, heartbeat=900, splay=0)
    start = at.clock.now
    at.go_on(lambda: at.clock.now > start + 3600)
    assert 4 <= len(deliveries(at)) <= 6


def test_after_a_failure_the_destination_is_spared(bench):
    script = (
        '[ $1 = deliver ] && echo "{\\"error\\":\\"503\\",\\"next_in\\":500}" >&3'
        ' || echo "{\\"status\\":\\"complete\\",\\"changed\\":true}" >&3'
    )
    at = bench(script, sections={"ports": Period(60, 60)}, heartbeat=900, splay=0)
    at.go_on(lambda: bool(deliveries(at)))
    at.rest()
    failed_at = at.clock.now
    before = len(deliveries(at))
    at.go_on(lambda: len(deliveries(at)) > before)
    assert 499 <= at.clock.now - failed_at <= 501


def test_a_worker_that_dies_without_a_word_is_put_on_record(bench):
    at = bench('[ $1 = record ] && echo \'{"status":"failed"}\' >&3 || kill -9 $$')
    at.go_on(lambda: any(call.startswith("record") for call in at.started()))
    record = next(call for call in at.started() if call.startswith("record"))
    assert record.startswith("record packages failed the worker was killed by signal 9")


def test_a_worker_that_takes_too_long_is_put_on_record_as_timed_out(bench):
    at = bench("[ $1 = record ] && exit; exec sleep 1000", sections={"packages": Period(3600, 60)})
    at.daemon.step()
    at.clock.now += 61
    at.go_on(lambda: any(call.startswith("record") for call in at.started()))
    assert "record packages timed_out" in "\n".join(at.started())


def test_a_refused_configuration_leaves_the_plan_in_force(bench, capfd):
    at = bench(f"[ $1 = reload ] && exit 2; {COMPLETE}")
    plan = at.daemon.plan
    at.daemon.reload()
    at.rest()
    assert at.daemon.plan is plan
    assert "refused" in capfd.readouterr().err


def test_a_reload_takes_up_the_new_plan_and_starts_only_what_is_new(bench, tmp_path):
    at = bench(COMPLETE)
    at.go_on(lambda: bool(collections(at)))
    at.rest()
    new = at.daemon.plan._replace(sections={"packages": Period(1800, 60), "ports": Period(600, 60)})
    with open(path_in(str(tmp_path)), "wb") as file:
        file.write(write(new))
    at.daemon.reload()
    at.go_on(lambda: len(collections(at)) == 2)
    assert collections(at)[-1] == "collect ports"
    assert at.daemon.timetable.dues()["packages"] - at.clock.now <= 1800


def test_a_plan_that_is_damaged_leaves_the_one_before_in_force(bench, tmp_path, capfd):
    at = bench(COMPLETE)
    with open(path_in(str(tmp_path)), "wb") as file:
        file.write(b'{"half')
    plan = at.daemon.plan
    at.daemon.reload()
    at.rest()
    assert at.daemon.plan is plan
    assert "stays in force" in capfd.readouterr().err


def test_stopping_ends_every_worker_and_starts_none(bench):
    at = bench("exec sleep 1000", sections={"a": Period(60, 60), "b": Period(60, 60)})
    at.daemon.step()
    pids = [worker.pid for worker in at.daemon.running.values()]
    at.daemon.stop()
    at.go_on(lambda: not at.daemon.running)
    assert pids
    assert not any(os.path.exists(f"/proc/{pid}") for pid in pids)
    assert len(collections(at)) <= 1


def test_a_command_that_is_missing_is_told_and_tried_again(bench, capfd):
    at = bench(COMPLETE, worker=["/nonexistent/python"], sections={"a": Period(60, 60)})
    start = at.clock.now
    at.go_on(lambda: at.clock.now > start + 300)
    assert "no worker could be started" in capfd.readouterr().err


def test_the_delivery_worker_is_told_what_the_agent_has_used(bench):
    at = bench(COMPLETE, splay=0)
    at.go_on(lambda: bool(deliveries(at)))
    assert json.loads(deliveries(at)[0].split()[1]) >= 0


WANT = 'echo "{\\"wants\\": \\"integrity\\"}" >&3'
INTEGRITY = {"integrity": Period(5000, 60)}


def watching(bench, tmp_path, script=COMPLETE):
    """Start a daemon beside whose one collection a watcher stands by that wants another whenever $wish is written to."""
    os.mkfifo(tmp_path / "wish")
    words = ["/bin/sh", "-c", f"exec 5<>{tmp_path}/wish; while read x <&5; do {WANT}; done"]
    at = bench(script, sections=INTEGRITY, heartbeat=50_000, splay=50_000, watches={"files": words})
    at.go_on(lambda: len(collections(at)) == 1)
    at.rest()
    return at


def wish(at, tmp_path):
    """Have the watcher want a collection, and the daemon hear it."""
    at.clock.now += 1  # it listens again a moment after it last heard something
    (tmp_path / "wish").write_text("x\n")
    assert select.select(at.daemon.listening(), [], [], 20)[0]
    at.daemon.step()


def test_what_the_watcher_wants_is_collected_at_once(bench, tmp_path):
    at = watching(bench, tmp_path)
    asked_at = at.clock.now
    wish(at, tmp_path)
    at.go_on(lambda: len(collections(at)) == 2)
    assert at.clock.now - asked_at <= 1
    at.daemon.stop()


def test_many_wishes_are_one_collection_a_minute(bench, tmp_path):
    at = watching(bench, tmp_path)
    wish(at, tmp_path)
    asked_at = at.clock.now
    at.go_on(lambda: len(collections(at)) == 2)
    at.rest()
    for _ in range(10):
        wish(at, tmp_path)
    assert len(collections(at)) == 2
    at.go_on(lambda: len(collections(at)) == 3)
    assert at.clock.now - asked_at >= 60
    at.rest()
    assert at.daemon.timetable.dues()["integrity"] > asked_at + 1000
    at.daemon.stop()


def test_a_wish_during_a_collection_is_met_after_it(bench, tmp_path):
    os.mkfifo(tmp_path / "go")
    script = f"[ -e {tmp_path}/first ] || {{ touch {tmp_path}/first; read x < {tmp_path}/go; }}; {COMPLETE}"
    os.mkfifo(tmp_path / "wish")
    words = ["/bin/sh", "-c", f"exec 5<>{tmp_path}/wish; while read x <&5; do {WANT}; done"]
    at = bench(script, sections=INTEGRITY, heartbeat=50_000, splay=50_000, watches={"files": words})
    at.daemon.step()
    wish(at, tmp_path)
    assert len(at.daemon.running) == 1
    (tmp_path / "go").write_text("x\n")
    at.go_on(lambda: len(collections(at)) == 2)
    at.daemon.stop()


def test_a_section_that_is_not_enabled_cannot_be_wanted(bench, tmp_path):
    at = bench(COMPLETE, watches={"files": ["/bin/sh", "-c", f"{WANT}; exec sleep 1000"]})
    at.daemon.step()
    assert select.select(at.daemon.listening(), [], [], 20)[0]
    at.rest()
    assert set(at.daemon.timetable.dues()) == {"packages", "deliver"}
    at.daemon.stop()


def test_a_reload_starts_the_watcher_of_the_new_plan_in_place_of_the_old(bench, tmp_path):
    at = bench(COMPLETE, watches={"files": ["/bin/sleep", "1000"]})
    at.rest()
    first = at.daemon.watchers.get("files")
    os.mkfifo(tmp_path / "new")
    words = ["/bin/sh", "-c", f"echo new > {tmp_path}/new; exec sleep 1000"]
    with open(path_in(str(tmp_path)), "wb") as file:
        file.write(write(at.daemon.plan._replace(watches={"files": words})))
    at.daemon.reload()
    at.rest()
    while at.daemon.watchers.get("files") == first:
        at.daemon.step()
    assert (tmp_path / "new").read_text() == "new\n"
    assert not os.path.exists(f"/proc/{first}")
    at.daemon.stop()


def test_stopping_ends_the_watcher(bench):
    at = bench(COMPLETE, watches={"files": ["/bin/sleep", "1000"]})
    at.rest()
    pid = at.daemon.watchers.get("files")
    at.daemon.stop()
    while not at.daemon.is_idle:
        at.daemon.step()
    assert not os.path.exists(f"/proc/{pid}")


def test_a_section_that_waited_is_not_forgotten_by_a_reload(bench, tmp_path):
    at = bench(COMPLETE, sections={"a": Period(3600, 60), "b": Period(3600, 60)})
    with open(path_in(str(tmp_path)), "wb") as file:
        file.write(write(at.daemon.plan))
    at.daemon.reload()
    start = at.clock.now
    at.go_on(lambda: len(collections(at)) == 2)
    assert at.clock.now - start < 10


def glancing(bench, folder, script=COMPLETE, every=30):
    (folder / "groups").mkdir()
    looks = {"containers": Look([str(folder / "groups")], "^box-", 3600)}
    at = bench(script, sections={"containers": Period(every, 60)}, looks=looks)
    at.go_on(lambda: len(collections(at)) == 1)
    at.rest()
    return at


def test_a_section_with_a_glance_is_collected_only_when_that_shows_something_new(bench, tmp_path):
    at = glancing(bench, tmp_path)
    start = at.clock.now
    at.go_on(lambda: at.clock.now > start + 3000)
    assert len(collections(at)) == 1
    (tmp_path / "groups/box-1").mkdir()
    changed_at = at.clock.now
    at.go_on(lambda: len(collections(at)) == 2)
    assert at.clock.now - changed_at <= 60


def test_it_is_collected_now_and_then_all_the_same(bench, tmp_path):
    at = glancing(bench, tmp_path)
    start = at.clock.now
    at.go_on(lambda: len(collections(at)) == 2)
    assert 3500 < at.clock.now - start < 3700


def test_one_that_failed_is_tried_again_sooner(bench, tmp_path):
    at = glancing(bench, tmp_path, 'echo "{\\"status\\":\\"failed\\"}" >&3')
    start = at.clock.now
    at.go_on(lambda: len(collections(at)) == 2)
    assert 500 < at.clock.now - start < 700


def test_what_is_looked_at_survives_the_file_of_the_plan(bench, tmp_path):
    at = glancing(bench, tmp_path)
    (tmp_path / "plan.json").write_bytes(write(at.daemon.plan))
    assert read(str(tmp_path)).looks == at.daemon.plan.looks
