"""Sections that are too much for one message, and the real backend."""

from __future__ import annotations

import random

import pytest

from agent.delivery import installment
from agent.delivery.backend import BackendSink
from agent.delivery.deliver import Delivery, deliver
from agent.delivery.https import Times
from agent.delivery.replica import acknowledged
from agent.delivery.store import folder_of, write_snapshot
from agent.model.records import Address, Gap
from agent.model.settings import Settings
from tests.e2e.conftest import JOIN


@pytest.fixture
def delivery(tmp_path, backend):
    settings = Settings(state_dir=str(tmp_path / "state"), backend_url=backend.url, backend_join_token=JOIN)

    def sink() -> BackendSink:
        return BackendSink(settings, "agent-1", {"machine_id": "m"}, lambda: 1_800_000_000, Times(5, 30, 60))

    return Delivery(settings.state_dir, "agent-1", ("host",), sink, heartbeat_every=0)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_changes_the_backend_has_the_current_records_and_no_others(
    backend, delivery, tmp_path, monkeypatch, seed
):
    monkeypatch.setattr(installment, "LARGEST", 1500)
    chance = random.Random(seed)
    for _ in range(8):
        numbers = chance.sample(range(1, 120), chance.randrange(5, 100))
        records = [
            Address("eth0", f"10.0.0.{number}", 24, chance.choice(("private", "public"))) for number in sorted(numbers)
        ]
        if chance.random() < 0.3:
            records.append(Gap("eth1", "denied", "no", "address:eth1"))
        write_snapshot(folder_of(delivery.state_dir, "host"), "host", 1_800_000_000, records)
        report = deliver(delivery)
        assert (report.undelivered, report.error) == ((), None)
        known = backend.records("host")
        assert sorted(known) == sorted(record.key for record in records)
        assert all(known[record.key].get("scope") == getattr(record, "scope", None) for record in records)
    assert acknowledged(folder_of(delivery.state_dir, "host")).seq > 16, "messages were not cut"
    state = backend.ask("/v1/hosts")["hosts"][0]["sections"]["host"]
    assert state["status"] == ("partial" if isinstance(records[-1], Gap) else "complete")
