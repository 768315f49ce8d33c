"""A run of delivery against a real HTTP server: what is sent, what is kept, what is told."""

from __future__ import annotations

import json
import os
import threading

import pytest

from agent.delivery.attempts import Attempt, write_attempt
from agent.delivery.backoff import read_delivery
from agent.delivery.deliver import deliver, undelivered
from agent.delivery.https import Times
from agent.delivery.replica import acknowledged
from agent.delivery.store import folder_of, write_snapshot
from agent.model.codec import encode
from agent.model.records import Address, Gap, Package
from agent.worker.collectors import sections

NOW = 1_800_000_000


def address(number: int, interface: str = "eth0") -> Address:
    return Address(interface, f"10.0.0.{number}", 24, "private")


@pytest.fixture
def collect(tmp_path):
    def write(section: str, *records) -> None:
        write_snapshot(folder_of(str(tmp_path), section), section, NOW - 60, records)

    return write


@pytest.fixture
def confirmed(tmp_path):
    def read(section: str):
        found = acknowledged(folder_of(str(tmp_path), section))
        return found and (found.epoch, found.seq)

    return read


def holds(backend, section: str, *records) -> bool:
    stables = {record.key: encode(record).stable.decode() for record in records}
    return backend.records("agent-1", section) == stables


def test_a_snapshot_says_when_it_was_last_found_to_hold_and_a_delta_when_its_changes_were_found(
    backend, delivery, collect, tmp_path
):
    def attempted(at: int) -> None:
        write_attempt(folder_of(str(tmp_path), "host"), Attempt("host", "complete", at, 1, 1, 9, 1, 0, None))

    collect("host", address(1))
    attempted(NOW - 30)
    deliver(delivery)
    collect("host", address(2))
    attempted(NOW - 20)
    deliver(delivery)
    attempted(NOW - 10)
    backend.memory.resend = ["host"]
    deliver(delivery._replace(heartbeat_every=0))
    sent = [(envelope.type, envelope.taken_at - NOW) for envelope in backend.envelopes()]
    assert sent == [("snapshot", -30), ("delta", -60), ("snapshot", -10)]


def test_the_first_report_is_a_snapshot_and_the_next_a_delta(backend, delivery, collect):
    collect("host", address(1), address(2))
    assert deliver(delivery).sent == ("host",)
    collect("host", address(2), address(3))
    assert deliver(delivery).sent == ("host",)
    first, second = backend.envelopes()
    assert (first.type, first.seq, first.base_seq) == ("snapshot", 1, None)
    assert (second.type, second.seq, second.base_seq, second.epoch) == ("delta", 2, 1, first.epoch)
    assert backend.requests[-1].plain.count(b"\n") == 3
    assert holds(backend, "host", address(2), address(3))


def test_an_unchanged_host_sends_a_heartbeat_of_at_most_a_kilobyte(backend, delivery, collect, tmp_path):
    delivery = delivery._replace(sections=sections(), agent="3f0c8d4e-8b0e-4f6e-9d5e-0c8d4e8b0e4f")
    for number, section in enumerate(delivery.sections):
        collect(section, address(number))
        write_attempt(folder_of(str(tmp_path), section), Attempt(section, "complete", NOW - 60, 1, 1, 9, 1, 0, None))
    deliver(delivery)
    for number, section in enumerate(delivery.sections):
        collect(section, address(number))
    report = deliver(delivery)
    assert backend.paths()[-2:] == ["/v1/heartbeat"] * 2
    assert report.sent == report.undelivered == ()
    assert report.sent_bytes == len(backend.requests[-1].body) <= 1024
    told = json.loads(backend.requests[-1].plain)["sections"]
    assert set(told) == set(delivery.sections)
    assert told[delivery.sections[-1]]["digest"] == backend.envelopes()[-1].digest


def test_a_heartbeat_that_may_not_be_compressed_is_sent_as_it_is(backend, delivery, reply):
    backend.script = [reply(415, b'{"error": "encoding"}')]
    assert deliver(delivery).error is None
    assert [request.headers.get("Content-Encoding") for request in backend.requests] == ["gzip", None]
    assert json.loads(backend.requests[-1].body)["agent"] == "agent-1"


