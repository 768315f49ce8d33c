"""Stand-ins for the metadata services of clouds, which behave as these are documented to, and bad ones."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = "s3cr3t-of-the-metadata"
"""Stands wherever a real service may have secrets."""
TOKEN = "AQAEA-token-of-a-session=="
EC2_ID, GCE_ID, AZURE_ID = "i-0123456789abcdef0", "4520031799277581759", "02aab8a4-74ef-476e-8182-f6d2ba4166a6"
EC2_DOCUMENT = {
    "accountId": "123456789012",
    "architecture": "x86_64",
    "availabilityZone": "eu-central-1a",
    "billingProducts": None,
    "imageId": "ami-5fb8c835",
    "instanceId": EC2_ID,
    "instanceType": "t3.micro",
    "privateIp": "10.158.112.84",
    "region": "eu-central-1",
}
GCE_VALUES = {
    "instance/id": GCE_ID,
    "instance/machine-type": "projects/123456/machineTypes/e2-micro",
    "instance/zone": "projects/123456/zones/europe-west3-c",
    "instance/image": "projects/debian-cloud/global/images/debian-12-bookworm-v20261001",
    "instance/tags": '["web","https-server"]',
    "instance/attributes/startup-script": SECRET,
    "project/project-id": "example-project",
}
AZURE_COMPUTE = {
    "customData": SECRET,
    "location": "westeurope",
    "offer": "debian-12",
    "osProfile": {"adminUsername": SECRET},
    "publicKeys": [{"keyData": SECRET}],
    "publisher": "debian",
    "resourceGroupName": "example",
    "sku": "12",
    "subscriptionId": "8d10da13-8125-4ba9-a717-bf7490507b3d",
    "tagsList": [{"name": "team", "value": "a"}, {"name": "environment", "value": "test"}],
    "version": "0.20261001.1",
    "vmId": AZURE_ID.upper(),
    "vmSize": "Standard_B1s",
    "zone": "1",
}


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing of who hangs up, as tests do."""


class Service:
    """A server on loopback.

    answer: Gives status, fields of the header and body of a request's method, path and fields of the header.
    asked: The requests that came, each its method and path.
    """

    def __init__(self, answer: Answering, address: tuple[str, int] = ("127.0.0.1", 0)) -> None:
        self.asked: list[str] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                service.asked.append(f"{self.command} {self.path}")
                status, fields, body = answer(
                    self.command, self.path, {name.title(): value for name, value in self.headers.items()}
                )
                self.send_response(status)
                for name, value in {**fields, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_PUT = do_GET  # noqa: N815 - so the server calls it

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = _Quiet(address, Handler)
        self.address = (address[0], self._server.server_port)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()


Reply = tuple[int, dict[str, str], bytes]


def ec2(tags: dict[str, str] | None = None, document: object = EC2_DOCUMENT) -> Answering:
    """Answer as EC2 does where tokens are required; without tags where they are not allowed."""

    def answer(method: str, path: str, fields: dict[str, str]) -> Reply:
        if path == "/latest/api/token":
            if method != "PUT" or "X-Forwarded-For" in fields:
                return 403, {}, b""
            ttl = fields.get("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "")
            return (200, {}, TOKEN.encode()) if ttl.isdigit() else (400, {}, b"")
        if fields.get("X-Aws-Ec2-Metadata-Token") != TOKEN:
            return 401, {}, b""
        if path == "/latest/dynamic/instance-identity/document":
            return 200, {}, json.dumps(document).encode()
        before, _, key = path.partition("/latest/meta-data/tags/instance")
        if before or tags is None or "user-data" in path or "iam" in path:
            return 404, {}, b""
        found = "\n".join(tags) if not key.strip("/") else tags.get(key.strip("/"))
        return (404, {}, b"") if found is None else (200, {}, found.encode())

    return answer


def gce(_: str, path: str, fields: dict[str, str]) -> Reply:
    """Answer as Compute Engine does."""
    if fields.get("Metadata-Flavor") != "Google":
        return 403, {}, b"Missing Metadata-Flavor:Google header."
    value = GCE_VALUES.get(path.removeprefix("/computeMetadata/v1/"))
    return (404, {}, b"") if value is None else (200, {"Metadata-Flavor": "Google"}, value.encode())


def azure(_: str, path: str, fields: dict[str, str]) -> Reply:
    """Answer as Azure does."""
    if fields.get("Metadata") != "true":
        return 400, {}, b'{ "error": "Bad request. Required metadata header not specified" }'
    if not path.startswith("/metadata/instance/compute?api-version="):
        return 404, {}, b""
    return 200, {"Content-Type": "application/json"}, json.dumps(AZURE_COMPUTE).encode()


def always(status: int, body: bytes = b"", **fields: str) -> Answering:
    """Answer everything alike."""
    return lambda *_: (status, fields, body)


def slowly(seconds: float) -> Answering:
    """Answer late."""

    def answer(*_: object) -> Reply:
        time.sleep(seconds)
        return 200, {}, b"{}"

    return answer


Answering = "Callable[[str, str, dict[str, str]], Reply]"
