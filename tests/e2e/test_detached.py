"""stocktake run --detach on a host without systemd."""

import json
import os
import signal

from tests.e2e.conftest import Agent, eventually


def test_a_detached_daemon_reports_and_ends_on_request(tmp_path, debian, backend):
    agent = Agent(tmp_path, debian, backend.url)
    agent.stop()
    done = agent.command("run", "--detach")
    assert done.returncode == 0
    told = agent.state / "daemon.json"
    eventually(lambda: told.exists() and os.path.exists(f"/proc/{json.loads(told.read_text())['pid']}"))
    pid = json.loads(told.read_text())["pid"]
    assert os.getsid(pid) != os.getsid(0)
    eventually(lambda: backend.records("packages"))
    os.kill(pid, signal.SIGTERM)
    eventually(lambda: not os.path.exists(f"/proc/{pid}"))
    assert "stopping" in (agent.state / "daemon.log").read_text()