def test_a_heartbeat_is_sent_beside_reports_only_when_it_is_due(backend, delivery, collect):
    collect("host", address(1))
    deliver(delivery)
    collect("host", address(2))
    deliver(delivery)
    collect("host", address(3))
    deliver(delivery._replace(clock=lambda: NOW + 900))
    assert [path[4:] for path in backend.paths()] == ["reports", "heartbeat", "reports", "reports", "heartbeat"]


def test_a_section_that_the_backend_asks_for_is_sent_whole_in_the_same_run(backend, delivery, collect):
    collect("host", address(1))
    deliver(delivery)
    backend.memory.resend = ["host", "unknown"]
    assert deliver(delivery).sent == ("host",)
    last = backend.envelopes()[-1]
    assert (last.type, last.seq, last.epoch) == ("snapshot", 2, backend.envelopes()[0].epoch)


def test_a_conflict_is_resolved_by_a_snapshot_after_what_the_backend_has(backend, delivery, collect, confirmed):
    collect("host", address(1))
    deliver(delivery)
    backend.memory.sections["agent-1/host"].seq = 41
    collect("host", address(2))
    assert deliver(delivery).sent == ("host",)
    epoch = backend.envelopes()[0].epoch
    assert [(sent.type, sent.seq) for sent in backend.envelopes()[1:]] == [("delta", 2), ("snapshot", 42)]
    assert confirmed("host") == (epoch, 42)


def test_a_backend_that_lost_everything_gets_a_snapshot_of_a_new_epoch(backend, delivery, collect):
    collect("host", address(1))
    deliver(delivery)
    backend.memory.sections.clear()
    collect("host", address(2))
    assert deliver(delivery).sent == ("host",)
    sent = backend.envelopes()
    assert (sent[-1].type, sent[-1].seq) == ("snapshot", 1)
    assert sent[-1].epoch != sent[0].epoch
    assert holds(backend, "host", address(2))


@pytest.mark.parametrize("have", [b"null", b'{"epoch": "other", "seq": 9}'])
def test_what_the_backend_refutes_is_not_believed_any_more(backend, delivery, collect, reply, confirmed, have):
    collect("host", address(1))
    deliver(delivery)
    collect("host", address(2))
    backend.script = [reply(409, b'{"have": %b}' % have), reply(503)]
    assert deliver(delivery).undelivered == ("host",)
    assert confirmed("host") is None


def test_an_epoch_that_is_no_name_is_not_used_as_one(backend, delivery, collect, reply, confirmed):
    collect("host", address(1))
    backend.script = [reply(409, b'{"have": {"epoch": "../../evil", "seq": 1}}')]
    assert deliver(delivery).sent == ("host",)
    assert confirmed("host")[1] == 1
    assert "evil" not in confirmed("host")[0]


def test_a_second_conflict_is_told_and_nothing_is_lost(backend, delivery, collect, reply):
    collect("host", address(1))
    backend.script = [reply(409, b'{"have": null}'), reply(409, b'{"error": "again", "have": null}')]
    report = deliver(delivery)
    assert (report.undelivered, report.error) == (("host",), "host: the backend answered 409: again")
    assert deliver(delivery).sent == ("host",)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_stops_the_run_and_keeps_everything(backend, delivery, collect, reply, status):
    collect("host", address(1))
    collect("ports", address(2))
    backend.script = [reply(status, b'{"error": "unknown token"}')]
    report = deliver(delivery)
    assert report.undelivered == ("host", "ports")
    assert report.error == f"the backend answered {status}: unknown token"
    assert report.next_attempt
    assert len(backend.requests) == 1


def test_a_refused_token_is_read_anew_and_used_when_it_was_replaced(
    backend, delivery, collect, reply, tmp_path, sink_for
):
    token = tmp_path / "given"
    token.write_text("old\n")
    collect("host", address(1))

    def replace_token(handler) -> None:
        token.write_text("new\n")
        handler.wfile.write(b"HTTP/1.1 401 No\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")

    backend.script = [reply(raw=replace_token)]
    sink = sink_for(backend.url, backend_token=None, backend_token_file=str(token))
    assert deliver(delivery._replace(open_sink=lambda: sink)).sent == ("host",)
    assert [request.headers["Authorization"] for request in backend.requests] == ["Bearer old"] + ["Bearer new"] * 2


