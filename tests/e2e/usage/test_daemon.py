"""The real daemon with the watcher of opens beside it: what a container imports is known to the backend."""

import json
import os

from tests.e2e.conftest import Agent, eventually
from tests.e2e.usage.test_python import FILES, key


def test_what_a_container_imports_is_known_to_the_backend(tmp_path, backend, runc, is_ready):
    off = {
        f"STOCKTAKE_{section}_ENABLED": "false"
        for section in ("HOST", "PACKAGES", "PORTS", "INTEGRITY", "CONTAINERS", "COMPLIANCE")
    }
    agent = Agent(tmp_path, "/", backend.url, STOCKTAKE_USAGE_EVERY="10s", **off)
    told = agent.state / "sections/usage/watch.json"
    try:
        eventually(lambda: told.exists() and json.loads(told.read_bytes())["state"] == "watching")
        tree = runc.tree(FILES)
        device = os.stat(tree.root).st_dev
        eventually(lambda: device in json.loads(told.read_bytes())["overlays"])
        container = runc.start(tree, "/usr/bin/python3", "/opt/app/service.py")
        is_ready(container)
        eventually(lambda: f"{container.id}/{key('useful')}" in backend.records("usage"))
        records = backend.records("usage")
        assert records[f"{container.id}/{key('useful')}"]["evidence"] == "opened"
        assert f"{container.id}/{key('idle')}" not in records
        assert records[f"scope/{container.id}"]["complete"] is True
        assert json.loads(agent.command("status", "--json").stdout)["opens"]["state"] == "watching"
    finally:
        agent.stop()
    assert json.loads(agent.command("status", "--json").stdout)["opens"]["state"] == "ended"
