"""The backend sink: enrolment, tokens, TLS, and what it refuses to talk to."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
from pathlib import Path

import pytest

from agent.delivery.destination import open_sink
from agent.delivery.sinks import FileSink, StdoutSink, Unavailable
from agent.model.envelope import Heartbeat, write_heartbeat
from agent.model.settings import Settings

BEAT = write_heartbeat(Heartbeat(1, "agent-1", 0, "0", {}, 0))


def test_an_agent_without_a_token_enrols_once_and_keeps_what_it_is_given(backend, sink_for, tmp_path):
    options = {"backend_token": None, "backend_join_token": "join-token"}
    for _ in range(2):
        sink_for(backend.url, **options).heartbeat(BEAT)
    assert backend.paths() == ["/v1/agents", "/v1/heartbeat", "/v1/heartbeat"]
    enrolment, *rest = backend.requests
    assert json.loads(enrolment.body) == {"schema": 1, "agent": "agent-1", "evidence": {"machine_id": "m"}}
    assert enrolment.headers["Authorization"] == "Bearer join-token"
    assert {request.headers["Authorization"] for request in rest} == {"Bearer enrolled-token"}
    assert (tmp_path / "token.agent-1").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (
            {"status": 403, "body": b'{"error": "the join token was used"}'},
            "enrolment: the backend answered 403: the join token was used",
        ),
        ({"status": 200, "body": b'{"token": "two words"}'}, "enrolment: the backend answered without a token"),
        ({"status": 200, "body": b"<html>"}, "enrolment: the answer (200, no type) is not the backend's"),
    ],
)
def test_an_enrolment_that_fails_is_told_and_stores_nothing(backend, sink_for, reply, tmp_path, fields, told):
    backend.script = [reply(**fields)]
    sink = sink_for(backend.url, backend_token=None, backend_join_token="join-token")
    with pytest.raises(Unavailable) as raised:
        sink.heartbeat(BEAT)
    assert str(raised.value).startswith(told)
    assert not (tmp_path / "token.agent-1").exists()


@pytest.mark.parametrize(
    ("content", "told"),
    [(None, "No such file"), (b"", "does not hold a token"), (b"a b", "does not"), (b"x" * 5000, "does not")],
)
def test_a_token_file_without_a_token_is_told_without_its_content(sink_for, tmp_path, content, told):
    path = tmp_path / "given"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Unavailable, match=told) as raised:
        sink_for("http://127.0.0.1:1", backend_token=None, backend_token_file=str(path)).heartbeat(BEAT)
    assert "a b" not in str(raised.value)


def test_a_token_file_that_is_a_fifo_is_not_waited_for(sink_for, tmp_path):
    os.mkfifo(tmp_path / "given")
    with pytest.raises(Unavailable, match="not a regular file"):
        sink_for("http://127.0.0.1:1", backend_token=None, backend_token_file=str(tmp_path / "given")).heartbeat(BEAT)


@pytest.mark.parametrize(
    "url", ["http://example.org", "http://127.example.org", "ftp://127.0.0.1", "https://", "http://[::"]
)
def test_tokens_go_over_https_or_stay_on_this_machine(sink_for, url):
    with pytest.raises(Unavailable, match=r"backend\.url"):
        sink_for(url)


def test_the_environment_gives_neither_a_proxy_nor_credentials(backend, sink_for, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    sink_for(backend.url).heartbeat(BEAT)
    assert backend.requests[0].headers["Authorization"] == "Bearer agent-token"


@pytest.fixture
def certificate(tmp_path) -> str:
    path = str(tmp_path / "server.pem")
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", path]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run(["openssl", "req", "-x509", *key, *names, "-out", path + ".crt"], check=True, capture_output=True)
    return path


@pytest.fixture
def tls(backend, certificate) -> str:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate + ".crt", certificate)
    backend.server.socket = context.wrap_socket(backend.server.socket, server_side=True)
    return backend.url.replace("http://127.0.0.1", "https://localhost")


def test_a_certificate_of_a_configured_authority_is_trusted(backend, tls, certificate, sink_for):
    sink = sink_for(tls, backend_ca=certificate + ".crt")
    assert sink.heartbeat(BEAT).problem is None


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_certificate_of_nobody_is_not(backend, tls, sink_for):
    with pytest.raises(Unavailable, match=r"TLS: the certificate is not trusted: self.signed certificate"):
        sink_for(tls).heartbeat(BEAT)
    assert backend.requests == []


def test_a_certificate_of_another_name_is_not(backend, tls, certificate, sink_for):
    with pytest.raises(Unavailable, match=r"TLS: the certificate is not trusted: .*IP address mismatch"):
        sink_for(tls.replace("localhost", "127.0.0.1"), backend_ca=certificate + ".crt").heartbeat(BEAT)
    assert backend.requests == []


@pytest.fixture
def asking(backend, certificate) -> str:
    """A backend that asks for a certificate of the same authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate + ".crt", certificate)
    context.load_verify_locations(certificate + ".crt")
    context.verify_mode = ssl.CERT_REQUIRED
    backend.server.socket = context.wrap_socket(backend.server.socket, server_side=True)
    return backend.url.replace("http://127.0.0.1", "https://localhost")


def test_an_agent_shows_its_certificate_where_one_is_asked_for(asking, certificate, sink_for):
    own = {"backend_certificate": certificate + ".crt", "backend_key": certificate}
    assert sink_for(asking, backend_ca=certificate + ".crt", **own).heartbeat(BEAT).problem is None


def test_a_certificate_and_its_key_may_be_one_file(asking, certificate, sink_for, tmp_path):
    both = tmp_path / "both.pem"
    both.write_bytes(Path(certificate).read_bytes() + Path(certificate + ".crt").read_bytes())
    sink = sink_for(asking, backend_ca=certificate + ".crt", backend_certificate=str(both))
    assert sink.heartbeat(BEAT).problem is None


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_without_a_certificate_it_is_not_let_in(backend, asking, certificate, sink_for):
    with pytest.raises(Unavailable):
        sink_for(asking, backend_ca=certificate + ".crt").heartbeat(BEAT)
    assert backend.requests == []


def test_a_key_that_is_not_there_is_told(sink_for):
    with pytest.raises(Unavailable, match="/nowhere"):
        sink_for("https://localhost:1", backend_certificate="/nowhere").heartbeat(BEAT)


def test_authorities_that_are_not_there_are_told(sink_for):
    with pytest.raises(Unavailable, match="/nowhere"):
        sink_for("https://localhost:1", backend_ca="/nowhere").heartbeat(BEAT)


@pytest.mark.parametrize(
    ("settings", "kind"),
    [(Settings(sink="stdout"), StdoutSink), (Settings(sink="file", sink_path="/x"), FileSink)],
)
def test_the_settings_name_the_sink(settings, kind):
    assert isinstance(open_sink(settings, "agent-1", {}), kind)


@pytest.mark.parametrize("settings", [Settings(sink="file"), Settings()])
def test_a_sink_without_an_address_is_told(settings):
    with pytest.raises(Unavailable, match="is not set"):
        open_sink(settings, "agent-1", {})
