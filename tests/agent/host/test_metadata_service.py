"""agent/host/metadata_service.py: what services tell is learnt, whatever they do; secrets are never asked for."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from agent.host.metadata_service import ask
from tests.hosts import metadata
from tests.hosts.metadata import AZURE_ID, EC2_ID, GCE_ID, SECRET, Service


@pytest.fixture
def serve():
    """Starts stand-ins."""
    running = []

    def start(answer) -> Service:
        running.append(Service(answer))
        return running[-1]

    yield start
    for service in running:
        service.close()


def test_ec2_tells_the_instance_by_its_document_and_the_second_version_alone(serve):
    service = serve(metadata.ec2())
    answer = ask("ec2", service.address)
    assert answer.problem is None
    assert answer.facts == {
        "id": EC2_ID,
        "type": "t3.micro",
        "region": "eu-central-1",
        "zone": "eu-central-1a",
        "account": "123456789012",
        "image": "ami-5fb8c835",
    }
    assert service.asked[0] == "PUT /latest/api/token"


def test_ec2s_tags_are_told_where_their_owner_allows_it(serve):
    service = serve(metadata.ec2({"Name": "web one", "team": "a", "none": ""}))
    assert ask("ec2", service.address).facts["tags"] == ("Name=web one", "none=", "team=a")
    assert "tags" not in ask("ec2", serve(metadata.ec2()).address).facts


def test_ec2_is_never_asked_without_a_token(serve):
    def without_tokens(method, path, fields):
        return metadata.ec2()("GET", path, fields) if method == "PUT" else (200, {}, b"{}")

    service = serve(without_tokens)
    answer = ask("ec2", service.address)
    assert (answer.facts, answer.reason) == ({}, "denied")
    assert service.asked == ["PUT /latest/api/token"]


def test_gce_tells_the_instance_without_its_custom_metadata(serve):
    service = serve(metadata.gce)
    answer = ask("gce", service.address)
    assert answer.problem is None
    assert answer.facts == {
        "id": GCE_ID,
        "type": "e2-micro",
        "region": "europe-west3",
        "zone": "europe-west3-c",
        "account": "example-project",
        "image": "projects/debian-cloud/global/images/debian-12-bookworm-v20261001",
        "tags": ("https-server", "web"),
    }
    assert not [path for path in service.asked if "attributes" in path or "recursive" in path]


def test_an_answer_that_is_not_googles_is_none_of_gce(serve):
    answer = ask("gce", serve(metadata.always(200, b"1")).address)
    assert (answer.facts, answer.reason) == ({}, "malformed")
    assert "Metadata-Flavor" in answer.problem


def test_azure_tells_the_instance_and_nothing_of_keys_and_accounts(serve):
    answer = ask("azure", serve(metadata.azure).address)
    assert answer.problem is None
    assert SECRET not in repr(answer)
    assert answer.facts == {
        "id": AZURE_ID,
        "type": "Standard_B1s",
        "region": "westeurope",
        "zone": "1",
        "account": "8d10da13-8125-4ba9-a717-bf7490507b3d",
        "group": "example",
        "image": "debian:debian-12:12:0.20261001.1",
        "tags": ("environment=test", "team=a"),
    }


@pytest.mark.parametrize(
    ("status", "reason"),
    [(401, "denied"), (403, "denied"), (404, "unsupported"), (500, "unsupported"), (302, "unsupported")],
)
@pytest.mark.parametrize("provider", ["ec2", "gce", "azure"])
def test_a_refusal_is_told_with_its_status_and_no_redirect_is_followed(serve, provider, status, reason):
    elsewhere = serve(metadata.always(200, b"{}"))
    there = f"http://127.0.0.1:{elsewhere.address[1]}/"
    answer = ask(provider, serve(metadata.always(status, b"", Location=there)).address)
    if (provider, status) == ("gce", 404):  # each single value is missing, so that there is no instance either
        assert answer.facts == {}
        return
    assert (answer.facts, answer.reason) == ({}, reason)
    assert str(status) in answer.problem
    assert elsewhere.asked == []


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b'{"instanceId": 7}', b"\xff\xfe", b"[" * 5000, b'"' * 9999])
@pytest.mark.parametrize("provider", ["ec2", "gce", "azure"])
def test_garbage_is_malformed_and_not_quoted(serve, provider, body):
    flavor = {"Metadata-Flavor": "Google"}
    answer = ask(provider, serve(metadata.always(200, body, **flavor)).address)
    assert (answer.facts, answer.reason) == ({}, "malformed")
    assert "html" not in answer.problem


@pytest.mark.parametrize("provider", ["ec2", "gce", "azure"])
def test_of_a_huge_answer_no_more_than_its_start_is_read(serve, provider):
    answer = ask(provider, serve(metadata.always(200, b"1" * (1 << 20), **{"Metadata-Flavor": "Google"})).address)
    assert (answer.facts, answer.reason) == ({}, "malformed")
    assert "longer than" in answer.problem


@pytest.mark.parametrize("provider", ["ec2", "gce", "azure"])
def test_no_answer_is_given_up_in_time(serve, provider):
    answer = ask(provider, serve(metadata.slowly(5)).address, seconds=0.2)
    assert (answer.facts, answer.reason) == ({}, "io_error")
    assert "did not answer within 0.2 s" in answer.problem
    assert ("hop limit" in answer.problem) is (provider == "ec2")


def test_a_service_that_is_not_there_cannot_be_reached():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        answer = ask("ec2", taken.getsockname())
    assert (answer.facts, answer.reason) == ({}, "io_error")
    assert "cannot be reached" in answer.problem


def test_a_service_that_speaks_no_http_is_malformed():
    listening = socket.create_server(("127.0.0.1", 0))

    def babble() -> None:
        channel, _ = listening.accept()
        with channel:
            channel.sendall(b"SSH-2.0-x\r\n" * 10)

    threading.Thread(target=babble, daemon=True).start()
    answer = ask("azure", listening.getsockname())
    listening.close()
    assert (answer.facts, answer.reason) == ({}, "malformed")


def test_a_proxy_of_the_environment_is_not_used(serve, monkeypatch):
    proxy = serve(metadata.always(200, b"{}"))
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.address[1]}")
    assert ask("azure", serve(metadata.azure).address).facts["id"] == AZURE_ID
    assert proxy.asked == []


def test_more_tags_than_a_cloud_allows_are_no_answer(serve):
    answer = ask("ec2", serve(metadata.ec2({f"k{number}": "v" for number in range(100)})).address)
    assert (answer.facts, answer.reason) == ({}, "malformed")


def test_all_requests_together_have_one_time_limit(serve):
    def dawdling(method, path, fields):
        time.sleep(0.15)
        return metadata.gce(method, path, fields)

    answer = ask("gce", serve(dawdling).address, seconds=0.4)
    assert (answer.facts, answer.reason) == ({}, "io_error")
