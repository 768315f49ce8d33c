"""A section that is too much for one message reaches the backend in several, whatever happens between them."""

from __future__ import annotations

import pytest

from agent.delivery import installment
from agent.delivery.deliver import deliver
from agent.delivery.store import folder_of, write_snapshot
from agent.model.codec import encode
from agent.model.records import Address, Gap

NOW = 1_800_000_000
TWO = 200
"""Bytes that two addresses exceed, and one does not."""


def address(number: int, scope: str = "private") -> Address:
    return Address("eth0", f"10.0.0.{number}", 24, scope)


def addresses(*numbers: int) -> list[Address]:
    return [address(number) for number in numbers]


@pytest.fixture
def collect(tmp_path):
    def write(*records) -> None:
        write_snapshot(folder_of(str(tmp_path), "host"), "host", NOW - 60, records)

    return write


@pytest.fixture
def small(monkeypatch):
    """Messages of two records."""
    monkeypatch.setattr(installment, "LARGEST", TWO)


def holds(backend, *records) -> bool:
    return backend.records("agent-1", "host") == {record.key: encode(record).stable.decode() for record in records}


def sent(backend) -> list[tuple[str, str, int]]:
    return [(envelope.type, envelope.status, envelope.count) for envelope in backend.envelopes()]


def operations(backend) -> list[tuple[int, int]]:
    """Give the numbers of records put and deleted by each message."""
    plain = [request.plain for request in backend.requests if request.path == "/v1/reports"]
    return [(body.count(b'\n{"put":'), body.count(b'\n{"delete":')) for body in plain]


@pytest.mark.usefixtures("small")
def test_a_large_first_report_is_a_snapshot_of_the_beginning_and_deltas(backend, delivery, collect):
    collect(*addresses(1, 2, 3, 4, 5))
    report = deliver(delivery)
    assert (report.sent, report.undelivered, report.error) == (("host",), (), None)
    assert sent(backend) == [("snapshot", "partial", 2), ("delta", "partial", 4), ("delta", "complete", 5)]
    assert [envelope.hides for envelope in backend.envelopes()] == [("",), ("",), ()]
    assert holds(backend, *addresses(1, 2, 3, 4, 5))


@pytest.mark.usefixtures("small")
def test_a_change_of_very_much_is_several_deltas_and_what_is_gone_goes_with_the_last(backend, delivery, collect):
    collect(*addresses(1, 2, 3, 4, 5))
    deliver(delivery)
    backend.requests.clear()
    changed = [address(number, "public") for number in (2, 3, 5)]
    collect(*changed)
    deliver(delivery)
    assert sent(backend) == [("delta", "partial", 5), ("delta", "complete", 3)]
    assert operations(backend) == [(2, 0), (1, 2)]
    assert holds(backend, *changed)


@pytest.mark.usefixtures("small")
def test_it_goes_on_where_it_was_interrupted(backend, delivery, collect, reply):
    collect(*addresses(1, 2, 3, 4, 5))
    accepted, answers = backend.reply, iter((True, False))
    backend.reply = lambda request: accepted(request) if next(answers, True) else reply(status=503)
    assert deliver(delivery).undelivered == ("host",)
    assert deliver(delivery._replace(clock=lambda: NOW + 3600)).sent == ("host",)
    assert sent(backend) == [
        ("snapshot", "partial", 2),
        ("delta", "partial", 4),
        ("delta", "partial", 4),
        ("delta", "complete", 5),
    ]
    assert holds(backend, *addresses(1, 2, 3, 4, 5))


@pytest.mark.usefixtures("small")
def test_what_changes_between_two_messages_is_sent_as_it_is_now(backend, delivery, collect):
    collect(*addresses(1, 2, 3, 4, 5))
    accepted = backend.reply

    def reply(request):
        if len(backend.envelopes()) == 1:
            collect(address(1, "public"), *addresses(3, 4, 5, 6))
        return accepted(request)

    backend.reply = reply
    assert deliver(delivery).sent == ("host",)
    assert holds(backend, address(1, "public"), *addresses(3, 4, 5, 6))
    assert sent(backend)[-1] == ("delta", "complete", 5)


@pytest.mark.usefixtures("small")
def test_a_backend_that_lost_its_records_is_given_all_of_them_again(backend, delivery, collect):
    collect(*addresses(1, 2, 3))
    deliver(delivery)
    backend.memory.sections.clear()
    collect(*addresses(1, 2, 3, 4))
    assert deliver(delivery).sent == ("host",)
    assert holds(backend, *addresses(1, 2, 3, 4))


@pytest.mark.usefixtures("small")
def test_a_partial_section_ends_as_it_is(backend, delivery, collect):
    gap = Gap("eth1", "denied", "no", "address:eth1")
    collect(*addresses(1, 2, 3), gap)
    deliver(delivery)
    assert sent(backend)[-1] == ("delta", "partial", 4)
    assert backend.envelopes()[-1].hides == ("address:eth1",)


def test_what_fits_into_one_message_is_one(backend, delivery, collect, tmp_path):
    collect(*addresses(*range(1, 200)))
    deliver(delivery)
    assert sent(backend) == [("snapshot", "complete", 199)]
    left = {path.name for path in (tmp_path / "sections" / "host").iterdir()}
    assert not {"sending.snap", "installment.snap"} & left


@pytest.mark.usefixtures("small")
def test_nothing_of_it_is_left_behind(delivery, collect, tmp_path):
    collect(*addresses(1, 2, 3, 4, 5))
    deliver(delivery)
    left = sorted(path.name.split(".")[0] for path in (tmp_path / "sections" / "host").iterdir())
    assert left == ["acknowledged", "current"]
