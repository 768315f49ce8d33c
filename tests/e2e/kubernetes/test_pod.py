"""The pod runs as its manifest says, sees the whole node, and can change nothing of it."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys

import pytest

from tests.e2e.kubernetes.conftest import eventually

MIB = 1024 * 1024
WORKING_SET = 32 * MIB
DONE = ("complete", "partial")


@pytest.fixture(scope="module")
def seen(pod):
    """The pod after every section was collected once."""

    def collected():
        sections = pod.sections()
        return len(sections) >= 5 and all(each["status"] in DONE for each in sections.values())

    eventually(collected)
    return pod


def test_at_rest_it_holds_little_that_the_kernel_could_not_take_back(seen):
    """Of what kubelet counts as its working set the rest is files of the node that were read more than once."""
    eventually(lambda: not re.search(r"agent\.worker", seen.podman("top", seen.id, "args")))
    folder = f"/sys/fs/cgroup/memory/libpod_parent/libpod-{seen.id}"
    if not os.path.isdir(folder):
        pytest.skip("control groups are not of version 1 here, or elsewhere")
    with open(f"{folder}/memory.usage_in_bytes") as file:
        usage = int(file.read())
    with open(f"{folder}/memory.stat") as file:
        parts = {name: int(value) for name, value in map(str.split, file)}
    print(f"working set {(usage - parts['total_inactive_file']) / MIB:.1f} MiB, cache {parts['total_cache'] / MIB:.1f}")
    assert usage - parts["total_cache"] <= WORKING_SET


def test_it_reports_the_node_and_not_its_own_container(seen, backend):
    (host,) = eventually(lambda: backend.records("host", "host"))
    with open("/etc/machine-id") as file:
        assert host["machine_id"] == file.read().strip()
    with open("/etc/hostname") as file:
        assert host["hostname"] == file.read().strip()
    assert host["labels"] == ["cluster=test", "kubernetes_node=node-1"]
    (agent,) = backend.records("host", "agent")
    assert (agent["root"], agent["uid"]) == ("/host", 0)
    assert agent["capabilities"] == ["cap_dac_read_search", "cap_sys_ptrace"]


def test_it_reports_the_packages_of_the_node(seen, backend):
    listed = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Version}\n"], stdout=subprocess.PIPE, text=True)
    packages = eventually(lambda: backend.records("packages", "package"))
    assert {f"{each['name']} {each['version']}" for each in packages} >= set(listed.stdout.splitlines())


def test_it_reports_what_listens_on_the_node_and_who_that_is(seen, backend):
    script = "import socket; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True); input()"
    words = [sys.executable, "-c", script]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        port = int(server.stdout.readline())
        ports = json_lines(seen.stocktake("scan", "ports", "--format", "ndjson"))
        server.communicate("\n")
    (found,) = [each for each in ports if each["kind"] == "listener" and each["port"] == port]
    assert (found["namespace"], found["pid"]) == ("host", server.pid)
    assert found["executable"] == os.path.realpath(sys.executable)


def test_it_sees_no_less_than_the_agent_on_the_node_itself(seen):
    """With the same capabilities; network namespaces without processes come and go, and take CAP_SYS_ADMIN."""
    words = ["setpriv", "--inh-caps=-all", "--bounding-set=-all,+dac_read_search,+sys_ptrace"]
    words += [sys.executable, "-I", "-m", "agent.cli", "scan", "ports", "--format", "ndjson"]
    there = json_lines(subprocess.run(words, stdout=subprocess.PIPE, text=True).stdout)
    here = json_lines(seen.stocktake("scan", "ports", "--format", "ndjson"))
    subjects = [{each["subject"] for each in lines if each["kind"] == "gap"} for lines in (here, there)]
    assert {subject for subject in subjects[0] if not subject.startswith("net:")} <= subjects[1]


def test_it_reports_another_container_with_its_packages_and_what_it_uses(seen, backend, other):
    def contents():
        return [each for each in backend.records("containers", "container") if each["id"] == other and each["contents"]]

    (container,) = eventually(contents)
    assert (container["runtime"], container["name"]) == ("podman", "other")
    inside = backend.records("containers", "contained_package")
    assert {"libc6", "libssl3t64"} <= {each["name"] for each in inside if each["contents"] == container["contents"]}

    def used():
        found = [each for each in backend.records("usage", "package_use") if other in each["scope"]]
        return {each["name"]: each["evidence"] for each in found}

    assert eventually(lambda: used() if "libssl3t64" in used() else None)["libssl3t64"] == "mapped"


def test_nothing_that_confines_workers_is_refused_in_a_container(seen):
    for section in seen.sections().values():
        assert section.get("unconfined", []) == []


def test_it_has_the_two_capabilities_and_nothing_with_which_to_get_more(seen):
    status = seen.python("print(open('/proc/self/status').read())")
    fields = dict(line.split(":\t") for line in status.splitlines() if ":\t" in line)
    reading = 1 << 2 | 1 << 19
    assert [int(fields[name], 16) for name in ("CapPrm", "CapEff", "CapBnd")] == [reading] * 3
    assert (fields["NoNewPrivs"], fields["Seccomp"]) == ("1", "2")


@pytest.mark.parametrize(
    "path",
    [
        "/host/etc/stocktake-was-here",
        "/host/proc/sys/kernel/core_pattern",
        "/host/sys/kernel/uevent_helper",
        "/host/sys/power/state",
        "/usr/lib/stocktake/main.py",
        "/etc/stocktake/agent.yaml",
    ],
)
def test_nothing_of_the_node_and_of_itself_can_be_written_to(seen, path):
    script = (
        f"import os\ntry:\n os.open({path!r}, os.O_WRONLY | os.O_CREAT)\nexcept OSError as error:\n print(error.errno)"
    )
    assert seen.python(script) in ("30", "2", "13"), "EROFS, or it is not there"


def test_its_probe_answers_whatever_the_backend_does(seen, backend):
    assert seen.probe() == 200
    backend.stop()
    try:
        assert seen.probe() == 200
        seen.stocktake("status")
        assert seen.probe() == 200
    finally:
        backend.start()


def test_its_probe_stops_answering_when_its_loop_stands_still(seen):
    pid = seen.podman.pid(seen.id)
    os.kill(pid, signal.SIGSTOP)
    try:
        assert seen.probe(seconds=1) == 0
    finally:
        os.kill(pid, signal.SIGCONT)
    assert seen.probe() == 200


def test_nobody_keeps_the_probe_from_answering_by_saying_nothing(seen):
    script = (
        "import socket, sys, time; s = [socket.create_connection(('127.0.0.1', 9754)) for _ in range(7)];"
        "print('held', flush=True); input()"
    )
    silent = seen.namespace.start(sys.executable, "-c", script, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert silent.stdout.readline() == "held\n"
    assert seen.probe() == 200
    silent.communicate("\n")


def test_it_ends_in_time_and_the_next_one_is_the_same_agent(seen, backend):
    before = [host["agent"] for host in backend.ask("/v1/hosts")["hosts"]]
    assert seen.stop() == 0
    assert socket.gethostname()
    seen.start()
    eventually(lambda: seen.probe() == 200)
    eventually(lambda: seen.sections().get("host", {}).get("status") in DONE)
    assert [host["agent"] for host in backend.ask("/v1/hosts")["hosts"]] == before


def json_lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]
