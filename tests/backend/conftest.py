"""A real backend as a process, on SQLite and on PostgreSQL, a client for it and simulated agents."""

from __future__ import annotations

import base64
import contextlib
import gzip
import hashlib
import http.client
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import uuid
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from agent.model.codec import Line, dumps
from agent.model.digest import SetDigest
from agent.model.envelope import (
    Envelope,
    Heartbeat,
    SectionState,
    write_delete,
    write_envelope,
    write_heartbeat,
    write_put,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

JOIN_TOKEN = "join-token-of-the-tests"
READ_TOKEN = "read-token-of-the-tests"
POSTGRESQL_PROGRAMS = "/usr/lib/postgresql"


class Answer(NamedTuple):
    status: int
    json: Any
    headers: Mapping[str, str]


@dataclass
class Backend:
    """A server process; it can be killed and started again on the same store."""

    store: str
    folder: str
    process: subprocess.Popen[str] | None = None
    port: int = 0

    def start(self, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        preset = {"STOCKTAKE_BACKEND_JOIN_TOKEN": JOIN_TOKEN, "STOCKTAKE_BACKEND_READ_TOKEN": READ_TOKEN}
        command = [sys.executable, "-m", "backend.cli", "serve", "--listen", "127.0.0.1:0", "--store", self.store]
        self.process = subprocess.Popen(
            [*command, *arguments],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **preset, **(environment or {}), "PYTHONPATH": os.getcwd()},
            cwd=os.getcwd(),
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("listening on http://127.0.0.1:"), line
        self.port = int(line.rpartition(":")[2])

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        with self.process:
            return self.process.wait(timeout=20)

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "backend.cli", *arguments, "--store", self.store], capture_output=True, text=True
        )

    def request(
        self,
        method: str,
        path: str,
        token: str | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(connection):
            sent = dict(headers or {})
            if token is not None:
                sent["Authorization"] = f"Bearer {token}"
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            headers = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, json.loads(response.read()), headers)

    def get(self, path: str, token: str | None = READ_TOKEN) -> Answer:
        return self.request("GET", path, token)

    def enrol(self, name: str, token: str | None = JOIN_TOKEN) -> Answer:
        body = dumps({"schema": 1, "agent": name, "evidence": {"machine_id": "0" * 32}})
        return self.request("POST", "/v1/agents", token, body)

    def agent(self) -> Agent:
        name = str(uuid.uuid4())
        return Agent(self, name, self.enrol(name).json["token"])


def record(key: str, version: int = 1, kind: str = "thing", installed_at: int | None = None) -> Line:
    """A record of a kind that no collector has."""
    stable = dumps({"kind": kind, "key": key, "version": version})
    return Line(dumps(key), stable, dumps({} if installed_at is None else {"installed_at": installed_at}))


def gap(hides: str | None) -> Line:
    key = f"gap:{hides}"
    return Line(dumps(key), dumps({"kind": "gap", "key": key, "hides": hides}), b"{}")


def digest_of(lines: Sequence[Line]) -> str:
    digest = SetDigest()
    for line in lines:
        digest.add(line.stable)
    return digest.hex()