def test_a_clock_that_is_off_is_told_where_a_token_is_refused(backend, delivery, collect, reply):
    collect("host", address(1))
    date = "Fri, 15 Jan 2027 06:00:00 GMT"

    def raw(handler) -> None:
        body = b'{"error": "expired"}'
        handler.wfile.write(
            b"HTTP/1.1 401 No\r\nDate: %b\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b"
            % (date.encode(), len(body), body)
        )

    backend.script = [reply(raw=raw)]
    assert (
        deliver(delivery).error
        == "the backend answered 401: expired; this host's clock is 7200 s ahead of the backend's"
    )


def test_parts_that_are_too_large_are_halved(backend, delivery, collect, reply):
    collect("host", *(address(number, os.urandom(400).hex()) for number in range(200)))
    backend.script = [reply(413, b'{"error": "too large"}')]
    report = deliver(delivery)
    assert report.sent == ("host",)
    sizes = [len(request.body) for request in backend.requests if request.path == "/v1/reports"]
    assert max(sizes[1:]) <= sizes[0] // 2
    assert [sent.part for sent in backend.envelopes()[1:]] == list(range(1, len(sizes)))
    assert {sent.parts for sent in backend.envelopes()[1:]} == {len(sizes) - 1}


def test_a_message_that_is_too_large_however_small_is_noted_and_does_not_stop_the_rest(
    backend, delivery, collect, reply
):
    collect("host", address(1))
    collect("ports", address(2))
    backend.script = [reply(413, b'{"error": "too large"}')]
    report = deliver(delivery)
    assert (report.sent, report.undelivered) == (("ports",), ("host",))


def test_a_backend_that_takes_no_compression_gets_none_for_the_run(backend, delivery, collect, reply):
    collect("host", address(1))
    collect("ports", address(2))
    backend.script = [reply(415, b'{"error": "encoding"}')]
    assert deliver(delivery).sent == ("host", "ports")
    encodings = [request.headers.get("Content-Encoding") for request in backend.requests]
    assert encodings == ["gzip", None, None, None]


@pytest.mark.parametrize("status", [400, 422])
def test_a_refused_delta_is_noted_and_followed_by_a_snapshot(backend, delivery, collect, reply, tmp_path, status):
    collect("host", address(1))
    collect("ports", address(1))
    deliver(delivery)
    collect("host", address(2))
    collect("ports", address(2))
    backend.script = [reply(status, b'{"error": "line 2: key"}')]
    report = deliver(delivery)
    assert (report.sent, report.undelivered) == (("ports",), ("host",))
    note = json.loads((tmp_path / "sections/host/quarantine.json").read_text())
    assert (note["status"], note["type"]) == (status, "delta")
    assert "10.0.0" not in json.dumps(note)
    assert deliver(delivery).sent == ("host",)
    assert backend.envelopes()[-1].type == "snapshot"
    assert not (tmp_path / "sections/host/quarantine.json").exists()


def test_a_refused_snapshot_is_not_sent_again_until_it_changes_or_a_day_has_passed(backend, delivery, collect, reply):
    collect("host", address(1))
    backend.script = [reply(422, b'{"error": "kind"}')]
    deliver(delivery)
    assert deliver(delivery).undelivered == ("host",)
    assert len(backend.envelopes()) == 1
    backend.script = [reply(422, b'{"error": "kind"}')]
    deliver(delivery._replace(clock=lambda: NOW + 86400))
    assert len(backend.envelopes()) == 2
    collect("host", address(2))
    assert deliver(delivery._replace(clock=lambda: NOW + 86401)).sent == ("host",)


@pytest.mark.parametrize("status", [404, 408, 425, 429, 500, 502, 503])
def test_a_destination_that_fails_is_left_alone_as_a_whole(backend, delivery, collect, reply, status):
    collect("host", address(1))
    collect("ports", address(2))
    backend.script = [reply(status, b'{"error": "busy"}')]
    report = deliver(delivery)
    assert report.undelivered == ("host", "ports")
    assert report.next_attempt == 63
    again = deliver(delivery)
    assert len(backend.requests) == 1
    assert (again.error, again.next_attempt) == (f"the backend answered {status}: busy", 63)
    later = deliver(delivery._replace(clock=lambda: NOW + 63))
    assert (later.sent, later.error, later.next_attempt) == (("host", "ports"), None, None)


