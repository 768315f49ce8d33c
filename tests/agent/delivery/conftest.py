"""A small backend that keeps the contract and remembers, and can be told to answer anything at all."""

from __future__ import annotations

import gzip
import json
import os
import signal
import threading
from base64 import b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable

import pytest

from agent.delivery.backend import BackendSink
from agent.delivery.deliver import Delivery
from agent.delivery.https import Times
from agent.model.digest import SetDigest
from agent.model.envelope import SNAPSHOT, Envelope, read_envelope, read_heartbeat
from agent.model.settings import Settings

NOW = 1_800_000_000


@dataclass
class Request:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def plain(self) -> bytes:
        return gzip.decompress(self.body) if self.headers.get("Content-Encoding") == "gzip" else self.body

    @property
    def envelope(self) -> Envelope:
        return read_envelope(self.plain.split(b"\n")[0])


@dataclass
class Reply:
    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    raw: Callable[[Any], None] | None = None


@dataclass
class Section:
    epoch: str
    seq: int
    digest: str
    records: dict[str, str]


class Memory:
    """The contract's other side: sections by agent and name, each message applied once."""

    def __init__(self) -> None:
        self.sections: dict[str, Section] = {}
        self.applied: list[tuple[str, str, int]] = []
        self.answered: dict[str, tuple[int, Any]] = {}
        self.staged: dict[tuple[str, str, str, int], list[list[bytes]]] = {}
        self.heartbeats: list[bytes] = []
        self.resend: list[str] = []

    def handle(self, request: Request) -> tuple[int, Any]:
        if request.path == "/v1/agents":
            return 201, {"token": "enrolled-token"}
        if request.path == "/v1/heartbeat":
            read_heartbeat(request.plain)
            self.heartbeats.append(request.plain)
            asked, self.resend = self.resend, []
            return 200, {"resend": asked}
        key = request.headers["Idempotency-Key"]
        if key not in self.answered:
            answer = self.report(request)
            if answer[0] != 200:
                return answer
            self.answered[key] = answer
        return self.answered[key]

    def report(self, request: Request) -> tuple[int, Any]:
        lines = request.plain.splitlines()
        sent = read_envelope(lines[0])
        name = f"{sent.agent}/{sent.section}"
        have = self.sections.get(name)
        if sent.type != SNAPSHOT and (have is None or (have.epoch, have.seq) != (sent.epoch, sent.base_seq)):
            return 409, {"error": "another base", "have": have and {"epoch": have.epoch, "seq": have.seq}}
        if have and have.epoch == sent.epoch and sent.seq <= have.seq:
            return 409, {"error": "an old seq", "have": {"epoch": have.epoch, "seq": have.seq}}
        stage = (sent.agent, sent.section, sent.epoch, sent.seq)
        if sent.part == 1:
            self.staged[stage] = []
        self.staged[stage].append(lines[1:])
        if sent.part < sent.parts:
            return 200, {"staged": sent.part}
        return self.apply(name, sent, [line for part in self.staged.pop(stage) for line in part])

    def apply(self, name: str, sent: Envelope, lines: list[bytes]) -> tuple[int, Any]:
        records = {} if sent.type == SNAPSHOT else dict(self.sections[name].records)
        for line in lines:
            operation = json.loads(line)
            if "put" in operation:
                stable = line[len(b'{"put":') : line.rindex(b',"volatile":')]
                records[operation["put"]["key"]] = stable.decode()
            else:
                del records[operation["delete"]]
        digest = SetDigest()
        for stable in records.values():
            digest.add(stable.encode())
        if (digest.hex(), len(records)) != (sent.digest, sent.count):
            return 422, {"error": "the digest differs"}
        self.sections[name] = Section(sent.epoch, sent.seq, sent.digest, records)
        self.applied.append((name, sent.epoch, sent.seq))
        return 200, {"have": {"epoch": sent.epoch, "seq": sent.seq, "digest": sent.digest}}


class Backend:
    """A backend on loopback. Replies that were scripted are given first, in their order."""

    def __init__(self) -> None:
        self.memory = Memory()
        self.requests: list[Request] = []
        self.script: list[Reply] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def paths(self) -> list[str]:
        return [request.path for request in self.requests]

    def envelopes(self) -> list[Envelope]:
        return [request.envelope for request in self.requests if request.path == "/v1/reports"]

    def records(self, agent: str, section: str) -> dict[str, str]:
        return self.memory.sections[f"{agent}/{section}"].records

    def _handler(backend) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - the handler's own self is another
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                request = Request(self.path, dict(self.headers), body)
                expected = b64encode(sha256(body).digest()).decode()
                assert request.headers["Content-Digest"] == f"sha-256=:{expected}:"
                backend.requests.append(request)
                self.answer(backend.script.pop(0) if backend.script else backend.reply(request))

            def do_GET(self) -> None:
                state = {name: vars(section) for name, section in backend.memory.sections.items()}
                self.answer(Reply(body=json.dumps([state, backend.memory.applied]).encode()))

            def answer(self, reply: Reply) -> None:
                if reply.raw:
                    self.close_connection = True
                    return reply.raw(self)
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)
                return None

            def date_time_string(self, timestamp: float | None = None) -> str:
                return super().date_time_string(NOW if timestamp is None else timestamp)

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def reply(self, request: Request) -> Reply:
        status, content = self.memory.handle(request)
        return Reply(status, json.dumps(content).encode(), {"Content-Type": "application/json"})


@pytest.fixture
def backend():
    """A backend in a thread."""
    backend = Backend()
    thread = threading.Thread(target=backend.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield backend
    backend.server.shutdown()
    backend.server.server_close()
    thread.join()


@pytest.fixture
def backend_process():
    """The address of a backend that is a process of its own, so that its clients may be forked and killed."""
    backend = Backend()
    pid = os.fork()
    if pid == 0:
        backend.server.serve_forever()
    backend.server.socket.close()
    yield backend.url
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


@pytest.fixture
def reply():
    """Makes replies for a script."""
    return Reply


@pytest.fixture
def sink_for(tmp_path):
    """Makes sinks that send to an address with an agent's token."""

    def make(url: str | None, times: Times = Times(5, 5, 10), **settings: Any) -> BackendSink:  # noqa: B008
        settings = {"state_dir": str(tmp_path), "backend_url": url, "backend_token": "agent-token", **settings}
        return BackendSink(Settings(**settings), "agent-1", {"machine_id": "m"}, lambda: NOW, times)

    return make


@pytest.fixture
def delivery(tmp_path, backend, sink_for):
    """What is delivered in most tests: the sections host and ports of the state in tmp_path, without chance."""
    return Delivery(
        str(tmp_path),
        "agent-1",
        ("host", "ports"),
        lambda: sink_for(backend.url),
        clock=lambda: NOW,
        chance=lambda: 0.5,
    )
