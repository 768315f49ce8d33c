"""A real daemon and a real backend follow a package through installation, change and removal by real dpkg."""

import json
import signal

from tests.e2e.conftest import eventually
from tests.hosts.debian import build, dpkg, query

KEY = "dpkg/subject:all"


def packages(backend):
    return {key: fields for key, fields in backend.records("packages").items() if key.startswith("dpkg/")}


def changes(backend):
    found = [change for change in backend.changes("packages") if change["key"] == KEY]
    return [change["action"] for change in sorted(found, key=lambda change: change["received_at"])]


def test_the_backend_follows_a_package_from_installation_to_removal(agent, backend, debian, tmp_path):
    eventually(lambda: packages(backend))
    before = packages(backend)
    installed = {row[0] for row in query(debian, "binary:Package")}
    assert {fields["name"] for fields in before.values()} == {name.partition(":")[0] for name in installed}

    assert dpkg(debian, "-i", build(tmp_path, "subject", "1.0-1")).returncode == 0
    agent.hurry()
    eventually(lambda: KEY in packages(backend))
    assert packages(backend)[KEY]["version"] == "1.0-1"

    assert dpkg(debian, "-i", build(tmp_path, "subject", "1:2.0-1")).returncode == 0
    agent.hurry()
    eventually(lambda: packages(backend)[KEY]["version"] == "1:2.0-1")
    assert packages(backend)[KEY]["epoch"] == 1

    assert dpkg(debian, "-r", "subject").returncode == 0
    agent.hurry()
    eventually(lambda: packages(backend)[KEY]["status"] == "config-files")

    assert dpkg(debian, "-P", "subject").returncode == 0
    agent.hurry()
    eventually(lambda: KEY not in packages(backend))
    assert packages(backend) == before
    assert changes(backend) == ["appeared", "changed", "changed", "vanished"]


def test_what_happens_while_the_backend_is_down_is_known_afterwards(agent, backend, debian, tmp_path):
    eventually(lambda: packages(backend))
    backend.stop(signal.SIGKILL)
    assert dpkg(debian, "-i", build(tmp_path, "subject", "1.0-1")).returncode == 0
    agent.hurry()

    def noticed():
        status = json.loads(agent.command("status", "--json").stdout)
        return "packages" in status["delivery"]["undelivered"]

    eventually(noticed)
    agent.stop()
    backend.start()
    (agent.state / "delivery.json").unlink(missing_ok=True)
    agent.start()
    eventually(lambda: KEY in packages(backend))
    assert changes(backend) == ["appeared"]


def test_a_daemon_killed_at_any_moment_loses_nothing(agent, backend, debian, tmp_path):
    eventually(lambda: packages(backend))
    for number in range(1, 6):
        assert dpkg(debian, "-i", build(tmp_path, "subject", f"{number}.0-1")).returncode == 0
        agent.stop(signal.SIGKILL)
        agent.start()
    eventually(lambda: packages(backend).get(KEY, {}).get("version") == "5.0-1")
    assert agent.stop() == 0
    state = json.loads(agent.command("status", "--json").stdout)
    assert state["sections"]["packages"]["status"] == "complete"


def test_a_damaged_database_takes_nothing_from_what_is_known(agent, backend, debian):
    eventually(lambda: packages(backend))
    before = packages(backend)
    database = debian / "var/lib/dpkg/status"
    content = database.read_bytes()
    database.write_bytes(b"\0" * 4096)
    agent.hurry()
    eventually(lambda: backend.ask("/v1/hosts")["hosts"][0]["sections"]["packages"]["status"] != "complete")
    assert packages(backend) == before
    database.write_bytes(content)
    agent.hurry()
    eventually(lambda: backend.ask("/v1/hosts")["hosts"][0]["sections"]["packages"]["status"] == "complete")
    assert packages(backend) == before


def test_a_second_agent_on_the_same_state_is_refused(agent, backend):
    eventually(lambda: packages(backend))
    second = agent.command("run", "--once")
    assert second.returncode == 6
    assert "another agent is at work" in second.stderr
