from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.collectors.packages import subscriptions
from agent.collectors.packages.facts import Known
from agent.databases.distribution import UNKNOWN
from agent.host import open_host
from agent.model.codec import encode
from agent.model.records import Gap, Subscription
from tests.hosts.trees import plant

if TYPE_CHECKING:
    from pathlib import Path

    from agent.model.records import Record

KNOWN = Known(UNKNOWN, ())
STATUS = "var/lib/ubuntu-advantage/status.json"
ATTACHED: dict[str, Any] = {
    "_schema_version": "0.1",
    "version": "31.2~22.04",
    "machine_id": "s3cr3t",
    "attached": True,
    "account": {"id": "s3cr3t", "name": "s3cr3t"},
    "contract": {"id": "s3cr3t", "products": ["uaa"]},
    "services": [
        {"name": "livepatch", "entitled": "yes", "status": "warning", "available": "yes"},
        {
            "name": "esm-infra",
            "entitled": "yes",
            "status": "enabled",
            "status_details": "Ubuntu Pro: ESM Infra is active",
        },
        {"name": "esm-apps", "entitled": "yes", "status": "enabled"},
        {"name": "fips", "entitled": "yes", "status": "disabled"},
        {"name": "cis", "entitled": "no", "status": "—"},
        {"name": "ros", "entitled": "no", "status": "n/a"},
    ],
}


def test_an_attached_host_names_its_services_and_nothing_of_its_contract(tmp_path: Path) -> None:
    [record] = take(tmp_path, json.dumps(ATTACHED).encode())
    assert record == Subscription("ubuntu-pro", True, ("esm-apps", "esm-infra", "livepatch"))
    assert b"s3cr3t" not in b"".join(encode(record))


def test_a_host_that_is_not_attached_has_no_service(tmp_path: Path) -> None:
    services = [{"name": "esm-infra", "available": "yes", "description": "x"}]
    assert take(tmp_path, json.dumps({"attached": False, "services": services}).encode()) == [
        Subscription("ubuntu-pro", False, ())
    ]


def test_a_status_that_does_not_say_whether_the_host_is_attached_is_unknown(tmp_path: Path) -> None:
    assert take(tmp_path, b"{}") == [Subscription("ubuntu-pro", None, ())]


def test_a_host_without_the_client_has_no_record(tmp_path: Path) -> None:
    assert take(tmp_path) == []


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"[" * 100_000, b"1"])
def test_a_status_that_is_malformed_is_a_gap(tmp_path: Path, content: bytes) -> None:
    [unread] = take(tmp_path, content)
    assert isinstance(unread, Gap)
    assert (unread.subject, unread.reason, unread.hides) == (f"/{STATUS}", "malformed", "subscription/ubuntu-pro")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just("enabled"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "status", "x"]), inner),
)


@given(st.fixed_dictionaries({"attached": VALUES, "services": VALUES | st.lists(VALUES)}))
def test_any_status_is_a_subscription(tmp_path_factory: pytest.TempPathFactory, status: dict[str, Any]) -> None:
    [record] = take(tmp_path_factory.mktemp("root"), json.dumps(status).encode())
    assert isinstance(record, Subscription)
    assert record.attached in (True, False, None)


def take(root: Path, status: bytes | None = None) -> list[Record]:
    if status is not None:
        plant(root, {STATUS: status})
    return list(subscriptions.facts(open_host(str(root)), KNOWN))
