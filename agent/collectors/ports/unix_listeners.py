"""Records of Unix stream sockets that every local user can connect to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.model.records import Gap, UnixListener

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Iterator

    from agent.collectors.ports.context import Context
    from agent.collectors.ports.resolve import Held
    from agent.sockets.namespaces import Namespace
    from agent.sockets.processes import View
    from agent.sockets.roots import Roots
    from agent.sockets.sockets import BoundUnix

_ABSTRACT = "@"


class Reachable(NamedTuple):
    """A socket that may be open to every user, whoever holds it.

    bound: The socket.
    view: A tree in which it is; None for an abstract one, or where the tree may not be told.
    """

    bound: BoundUnix
    view: View | None


def reachable(
    sockets: Iterable[BoundUnix], namespace: Namespace, roots: Roots, report: Callable[[Gap], None]
) -> Iterator[Reachable]:
    """Give the sockets of a namespace that every user can reach in the tree of one of its processes."""
    in_files = []
    for bound in sockets:
        if _is_abstract(bound):
            yield Reachable(bound, None)
        elif bound.socket.path.startswith("/"):
            in_files.append(bound)
        else:
            report(_relative(bound))
    found = roots.look(namespace, {bound.socket.path for bound in in_files})
    yield from (Reachable(bound, found[bound.socket.path]) for bound in in_files if bound.socket.path in found)
    if len(found) < len(in_files) and roots.blind(namespace):
        detail = "paths of sockets in the trees of other users' processes cannot be looked at (needs cap_sys_ptrace)"
        report(Gap(f"{namespace.name} unix", "denied", detail, f"{namespace.name}/unix/"))


def _relative(bound: BoundUnix) -> Gap:
    key = f"{bound.namespace.name}/unix/{bound.socket.path}"
    return Gap(key, "unsupported", "bound to a relative path; the directory that it was relative to is not known", key)


def unix_records(sockets: Iterable[Reachable], context: Context) -> Iterator[UnixListener]:
    """Give a record for each path of each namespace, one for each tree in which it is a socket."""
    newest: dict[tuple[str, str], dict[View | None, _Judged]] = {}
    for each in sorted(sockets, key=lambda each: each.bound.socket.inode):
        judged = _judge(each, context)
        if judged is not None:  # a later socket of the same path has taken the file of an earlier one
            newest.setdefault((judged.bound.namespace.name, judged.bound.socket.path), {})[judged.view] = judged
    for key in sorted(newest):
        for ordinal, judged in enumerate(sorted(newest[key].values(), key=_rank), 1):
            yield _record(judged, ordinal, context)


class _Judged(NamedTuple):
    bound: BoundUnix
    view: View | None
    held: Held | None
    status: os.stat_result | None


def _judge(each: Reachable, context: Context) -> _Judged | None:
    """Look at a socket in the tree that its holder sees; None when it is gone, or is not open there."""
    inode = each.bound.socket.inode
    held = context.owners.held.get(inode)
    if held is None and inode not in context.owners.unknown:
        return None
    if _is_abstract(each.bound):
        return _Judged(each.bound, None, held, None)
    view = held.process.view if held and held.process.view else each.view
    status = context.roots.status(view, held.process.pid if held else None, each.bound.socket.path)
    return _Judged(each.bound, view, held, status) if status else None


def _is_abstract(bound: BoundUnix) -> bool:
    return bound.socket.path.startswith(_ABSTRACT)


def _rank(judged: _Judged) -> tuple[str, str]:
    """Order the trees of a path: the host's first, then by container and program."""
    process = judged.held.process if judged.held else None
    return (process.container or "", process.executable or "") if process else ("", "")


def _record(judged: _Judged, ordinal: int, context: Context) -> UnixListener:
    bound, _view, held, status = judged
    process = held.process if held else None
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
        owner_unknown=context.owners.unknown.get(bound.socket.inode),
        ordinal=ordinal,
        pid=process.pid if process else None,
        fd=held.fd if held else None,
        inodes=(bound.socket.inode,),
        started=process.started if process else None,
    )