def test_retry_after_is_honoured_with_some_added(backend, delivery, collect, reply):
    collect("host", address(1))
    backend.script = [reply(429, b"{}", {"Retry-After": "400"})]
    assert deliver(delivery).next_attempt == 450


def test_retry_after_as_a_date_is_measured_by_the_backends_clock(backend, delivery, collect, reply):
    collect("host", address(1))

    def raw(handler) -> None:
        handler.wfile.write(
            b"HTTP/1.1 503 No\r\nDate: Fri, 15 Jan 2027 08:00:00 GMT\r\n"
            b"Retry-After: Fri, 15 Jan 2027 08:01:40 GMT\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
        )

    backend.script = [reply(raw=raw)]
    assert deliver(delivery).next_attempt == 113


STRANGE = {
    "html": (
        {"body": b"<html>login</html>", "headers": {"Content-Type": "text/html"}},
        "(200, text/html) is not the backend's",
    ),
    "nothing": ({"body": b""}, "is not the backend's"),
    "a list": ({"body": b"[]"}, "is not the backend's"),
    "deep": ({"body": b"[" * 60_000}, "is not the backend's"),
    "10 MB": ({"body": b"{}" + b" " * 10_000_000}, "longer than 64 KiB"),
    "redirect": ({"status": 307, "headers": {"Location": "http://127.0.0.1:1/"}}, "redirect (307)"),
    "staged": ({"body": b'{"staged": 1}'}, "does not confirm"),
    "another message": ({"body": b'{"have": {"epoch": "e", "seq": 1}}'}, "does not confirm"),
    "compressed": ({"headers": {"Content-Encoding": "gzip"}}, "compressed"),
    "closed": ({"raw": lambda handler: None}, "broke off"),
    "no HTTP": ({"raw": lambda handler: handler.wfile.write(b"SSH-2.0\r\n")}, "broke off"),
    "cut off": (
        {"raw": lambda handler: handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")},
        "broke off",
    ),
}


@pytest.mark.parametrize("kind", STRANGE)
def test_an_answer_that_is_not_the_backends_confirms_nothing(backend, delivery, collect, reply, confirmed, kind):
    fields, told = STRANGE[kind]
    collect("host", address(1))
    backend.script = [reply(**fields)]
    report = deliver(delivery)
    assert told in report.error
    assert "\n" not in report.error
    assert (report.undelivered, confirmed("host")) == (("host",), None)
    assert deliver(delivery._replace(clock=lambda: NOW + 1000)).sent == ("host",)


def test_an_answer_that_never_ends_is_given_up(backend, delivery, collect, reply, sink_for):
    over = threading.Event()

    def drip(handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        try:
            while not over.wait(0.05):
                handler.wfile.write(b"X: y\r\n")
        except OSError:
            over.set()

    collect("host", address(1))
    backend.script = [reply(raw=drip)]
    report = deliver(delivery._replace(open_sink=lambda: sink_for(backend.url, Times(5, 5, 0.4))))
    over.set()
    assert report.error.endswith("no answer within 0.4 s")
    assert report.undelivered == ("host",)


def test_a_lost_connection_is_told_with_its_reason_and_backs_off_further_each_time(
    delivery, collect, sink_for, tmp_path
):
    collect("host", address(1))
    delivery = delivery._replace(open_sink=lambda: sink_for("http://127.0.0.1:1"))
    assert deliver(delivery).error == "127.0.0.1:1: Connection refused"
    now, waits = NOW, []
    for _ in range(10):
        now = read_delivery(str(tmp_path)).not_before
        waits.append(deliver(delivery._replace(clock=lambda now=now: now)).next_attempt)
    assert waits == [5, 10, 20, 40, 80, 160, 320, 450, 450, 450]


def test_a_clock_that_was_set_back_does_not_stop_delivery(backend, delivery, collect, reply):
    collect("host", address(1))
    backend.script = [reply(503)]
    deliver(delivery)
    assert deliver(delivery._replace(clock=lambda: NOW - 86400)).sent == ("host",)


def test_a_damaged_acknowledged_snapshot_is_set_aside_and_a_new_epoch_starts(backend, delivery, collect, tmp_path):
    collect("host", address(1))
    deliver(delivery)
    collect("host", address(2))
    _damage(acknowledged(str(tmp_path / "sections/host")).path)
    assert deliver(delivery).sent == ("host",)
    first, last = backend.envelopes()
    assert (last.type, last.seq) == ("snapshot", 1)
    assert last.epoch != first.epoch
    assert (tmp_path / "sections/host/acknowledged.snap.corrupt").exists()


def test_a_damaged_current_snapshot_is_set_aside_and_the_section_waits(backend, delivery, collect, tmp_path, confirmed):
    collect("host", address(1))
    deliver(delivery)
    before = confirmed("host")
    collect("host", address(2))
    _damage(str(tmp_path / "sections/host/current.snap"))
    report = deliver(delivery)
    assert "set aside" in report.error
    assert (report.sent, report.undelivered, confirmed("host")) == ((), (), before)
    collect("host", address(3))
    assert deliver(delivery).sent == ("host",)
    assert backend.envelopes()[-1].type == "delta"


def test_damaged_notes_are_as_no_notes(backend, delivery, collect, tmp_path):
    collect("host", address(1))
    for name in ("delivery.json", "sections/host/attempt.json", "sections/host/quarantine.json"):
        (tmp_path / name).write_bytes(b'{"failures": "many"')
    (tmp_path / "delivery.json").write_bytes(b'{"failures": "many"}')
    assert deliver(delivery).sent == ("host",)


def test_a_collection_during_the_sending_is_not_confirmed_with_it(backend, delivery, collect, confirmed):
    collect("host", address(1))
    handle = backend.memory.handle

    def collect_meanwhile(request):
        backend.memory.handle = handle
        collect("host", address(2))
        return handle(request)

    backend.memory.handle = collect_meanwhile
    report = deliver(delivery)
    assert (report.sent, report.undelivered) == (("host",), ("host",))
    assert holds(backend, "host", address(1))
    deliver(delivery)
    assert holds(backend, "host", address(2))


def test_a_partial_snapshot_says_what_it_hides(backend, delivery, collect):
    collect("host", address(1), Gap("/proc", "denied", "Permission denied", "address:"))
    deliver(delivery)
    sent = backend.envelopes()[0]
    assert (sent.status, sent.hides, sent.count) == ("partial", ("address:",), 2)


def test_what_it_hides_is_written_as_keys_are(backend, delivery, collect):
    odd = Address("eth\udcff", "fe80::1", 64, "link")
    collect("host", odd, Gap("net", "denied", "Permission denied", odd.key))
    deliver(delivery)
    assert backend.envelopes()[0].hides == (r"address:fe80::1%eth\xff",)
    assert r"address:fe80::1%eth\xff" in backend.records("agent-1", "host")


def test_volatile_fields_travel_but_do_not_cause_a_report(backend, delivery, collect):
    collect("host", package(installed_at=5))
    deliver(delivery)
    collect("host", package(installed_at=6))
    assert undelivered(delivery.state_dir, delivery.sections) == ()
    assert b'"volatile":{"installed_at":5}' in backend.requests[0].plain


def package(installed_at: int) -> Package:
    return Package(
        "dpkg", "bash", "5.2-1", 0, "5.2", "1", "amd64", "bash", "5.2-1", "shells", "installed", "install", None, None,
        "pkg:deb/debian/bash@5.2-1", "/var/lib/dpkg/status", installed_at,
    )  # fmt: skip


def test_a_state_folder_that_cannot_be_written_is_told(backend, delivery, collect):
    collect("host", address(1))
    os.mkdir(os.path.join(delivery.state_dir, "sections/host/sending.snap"))
    report = deliver(delivery)
    assert "Is a directory" in report.error
    assert report.undelivered == ("host",)


def _damage(path: str) -> None:
    with open(path, "r+b") as file:
        file.seek(70)
        file.write(b"\0")