@dataclass
class Agent:
    """Sends messages of the section `things`, and others on demand; knows no more than the wire."""

    backend: Backend
    name: str
    token: str
    section: str = "things"
    epoch: str = field(default_factory=lambda: uuid.uuid4().hex)

    def envelope(self, seq: int, lines: Sequence[Line], **changed: Any) -> Envelope:
        """The envelope of a snapshot of these lines; lines: the set after the message."""
        usual = Envelope(
            schema=1,
            agent=self.name,
            section=self.section,
            epoch=self.epoch,
            seq=seq,
            base_seq=None,
            type="snapshot",
            part=1,
            parts=1,
            status="complete",
            hides=(),
            taken_at=1_700_000_000 + seq,
            count=len(lines),
            digest=digest_of(lines),
        )
        return replace(usual, **changed)

    def snapshot(self, seq: int, lines: Sequence[Line], **changed: Any) -> Answer:
        return self.send(self.envelope(seq, lines, **changed), puts=lines)

    def delta(
        self, seq: int, after: Sequence[Line], puts: Sequence[Line] = (), deletes: Sequence[str] = (), **changed: Any
    ) -> Answer:
        envelope = self.envelope(seq, after, **{"type": "delta", "base_seq": seq - 1, **changed})
        return self.send(envelope, puts, deletes)

    def send(
        self, envelope: Envelope, puts: Sequence[Line] = (), deletes: Sequence[str] = (), key: str | None = None
    ) -> Answer:
        lines = [write_put(line) for line in puts] + [write_delete(dumps(name)) for name in deletes]
        headers = {} if key is None else {"Idempotency-Key": key}
        return self.send_plain(write_envelope(envelope) + b"".join(lines), headers)

    def send_plain(self, plain: bytes, headers: Mapping[str, str] | None = None) -> Answer:
        return self.send_body(gzip.compress(plain, mtime=0), {"Content-Encoding": "gzip", **(headers or {})})

    def send_body(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        content_digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        sent = {"Content-Digest": f"sha-256=:{content_digest}:", **headers}
        return self.backend.request("POST", "/v1/reports", self.token, body, sent)

    def heartbeat(self, states: Mapping[str, SectionState], **changed: Any) -> Answer:
        beat = replace(Heartbeat(1, self.name, 1_700_000_000, "0.1.0", states, 7), **changed)
        return self.backend.request("POST", "/v1/heartbeat", self.token, write_heartbeat(beat))

    def records(self) -> dict[str, Any]:
        """Everything that the backend has of the section, by key."""
        return {found["key"]: found for found in self.listed(f"sections/{self.section}/records?limit=1000", "records")}

    def changes(self) -> list[tuple[str, str | None]]:
        entries = self.listed(f"changes?section={self.section}&limit=1000", "changes")
        return sorted(((entry["action"], entry["key"]) for entry in entries), key=str)

    def state(self) -> Any:
        return self.backend.get(f"/v1/hosts/{self.name}/sections").json["sections"][self.section]

    def listed(self, path: str, name: str) -> list[Any]:
        found, cursor = [], ""
        while cursor is not None:
            answer = self.backend.get(f"/v1/hosts/{self.name}/{path}" + (f"&cursor={cursor}" if cursor else ""))
            assert answer.status == 200, answer.json
            found += answer.json[name]
            cursor = answer.json["next"]
        return found


def state(**changed: Any) -> SectionState:
    return replace(SectionState("complete", 1_700_000_000, None, None, None, None), **changed)


@pytest.fixture(scope="session")
def wire() -> Any:
    """The functions above, for tests that build messages."""
    functions = (record, gap, digest_of, state, asdict)
    return type("Wire", (), {function.__name__: staticmethod(function) for function in functions})


@pytest.fixture(scope="session")
def tokens() -> tuple[str, str]:
    return JOIN_TOKEN, READ_TOKEN


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """A private PostgreSQL on a Unix socket; gives the folder of that socket."""
    programs = _postgresql_programs()
    user = pwd.getpwnam("postgres")
    folder = tempfile.mkdtemp(prefix="stocktake-pg-")
    os.chown(folder, user.pw_uid, user.pw_gid)

    def run(*command: str) -> None:
        subprocess.run(command, check=True, user=user.pw_uid, group=user.pw_gid, extra_groups=[], cwd=folder, stdout=2)

    run(
        f"{programs}/initdb",
        "-D",
        f"{folder}/cluster",
        "-A",
        "trust",
        "--no-sync",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
    )
    options = f"-c listen_addresses='' -c unix_socket_directories={folder}"
    run(f"{programs}/pg_ctl", "-D", f"{folder}/cluster", "-w", "-l", f"{folder}/log", "-o", options, "start")
    yield folder
    run(f"{programs}/pg_ctl", "-D", f"{folder}/cluster", "-w", "-m", "immediate", "stop")
    shutil.rmtree(folder)


def _postgresql_programs() -> str:
    versions = sorted(os.listdir(POSTGRESQL_PROGRAMS), key=float) if os.path.isdir(POSTGRESQL_PROGRAMS) else []
    if not versions or os.getuid() != 0:
        pytest.skip("PostgreSQL is not installed, or this is not root: apt-get install postgresql")
    return f"{POSTGRESQL_PROGRAMS}/{versions[-1]}/bin"


def _store_url(kind: str, request: pytest.FixtureRequest, folder: str) -> str:
    if kind == "sqlite":
        return f"sqlite:///{folder}/store.sqlite"
    sockets = request.getfixturevalue("postgresql")
    database = f"stocktake_{uuid.uuid4().hex}"
    command = [f"{_postgresql_programs()}/createdb", "-h", sockets, "-U", "postgres", database]
    subprocess.run(command, check=True)
    return f"postgresql://postgres@/{database}?host={sockets}"


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """A backend that the tests of a run share: each test brings its own agents."""
    folder = str(tmp_path_factory.mktemp("backend"))
    running = Backend(_store_url(request.param, request, folder), folder)
    running.start()
    yield running
    running.end()


@pytest.fixture(params=["sqlite", "postgresql"])
def own_backend(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[Backend]:
    """A backend of one test alone, not started yet."""
    own = Backend(_store_url(request.param, request, str(tmp_path)), str(tmp_path))
    yield own
    if own.process is not None and own.process.poll() is None:
        own.end(signal.SIGKILL)


@pytest.fixture
def agent(backend: Backend) -> Agent:
    return backend.agent()
