"""What is known of the cloud: asked once a day by a process of its own, and kept in the state folder meanwhile.

A worker that reads the host may not talk to anybody. So before it is confined it has a child ask, which is confined but
for the network, does nothing else, and is killed when its time is over. A service that did not answer is left alone for an
hour, whatever the section's period is.
"""

from __future__ import annotations

import json
import os
import select
import signal
import time
from typing import TYPE_CHECKING, Any, NoReturn

from agent import limits
from agent.host import cloud
from agent.host.evidence import product_uuid
from agent.host.kept import read_kept, write_kept
from agent.host.kernel import boot_id
from agent.model.spec import Cloud

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from agent.host import Host

FILE = "cloud.json"
FRESH = 86400
"""Seconds for which what the service told holds; no longer than until the next boot."""
SPARED = 3600
"""Seconds for which a service is not asked again that did not answer."""
WALL = 2.5
"""Seconds after which the child is killed: those of its requests and of its start."""
_LIMIT = 256 * 1024
_MEMORY, _SECONDS = 64, 5
_FORESEEN = (OSError, ValueError, RecursionError)


def know(
    host: Host, state_dir: str | None, *, may_ask: bool, asked: Callable[[str], dict[str, Any]] | None = None
) -> Cloud:
    """Tell what is known of the cloud of a running system, asking where that is allowed and due.

    state_dir: Where it is kept; None where nothing may be kept, so that it is asked each time.
    may_ask: Whether the service may be asked at all.
    asked: Asks it, for tests.
    """
    if host.proc is None:
        return Cloud()
    try:
        provider = cloud.provider(host.root)
    except OSError as error:
        return Cloud(problem=f"whether it is a cloud's instance: {error.strerror}")
    if provider is None:
        return Cloud()
    machine, now = _machine(host), int(time.time())
    kept = _kept(state_dir, machine) if state_dir else {}
    if not may_ask or _holds(kept, now):
        return _known(provider, kept)
    answer = {**(asked or _ask)(provider), "at": now, "machine": machine}
    if not answer.get("facts"):
        answer["facts"] = kept.get("facts", {})
    if state_dir:
        _keep(state_dir, answer)
    return _known(provider, answer)


def kept_id(host: Host, state_dir: str) -> str | None:
    """Give the instance's id that was learnt since this boot; None where none was. Nobody is asked."""
    if host.proc is None:
        return None
    found = _kept(state_dir, _machine(host)).get("facts", {}).get("id")
    return found if isinstance(found, str) else None


def _known(provider: str, answer: Mapping[str, Any]) -> Cloud:
    told = answer.get("facts", {}).items()
    facts = {name: tuple(value) if isinstance(value, list) else value for name, value in told}
    return Cloud(provider, facts, answer.get("problem"), answer.get("reason", "io_error"))


def _holds(kept: Mapping[str, Any], now: int) -> bool:
    """Tell whether there is an answer that needs no other yet; one from the future holds no longer than any."""
    at = kept.get("at")
    return isinstance(at, int) and 0 <= now - at < (SPARED if kept.get("problem") else FRESH)


def _machine(host: Host) -> str:
    """Name the machine and its boot, so that what a copied state folder holds is not believed."""
    return f"{_or_nothing(product_uuid, host.root)} {_or_nothing(boot_id, host.proc)}"


def _or_nothing(read: Callable[[Any], str | None], what: object) -> str:
    try:
        return read(what) or ""
    except _FORESEEN:
        return ""


def _kept(state_dir: str, machine: str) -> dict[str, Any]:
    """Read what is kept of this machine; nothing where it is of another, damaged or missing."""
    try:
        kept = json.loads(read_kept(state_dir, FILE, _LIMIT) or b"{}")
        sound = kept["machine"] == machine and isinstance(kept["at"], int) and isinstance(kept["facts"], dict)
    except (*_FORESEEN, KeyError, TypeError):
        return {}
    return kept if sound else {}


def _keep(state_dir: str, answer: dict[str, Any]) -> None:
    try:
        write_kept(state_dir, FILE, json.dumps(answer).encode())
    except OSError:
        pass  # it is asked again at the next collection


def _ask(provider: str) -> dict[str, Any]:
    """Have a child ask; give its answer, or why there is none."""
    reading, writing = os.pipe2(os.O_CLOEXEC)
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        _be_asker(provider, writing)
    os.close(writing)
    try:
        content = _read(reading, time.monotonic() + WALL)
    finally:
        os.close(reading)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    try:
        said = json.loads(content)
    except ValueError:
        return {"facts": {}, "problem": f"the metadata service did not answer within {WALL:g} s", "reason": "io_error"}
    return dict(said)


def _read(fd: int, deadline: float) -> bytes:
    content = b""
    while len(content) < _LIMIT:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([fd], [], [], left)[0]:
            break
        chunk = os.read(fd, 65536)
        if not chunk:
            break
        content += chunk
    return content


def _be_asker(provider: str, writing: int) -> NoReturn:
    try:
        from agent.host.metadata_service import ask  # noqa: PLC0415 - where there is no cloud nobody pays for HTTP

        limits.apply(_MEMORY, _SECONDS, (), network=True, traces=False)
        content = json.dumps(ask(provider)._asdict()).encode()
        while content:
            content = content[os.write(writing, content) :]
    finally:
        os._exit(0)
