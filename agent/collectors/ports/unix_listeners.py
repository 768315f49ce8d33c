"""Records of Unix stream sockets that every local user can connect to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.model.records import Gap, UnixListener

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Iterator

    from agent.collectors.ports.context import Context
    from agent.collectors.ports.processes import Root
    from agent.collectors.ports.roots import Roots
    from agent.collectors.ports.sockets import BoundUnix

_ABSTRACT = "@"


def reachable(sockets: Iterable[BoundUnix], roots: Roots, report: Callable[[Gap], None]) -> Iterator[BoundUnix]:
    """Give the sockets that may be open to every user, whoever holds them."""
    reported = set()
    for bound in sockets:
        path = bound.socket.path
        name = bound.namespace.name
        if path.startswith(_ABSTRACT):
            yield bound
        elif not path.startswith("/"):
            detail = "bound to a relative path; the directory that it was relative to is not known"
            report(Gap(f"{name}/unix/{path}", "unsupported", detail, f"{name}/unix/{path}"))
        elif roots.reachable(bound.namespace, path):
            yield bound
        elif roots.blind(bound.namespace) and name not in reported:
            reported.add(name)
            detail = (
                "paths of sockets in the roots of other users' processes cannot be looked at without cap_sys_ptrace"
            )
            report(Gap(f"{name} unix", "denied", detail, f"{name}/unix/"))


def unix_records(sockets: Iterable[BoundUnix], context: Context) -> Iterator[UnixListener]:
    """Give a record for each path of each namespace, one for each root in which it is a socket."""
    newest: dict[tuple[str, str], dict[Root | None, BoundUnix]] = {}
    for bound in sorted(sockets, key=lambda bound: bound.socket.inode):
        if _is_there(bound, context):  # a later socket of the same path has taken the file of an earlier one
            newest.setdefault((bound.namespace.name, bound.socket.path), {})[_root(bound, context)] = bound
    for key in sorted(newest):
        ranked = sorted(newest[key].values(), key=lambda bound: _rank(bound, context))
        for ordinal, bound in enumerate(ranked, 1):
            yield _record(bound, ordinal, context)


def _is_there(bound: BoundUnix, context: Context) -> bool:
    inode = bound.socket.inode
    known = inode in context.owners.held or inode in context.owners.unknown
    return known and (_is_abstract(bound) or _status(bound, context) is not None)


def _is_abstract(bound: BoundUnix) -> bool:
    return bound.socket.path.startswith(_ABSTRACT)


def _root(bound: BoundUnix, context: Context) -> Root | None:
    """Tell in which root the socket's path is meant: its holder's, else one in which it can be reached."""
    if _is_abstract(bound):
        return None
    held = context.owners.held.get(bound.socket.inode)
    if held and held.process.root:
        return held.process.root
    return next(iter(context.roots.reachable(bound.namespace, bound.socket.path)), None)


def _status(bound: BoundUnix, context: Context) -> os.stat_result | None:
    root = _root(bound, context)
    return context.roots.status(root, bound.socket.path) if root else None


def _rank(bound: BoundUnix, context: Context) -> tuple[str, str]:
    """Order the roots of a path: the host's first, then by container and program."""
    held = context.owners.held.get(bound.socket.inode)
    return (held.process.container or "", held.process.executable or "") if held else ("", "")


def _record(bound: BoundUnix, ordinal: int, context: Context) -> UnixListener:
    inode = bound.socket.inode
    held = context.owners.held.get(inode)
    process = held.process if held else None
    status = _status(bound, context)
    return UnixListener(
        path=bound.socket.path,
        abstract=_is_abstract(bound),
        namespace=bound.namespace.name,
        mode=f"{status.st_mode & 0o7777:04o}" if status else None,
        uid=status.st_uid if status else None,
        user=context.users.get(status.st_uid) if status else None,
        process=process.name if process else None,
        executable=process.executable if process else None,
        package=context.package(process),
        container=process.container if process else None,
        owner_unknown=context.owners.unknown.get(inode),
        ordinal=ordinal,
        pid=process.pid if process else None,
        fd=held.fd if held else None,
        inodes=(inode,),
        started=process.started if process else None,
    )
