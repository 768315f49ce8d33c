"""Asks the metadata service of a cloud who the instance is; the only requests that go anywhere but to the backend.

It is at the same link-local address in all three clouds. What may hold secrets is never asked for: user data, custom
metadata (startup scripts, keys), credentials of roles. No proxy is used, no redirect followed, no name resolved.
"""

from __future__ import annotations

import time
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from agent.formats import cloud_metadata
from agent.host.cloud import AZURE, EC2, GCE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from agent.formats.cloud_metadata import Facts

ADDRESS = ("169.254.169.254", 80)
SECONDS = 2.0
"""Time for all requests together."""
_LONGEST = 64 * 1024
_GCE_PATHS = (
    "instance/id",
    "instance/machine-type",
    "instance/zone",
    "instance/image",
    "instance/tags",
    "project/project-id",
)
_OK, _NOT_FOUND = 200, 404
_SAID_NO = (401, 403)


class Answer(NamedTuple):
    """What was learnt.

    facts: Fields of CloudInstance; empty where nothing was.
    problem: Why it is not all; None where it is.
    reason: The one word for that of a Gap.
    """

    facts: Facts
    problem: str | None = None
    reason: str = "io_error"


class _Refused(Exception):
    """An answer of another status; status holds it."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the metadata service answered with status {status}")
        self.status = status


def ask(provider: str, address: tuple[str, int] = ADDRESS, seconds: float = SECONDS) -> Answer:
    """Ask for an instance of a provider; whatever goes wrong is in the answer.

    seconds: Each wait is at most what is left of them; whoever must be sure that all of it is over ends the process.
    """
    service = _Service(address, time.monotonic() + seconds)
    try:
        return Answer(_PROVIDERS[provider](service))
    except _Refused as refused:
        return Answer({}, str(refused), "denied" if refused.status in _SAID_NO else "unsupported")
    except TimeoutError:
        return Answer({}, f"the metadata service did not answer within {seconds:g} s{_HINTS.get(provider, '')}")
    except OSError as error:
        return Answer({}, f"the metadata service cannot be reached: {error.strerror or type(error).__name__}")
    except (HTTPException, ValueError) as error:
        text = str(error) if type(error) is ValueError else type(error).__name__
        return Answer({}, f"the metadata service: {text}", "malformed")
    finally:
        service.close()


class _Service:
    """Makes requests until a time is over, over as few connections as the service allows."""

    def __init__(self, address: tuple[str, int], deadline: float) -> None:
        self._connection = HTTPConnection(*address, timeout=SECONDS)
        self._deadline = deadline

    def close(self) -> None:
        self._connection.close()

    def get(self, path: str, headers: Mapping[str, str], method: str = "GET", proof: str = "") -> bytes:
        """Give the body of an answer with status 200; _Refused for others, ValueError for what is too long.

        proof: A field of the header that a genuine answer has.
        """
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.timeout = left
        if self._connection.sock:
            self._connection.sock.settimeout(left)
        self._connection.request(method, path, headers=dict(headers))
        response = self._connection.getresponse()
        content = response.read(_LONGEST + 1)
        if len(content) > _LONGEST:
            raise ValueError(f"an answer is longer than {_LONGEST // 1024} KiB")
        if response.status != _OK:
            raise _Refused(response.status)
        if proof and response.getheader(proof) is None:
            raise ValueError(f"an answer lacks {proof}")
        return content


def _ec2(service: _Service) -> Facts:
    """Use version 2 of the service alone: the token cannot be had through a proxy or a forged request (IMDSv2)."""
    token = service.get("/latest/api/token", {"X-aws-ec2-metadata-token-ttl-seconds": "60"}, "PUT")
    if not token.isascii() or not 0 < len(token) < 256 or not token.decode("ascii").isprintable():
        raise ValueError("the token is none")
    headers = {"X-aws-ec2-metadata-token": token.decode("ascii")}
    facts = cloud_metadata.ec2_document(service.get("/latest/dynamic/instance-identity/document", headers))
    path = "/latest/meta-data/tags/instance"
    try:
        keys = cloud_metadata.ec2_tag_keys(service.get(path, headers))
    except _Refused as refused:
        if refused.status != _NOT_FOUND:
            raise
        return facts  # its owner does not let the service tell them
    values = [(key, service.get(f"{path}/{quote(key, safe='')}", headers)) for key in keys]
    return {**facts, "tags": cloud_metadata.tags(values)}


def _gce(service: _Service) -> Facts:
    """Ask for single values: all at once would have the custom metadata among them."""
    values = {}
    for path in _GCE_PATHS:
        try:
            values[path] = service.get(
                f"/computeMetadata/v1/{path}", {"Metadata-Flavor": "Google"}, proof="Metadata-Flavor"
            )
        except _Refused as refused:
            if refused.status != _NOT_FOUND:
                raise
    return cloud_metadata.gce(values)


def _azure(service: _Service) -> Facts:
    """Ask by a version of the service that tells tags, and no user data yet."""
    return cloud_metadata.azure(service.get("/metadata/instance/compute?api-version=2019-11-01", {"Metadata": "true"}))


_PROVIDERS: dict[str, Callable[[_Service], Facts]] = {EC2: _ec2, GCE: _gce, AZURE: _azure}
_HINTS = {EC2: "; in a container it needs a hop limit of 2 (HttpPutResponseHopLimit)"}
