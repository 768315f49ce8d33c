"""The backend's throughput on one core, and what is left of acknowledged snapshots after kill -9.

The server process is pinned to one core and takes snapshots of 1,500 packages of 200 simulated agents, sent from
another core: 97 % of the packages are the same on every host, the times of installation are each host's own.
A second wave, in which 1 % of the packages were upgraded, is cut short by kill -9.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from typing import NamedTuple

from agent.model.codec import Line, dumps, encode
from agent.model.digest import SetDigest
from agent.model.envelope import Envelope, write_envelope, write_put
from agent.model.records import Package

AGENTS = 200
PACKAGES = 1500
CONNECTIONS = 32
SHARED = 0.97
UPGRADED = 0.01
TARGET = 100.0
JOIN, READ = "join-token-of-the-bench", "read-token-of-the-bench"


class Wave(NamedTuple):
    """What came of sending a snapshot of every agent."""

    acknowledged: dict[str, str]
    seconds: float
    server_cpu: float


class Server:
    """A backend process on one core."""

    def __init__(self, store: str, core: int) -> None:
        environment = {**os.environ, "STOCKTAKE_BACKEND_JOIN_TOKEN": JOIN, "STOCKTAKE_BACKEND_READ_TOKEN": READ}
        command = [sys.executable, "-m", "backend.cli", "serve", "--listen", "127.0.0.1:0", "--store", store]
        self.process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            text=True,
            env={**environment, "PYTHONPATH": os.getcwd()},
        )
        os.sched_setaffinity(self.process.pid, {core})
        line = self.process.stdout.readline()
        self.port = int(line.rpartition(":")[2])

    def cpu(self) -> float:
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def peak(self) -> float:
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def package(number: int, revision: int, installed_at: int) -> Line:
    version = f"1.{number % 30}.{number % 7}-{revision}+deb12u{number % 3}"
    name = f"lib{random.Random(number).choice(['gtk', 'ssl', 'perl', 'python3', 'x11'])}-component{number}"
    return encode(
        Package(
            manager="dpkg",
            name=name,
            version=version,
            epoch=0,
            upstream_version=version.partition("-")[0],
            revision=version.partition("-")[2],
            architecture="amd64",
            source_name=name.rstrip("0123456789"),
            source_version=version,
            category="libs",
            status="installed",
            selection="install",
            origin=None,
            vendor=None,
            purl=f"pkg:deb/debian/{name}@{version}?arch=amd64&distro=bookworm",
            location="var/lib/dpkg/status",
            installed_at=installed_at,
        )
    )


def snapshot(agent: str, seq: int) -> tuple[str, bytes]:
    """The digest and the compressed body of an agent's snapshot; dpkg unpacks in batches of the same second."""
    chance = random.Random(agent)
    own = {number for number in range(PACKAGES) if chance.random() > SHARED}
    batches = [chance.randrange(1_690_000_000, 1_700_000_000) for _ in range(400)]
    unpacked = [batches[chance.randrange(400)] for _ in range(PACKAGES)]
    upgraded = {number for number in range(PACKAGES) if seq > 1 and random.Random(number * seq).random() < UPGRADED}
    digest, lines = SetDigest(), []
    for number in range(PACKAGES):
        revision = (int(agent[5:]) + 2 if number in own else 1) + 1000 * seq * (number in upgraded)
        line = package(number, revision, unpacked[number] + seq * (number in upgraded))
        digest.add(line.stable)
        lines.append(write_put(line))
    envelope = Envelope(
        1, agent, "packages", "bench", seq, None, "snapshot", 1, 1, "complete", (), seq, PACKAGES, digest.hex()
    )
    return digest.hex(), gzip.compress(write_envelope(envelope) + b"".join(lines), 6)


