"""One POST at a time to the backend over HTTPS, with every wait and length bounded; the only user of requests."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import requests

from agent.delivery.deadline import TooSlow, deadline
from agent.delivery.sinks import Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST_ANSWER = 64 * 1024


class Times(NamedTuple):
    """Limits in seconds.

    connect: For a connection to be made.
    read: For any one wait for bytes of the answer.
    total: For a request and its answer.
    """

    connect: float = 5
    read: float = 30
    total: float = 120


class Reply(NamedTuple):
    """An answer as it came.

    status: HTTP status.
    headers: Its header fields, by names in any case.
    body: Its body, at most 64 KiB.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


class Identity(NamedTuple):
    """What this agent shows of itself where the backend, or what stands before it, asks for a certificate.

    certificate: PEM file of its certificate and its chain; None for none.
    key: PEM file of its private key; None when the certificate's file holds it.
    """

    certificate: str | None = None
    key: str | None = None


class Connection:
    """A backend's address and how to reach it.

    url: https://, or http:// to this machine alone.
    authorities: PEM file of the authorities that sign its certificate; the system's own when None.
    proxy: Proxy to go through; those of the environment are not used, nor is netrc.
    identity: The agent's own certificate, read at each connection.
    """

    def __init__(self, url: str, authorities: str | None, proxy: str | None, times: Times, identity: Identity) -> None:
        self._url = url.rstrip("/")
        self._place = _place(url)
        self._times = times
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = authorities or _system_authorities()
        if identity.certificate:
            self._session.cert = (identity.certificate, identity.key) if identity.key else identity.certificate
        self._session.proxies = {"https": proxy} if proxy else {}

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Send a body and give the answer; Unavailable, naming the backend and the reason, without one."""
        try:
            with deadline(self._times.total):
                return self._post(path, body, headers)
        except TooSlow:
            raise self._unavailable(f"no answer within {self._times.total:g} s") from None
        except (requests.RequestException, OSError) as error:
            raise self._unavailable(_reason(error)) from None

    def _post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        with self._session.post(
            self._url + path,
            data=body,
            headers={**headers, "Accept": "application/json", "Accept-Encoding": "identity"},
            timeout=(self._times.connect, self._times.read),
            allow_redirects=False,
            stream=True,
        ) as response:
            if "Content-Encoding" in response.headers:
                raise self._unavailable("the answer is compressed, which nobody asked for")
            return Reply(response.status_code, response.headers, self._read(response))

    def _read(self, response: requests.Response) -> bytes:
        body = b""
        for chunk in response.iter_content(_LONGEST_ANSWER):
            body += chunk
            if len(body) > _LONGEST_ANSWER:
                raise self._unavailable(f"the answer is longer than {_LONGEST_ANSWER // 1024} KiB")
        return body

    def _unavailable(self, problem: str) -> Unavailable:
        return Unavailable(f"{self._place}: {problem}")


def _place(url: str) -> str:
    """Give host and port for messages; Unavailable for an address that tokens must not be sent to."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise Unavailable("backend.url: not an address") from None
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))):
        raise Unavailable("backend.url: expected https://, or http:// to this machine alone")
    return f"{host}:{port}"


def _is_loopback(host: str) -> bool:
    if host in ("localhost", "::1"):
        return True
    numbers = host.split(".")
    return len(numbers) == 4 and numbers[0] == "127" and all(number.isdigit() for number in numbers)


def _system_authorities() -> str | bool:
    """Give what OpenSSL itself would use; where the system has none, the list that requests brings."""
    places = ssl.get_default_verify_paths()
    return places.cafile or places.capath or True


def _reason(error: BaseException) -> str:
    """Say in one line why there was no answer; texts of requests are many lines and hold the address."""
    if isinstance(error, requests.exceptions.SSLError):
        return "TLS: " + _innermost(error)
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return "no connection in time"
    if isinstance(error, requests.exceptions.Timeout):
        return "no answer in time"
    return _innermost(error)


def _innermost(error: BaseException) -> str:
    """Find the words of the operating system or of OpenSSL for an error that was wrapped several times."""
    if type(error) is OSError:
        return str(error)  # of requests itself: backend.ca leads nowhere
    found = f"the connection broke off ({type(error).__name__})"
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return f"the certificate is not trusted: {seen.verify_message}"
        if isinstance(seen, OSError) and seen.strerror:
            found = seen.strerror
        seen = seen.__cause__ or seen.__context__
    return found
