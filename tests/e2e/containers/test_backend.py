"""A new container on its way from the daemon, which looks at control groups, to the backend, and what the backend answers."""

from __future__ import annotations

import time
from urllib.parse import quote

import pytest

from tests.e2e.conftest import Agent, eventually
from tests.hosts.trees import STATUS, stanza

OTHERS = ("HOST", "PACKAGES", "PORTS", "INTEGRITY", "COMPLIANCE", "USAGE")
MINUTE = 60


@pytest.fixture
def watching(tmp_path, backend, podman):
    """A daemon of this very host that collects nothing but containers."""
    off = {f"STOCKTAKE_{name}_ENABLED": "false" for name in OTHERS}
    running = Agent(tmp_path, "/", backend.url, STOCKTAKE_CONTAINERS_EVERY="10s", STOCKTAKE_USAGE_WATCH="false", **off)
    eventually(lambda: backend.ask("/v1/hosts")["hosts"])
    yield running
    running.stop()


def test_who_has_a_package_is_answered_within_a_minute_of_a_new_container(watching, backend, podman):
    name = f"rare-{time.time_ns()}"
    lists = {f"var/lib/dpkg/info/{name}.list": b"/.\n"}
    started = time.monotonic()
    made = podman.run(podman.image({STATUS: stanza(name, "3.0.11-1"), **lists}))

    def found():
        return backend.ask(f"/v1/records?kind=contained_package&where=name={name}&where=version={quote('3.0.11-1')}")[
            "records"
        ]

    eventually(found)
    assert time.monotonic() - started < MINUTE
    contents = found()[0]["fields"]["contents"]
    (record,) = backend.ask(f"/v1/records?kind=container&where=contents={contents}")["records"]
    assert record["fields"]["id"] == made
    podman.remove(made)
    eventually(lambda: not found())
