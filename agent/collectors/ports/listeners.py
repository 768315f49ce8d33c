"""Records of TCP and UDP sockets: what shares address, port and program is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.model.records import Listener
from agent.sockets.exposure import Exposure, Surroundings, expose

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from agent.collectors.ports.context import Context
    from agent.collectors.ports.resolve import Held
    from agent.sockets.processes import Process
    from agent.sockets.sockets import Bound

INODES = 64
"""Inodes that one record names at most."""


class _Owned(NamedTuple):
    bound: Bound
    held: Held | None
    why: str | None


def listeners(sockets: Iterable[Bound], context: Context) -> Iterator[Listener]:
    """Give a record for each program at each address and port of each namespace."""
    groups: dict[tuple[str, str, str, int], list[_Owned]] = {}
    for bound in sockets:
        inode = bound.socket.inode
        held, why = context.owners.held.get(inode), context.owners.unknown.get(inode)
        if held or why:  # in neither it is gone
            key = (bound.namespace.name, bound.protocol, bound.socket.address, bound.socket.port)
            groups.setdefault(key, []).append(_Owned(bound, held, why))
    for key in sorted(groups):
        by_program: dict[tuple[str, ...], list[_Owned]] = {}
        for owned in groups[key]:
            by_program.setdefault(_program(owned), []).append(owned)
        for ordinal, program in enumerate(sorted(by_program), 1):
            yield _listener(sorted(by_program[program], key=_inode), ordinal, context)


def _program(owned: _Owned) -> tuple[str, ...]:
    """What makes two owners of an address and port one: program, container and user."""
    uid = str(owned.bound.socket.uid)
    if owned.held is None:
        return "", uid, owned.why or ""
    process = owned.held.process
    return process.executable or process.name, uid, process.container or ""


def _inode(owned: _Owned) -> int:
    return owned.bound.socket.inode


def _listener(group: list[_Owned], ordinal: int, context: Context) -> Listener:
    bound, held, why = group[0]
    process = held.process if held else None
    socket = bound.socket
    exposure = _exposure(bound, process, context)
    return Listener(
        protocol=bound.protocol,
        family=bound.family,
        address=socket.address,
        port=socket.port,
        namespace=bound.namespace.name,
        process=process.name if process else None,
        executable=process.executable if process else None,
        uid=socket.uid,
        user=context.users.get(socket.uid),
        package=context.package(process),
        container=process.container if process else None,
        exposure=exposure.kind,
        exposure_reason=exposure.reason,
        owner_unknown=why,
        ordinal=ordinal,
        pid=process.pid if process else None,
        fd=held.fd if held else None,
        inodes=tuple(_inode(owned) for owned in group[:INODES]),
        started=process.started if process else None,
    )


def _exposure(bound: Bound, process: Process | None, context: Context) -> Exposure:
    namespace = bound.namespace
    addresses = context.addresses.get(namespace)
    surroundings = Surroundings(namespace.name, namespace.is_host, namespace.container, addresses)
    published = context.published.get(namespace, {}).get((bound.protocol, bound.socket.port))
    return expose(bound.socket.address, surroundings, process.name if process else None, published)
