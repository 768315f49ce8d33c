"""The sink that is the central backend: enrols the agent once, then sends its messages with its token."""

from __future__ import annotations

from binascii import b2a_base64
from hashlib import sha256
from typing import TYPE_CHECKING

from agent import __version__
from agent.delivery.answers import read_answer, read_token
from agent.delivery.https import Connection, Identity, Times
from agent.delivery.sinks import OK, Answer, Have, Unavailable
from agent.delivery.tokens import current_token, join_token, store_token
from agent.model.codec import dumps
from agent.model.envelope import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from agent.delivery.message import Part
    from agent.model.settings import Settings

_UNAUTHORISED = 401
_CREATED = 201
_NDJSON = "application/x-ndjson"
_JSON = "application/json"


class BackendSink:
    """The backend at backend.url.

    agent: Id of the agent.
    evidence: What an enrolment shows of the host: machine-id, product UUID and the like, by name.
    clock: Gives the time, seconds since 1970.
    """

    compresses = True

    def __init__(
        self,
        settings: Settings,
        agent: str,
        evidence: Mapping[str, str | None],
        clock: Callable[[], float],
        times: Times,
    ) -> None:
        if not settings.backend_url:
            raise Unavailable("backend.url is not set, so that nothing is sent")
        self._settings = settings
        self._agent = agent
        self._evidence = evidence
        self._clock = clock
        identity = Identity(settings.backend_certificate, settings.backend_key)
        self._connection = Connection(
            settings.backend_url, settings.backend_ca, settings.backend_proxy, times, identity
        )
        self._token: str | None = None

    def report(self, part: Part) -> Answer:
        """Send a part of a report to POST /v1/reports; the answer to the last one must name the message."""
        headers = {"Idempotency-Key": part.idempotency_key, "Content-Type": _NDJSON}
        if part.compressed:
            headers["Content-Encoding"] = "gzip"
        answer = self._send("/v1/reports", part.body, headers)
        sent = part.envelope
        if answer.problem is None and sent.part == sent.parts and answer.have != Have(sent.epoch, sent.seq):
            return answer._replace(problem="the backend's answer does not confirm the message")
        return answer

    def heartbeat(self, body: bytes, compressed: bool = False) -> Answer:
        """Send a heartbeat to POST /v1/heartbeat."""
        headers = {"Content-Type": _JSON, **({"Content-Encoding": "gzip"} if compressed else {})}
        return self._send("/v1/heartbeat", body, headers)

    def _send(self, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send with the token; one that was refused is read anew, and used if it was replaced meanwhile."""
        token = self._token = self._token or current_token(self._settings, self._agent) or self._enrol()
        answer = self._post(path, body, headers, token)
        if answer.status == _UNAUTHORISED:
            self._token = current_token(self._settings, self._agent)
            if self._token and self._token != token:
                return self._post(path, body, headers, self._token)
        return answer

    def _post(self, path: str, body: bytes, headers: Mapping[str, str], token: str) -> Answer:
        reply = self._connection.post(path, body, {**headers, **_credentials(body, token)})
        return read_answer(reply.status, reply.headers, reply.body, self._clock())

    def _enrol(self) -> str:
        join = join_token(self._settings)
        if not join:
            raise Unavailable("no token: set backend.token_file, or backend.join_token_file to enrol")
        body = dumps({"schema": SCHEMA, "agent": self._agent, "evidence": dict(self._evidence)})
        headers = {"Content-Type": _JSON, **_credentials(body, join)}
        reply = self._connection.post("/v1/agents", body, headers)
        token = read_token(reply.body) if reply.status in (OK, _CREATED) else None
        if token is None:
            answer = read_answer(reply.status, reply.headers, reply.body, self._clock())
            raise Unavailable(
                f"enrolment: {answer.problem or 'the backend answered without a token'}", answer.retry_after
            )
        store_token(self._settings.state_dir, self._agent, token)
        return token


def _credentials(body: bytes, token: str) -> dict[str, str]:
    """Give the headers that every request has; Content-Digest as RFC 9530 writes it."""
    digest = b2a_base64(sha256(body).digest(), newline=False).decode()
    return {
        "Authorization": f"Bearer {token}",
        "Content-Digest": f"sha-256=:{digest}:",
        "User-Agent": f"stocktake/{__version__}",
    }