def enrol(port: int, agents: list[str]) -> dict[str, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    found = {}
    for agent in agents:
        body = dumps({"schema": 1, "agent": agent, "evidence": {}})
        connection.request("POST", "/v1/agents", body, {"Authorization": f"Bearer {JOIN}"})
        found[agent] = json.loads(connection.getresponse().read())["token"]
    return found


def send_wave(
    server: Server, tokens: dict[str, str], bodies: dict[str, tuple[str, bytes]], kill_after: int | None
) -> Wave:
    """Send every body from several connections; kill the server after so many acknowledgements."""
    waiting, acknowledged = list(bodies), {}
    cpu, started = server.cpu(), time.perf_counter()

    def sender() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        while waiting:
            try:
                agent = waiting.pop()
            except IndexError:
                return
            digest, body = bodies[agent]
            headers = {
                "Authorization": f"Bearer {tokens[agent]}",
                "Content-Encoding": "gzip",
                "Idempotency-Key": digest,
            }
            try:
                connection.request("POST", "/v1/reports", body, headers)
                response = connection.getresponse()
                answer = json.loads(response.read())
            except (OSError, http.client.HTTPException, ValueError):
                return
            if response.status == 200:
                acknowledged[agent] = answer["have"]["digest"]
            else:
                print(response.status, answer, file=sys.stderr)
            if kill_after is not None and len(acknowledged) == kill_after:
                server.process.kill()

    threads = [threading.Thread(target=sender) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    return Wave(dict(acknowledged), seconds, 0.0 if kill_after else server.cpu() - cpu)


def kept(port: int) -> dict[str, tuple[str, int]]:
    """The digest and the number of records that the backend has of every agent, counted from the records."""
    connection = http.client.HTTPConnection("127.0.0.1", port)

    def get(path: str) -> dict:
        connection.request("GET", path, headers={"Authorization": f"Bearer {READ}"})
        return json.loads(connection.getresponse().read())

    found = {}
    for host in get(f"/v1/hosts?limit={AGENTS}")["hosts"]:
        digest, count, path = SetDigest(), 0, f"/v1/hosts/{host['agent']}/sections/packages/records?limit=1000"
        cursor = ""
        while cursor is not None:
            page = get(path + (f"&cursor={cursor}" if cursor else ""))
            for record in page["records"]:
                stable = {**record["fields"], "kind": record["kind"], "key": record["key"]}
                del stable["installed_at"]
                digest.add(dumps(stable))
            count, cursor = count + len(page["records"]), page["next"]
        found[host["agent"]] = (digest.hex(), count)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", help="default: a SQLite file in a temporary folder on this disk")
    chosen = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[-1]})
    folder = tempfile.mkdtemp(prefix="stocktake-bench-", dir=os.getcwd())
    try:
        return compare(chosen.store or f"sqlite:///{folder}/store.sqlite", folder, cores[0])
    finally:
        shutil.rmtree(folder)


def compare(store: str, folder: str, core: int) -> int:
    agents = [f"agent{number}" for number in range(AGENTS)]
    bodies = [{agent: snapshot(agent, seq) for agent in agents} for seq in (1, 2, 3)]
    server = Server(store, core)
    tokens = enrol(server.port, agents)
    first = send_wave(server, tokens, bodies[0], None)
    second = send_wave(server, tokens, bodies[1], None)
    peak = server.peak()
    third = send_wave(server, tokens, bodies[2], AGENTS // 3)
    server.kill()
    server = Server(store, core)
    found = kept(server.port)
    server.end()
    expected = {**first.acknowledged, **second.acknowledged, **third.acknowledged}
    whole = {agent: digest for agent, (digest, count) in found.items() if count == PACKAGES}
    unacknowledged = {agent: bodies[2][agent][0] for agent in agents if agent not in third.acknowledged}
    missing = sum(whole.get(agent) not in (digest, unacknowledged.get(agent)) for agent, digest in expected.items())
    size = sum(os.path.getsize(f"{folder}/{name}") for name in os.listdir(folder)) / 2**20
    report(first, second, peak, missing, len(third.acknowledged), size)
    return 0 if missing == 0 and AGENTS / first.seconds >= TARGET and AGENTS / second.seconds >= TARGET else 1


def report(first: Wave, second: Wave, peak: float, missing: int, cut: int, size: float) -> None:
    print(f"{'what':58} {'ours':>10} {'peer':>6} {'ratio':>6} {'target':>8}  verdict")
    for name, wave in (("first snapshots", first), ("snapshots with 1 % upgraded", second)):
        rate = AGENTS / wave.seconds
        row(f"{name}, {PACKAGES} packages, a second, one core", f"{rate:.0f}", ">= 100", rate >= TARGET)
        row("  of it processor time of the server, ms a snapshot", f"{wave.server_cpu / AGENTS * 1000:.1f}", "-", None)
    row(f"acknowledged and missing after kill -9 ({cut} of the last wave)", str(missing), "0", missing == 0)
    row("peak memory of the server, MiB", f"{peak:.0f}", "-", None)
    row("store on disk, MiB", f"{size:.1f}", "-", None)


def row(what: str, ours: str, target: str, good: bool | None) -> None:
    verdict = "-" if good is None else "met" if good else "MISSED"
    print(f"{what:58} {ours:>10} {'-':>6} {'-':>6} {target:>8}  {verdict}")


if __name__ == "__main__":
    sys.exit(main())
