"""One collection: processes are read once, then every scope is looked at by itself."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from agent.collectors.usage.about import Seen, about
from agent.collectors.usage.apart import Apart
from agent.collectors.usage.evidence import groups_of
from agent.collectors.usage.listening import Listening
from agent.collectors.usage.memory import Memory, ScopeMemory, recall, remember
from agent.collectors.usage.opens import Opens
from agent.collectors.usage.processes import Failures, Processes
from agent.collectors.usage.scope import Scope
from agent.collectors.usage.trees import Trees, look_at
from agent.collectors.usage.views import view_of
from agent.containers.running import running
from agent.host import kernel
from agent.inventory.ownership import Known
from agent.model.record import replace
from agent.model.records import Gap, PackageUse, UsageScope
from agent.sockets.namespaces import HOST

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from agent.collectors.usage.evidence import Group
    from agent.collectors.usage.scope import Looked
    from agent.containers.running import Running
    from agent.host import Host
    from agent.host.procfs import ProcFS
    from agent.host.root import HostRoot
    from agent.inventory.ownership import Ownership
    from agent.model.records import Record
    from agent.model.spec import Options

_PENDING = 5000
"""Opened files that wait for the next run where their packages could not be told."""
_TICKS = 100
"""Clock ticks a second in what the kernel tells (USER_HZ)."""
_ENDED = Gap("", "vanished", "its processes ended while they were looked at", None)


class Collection:
    """What one run knows."""

    def __init__(self, host: Host, proc: ProcFS, options: Options) -> None:
        self._host = host
        self._proc = proc
        self._options = options
        self._now = int(time.time())
        self._gaps: list[Gap] = []
        self._memory = recall(options.folder)
        self._trees = Trees(self._memory.trees, self._now, Apart(options.read_apart))
        self._scopes: dict[str, ScopeMemory] = {}
        self._uses_before: dict[str, dict[str, PackageUse]] = {}
        self._scopes_before: dict[str, UsageScope] = {}
        self._containers: dict[str, Running] = {}
        self._boot, self._booted_at = _boot(proc)

    def records(self) -> Iterator[Record]:
        """Give the records of every scope, the host first; what the next run needs is kept at the end."""
        self._take_last()
        listening = Listening(self._host, self._proc, self._report_sockets)
        self._opens = Opens(self._options, self._gaps.append)
        self._containers = running(self._host)
        processes = Processes(self._host, self._proc, self._containers.values(), listening.inodes)
        scopes = groups_of(processes.all())
        outside = sum(len(group.processes) for group in scopes.pop(None, ()))
        scopes.setdefault(HOST, [])
        for name in sorted(filter(None, scopes), key=lambda name: (name != HOST, name)):
            yield from self._scope(name, scopes[name], processes.failures.get(name, Failures()), listening, outside)
            yield from self._taken_gaps()
        remember(self._options.folder, Memory(self._trees.kept, self._scopes))

    def _take_last(self) -> None:
        for record in self._options.previous():
            if isinstance(record, PackageUse):
                self._uses_before.setdefault(record.scope, {})[record.package] = record
            elif isinstance(record, UsageScope):
                self._scopes_before[record.scope] = record

    def _scope(
        self, name: str, groups: Sequence[Group], failures: Failures, listening: Listening, outside: int
    ) -> Iterator[Record]:
        yield from _gaps_of(name, failures)
        pids = (process.pid for group in groups for process in group.processes)
        view = view_of(self._host, self._proc, name, self._containers.get(name), pids)
        if view is None:
            yield replace(_ENDED, subject=name, hides=f"{name}/")
            return
        identity = self._identity(name, groups)
        memory = self._memory.scopes.get(name)
        same = memory if memory and memory.identity == identity else None
        before = self._uses_before.get(name, {}) if same else {}
        opened = [*(same.pending if same else ()), *self._opens.of(name)]
        scope = Scope(self._proc, view, groups, opened)
        ownership = self._trees.owners(view.layers, view.root, scope.files(), self._reporter(name), before)
        looked = scope.look(ownership, same.loaded if same else {}, listening, self._now)
        pending = [each for each in opened if each.path not in ownership.files and view.touches(each.path)][:_PENDING]
        self._scopes[name] = ScopeMemory(identity, looked.loaded, pending)
        uses = list(self._uses(name, view.root, looked, before, listening))
        yield from uses
        started = self._started(name, groups, same is not None)
        seen = Seen(name, self._opens.coverage(name), failures, scope, bool(outside) and name == HOST)
        yield about(seen, sum(len(group.processes) for group in groups), len(uses), started)

    def _uses(
        self,
        name: str,
        root: HostRoot,
        looked: Looked,
        before: Mapping[str, PackageUse],
        listening: Listening,
    ) -> Iterator[PackageUse]:
        for key, use in looked.uses.items():
            known = looked.ownership.packages.get(key)
            if known:
                yield use.record(name, key, known, before.get(key), listening.is_known)
        for key in before.keys() - looked.uses.keys():
            still = _still_there(root, before[key], looked.ownership)
            if still:
                yield _unused_now(before[key], still, listening.is_known)

    def _identity(self, name: str, groups: Sequence[Group]) -> str:
        """Name this boot of the host, or this run of a container, which its first process tells from others."""
        return self._boot if name == HOST else f"{self._boot}/{_first_started(groups)}"

    def _started(self, name: str, groups: Sequence[Group], is_same: bool) -> int:
        """Give when the scope started, as it was said before: the time of the boot moves with the clock."""
        before = self._scopes_before.get(name)
        if is_same and before and before.started is not None:
            return before.started
        return self._booted_at if name == HOST else self._booted_at + _first_started(groups) // _TICKS

    def _reporter(self, scope: str):  # type: ignore[no-untyped-def]
        def report(gap: Gap) -> None:
            self._gaps.append(replace(gap, subject=f"{scope}: {gap.subject}", hides=f"{scope}/{gap.hides or ''}"))

        return report

    def _report_sockets(self, gap: Gap) -> None:
        self._gaps.append(replace(gap, subject=f"sockets: {gap.subject}", hides=None))

    def _taken_gaps(self) -> Iterator[Gap]:
        gaps, self._gaps = self._gaps, []
        return iter(gaps)


def _boot(proc: ProcFS) -> tuple[str, int]:
    """Give what tells this boot from others, and when it was, as far as proc tells, which some sandboxes' does not."""
    try:
        return kernel.boot_id(proc), kernel.boot_time(proc)
    except (OSError, ValueError):
        return "", 0


def _first_started(groups: Sequence[Group]) -> int:
    return min((process.started for group in groups for process in group.processes), default=0)


def _gaps_of(name: str, failures: Failures) -> Iterator[Gap]:
    if failures.unread:
        yield Gap(f"{name}: processes", "denied", ", ".join(sorted(failures.unread)), f"{name}/")
    if failures.cut:
        what = "; ".join(sorted(set(failures.cut.values())))
        yield Gap(f"{name}: processes in part", "limit", what, f"{name}/")


def _still_there(root: HostRoot, record: PackageUse, ownership: Ownership) -> Known | None:
    """Tell what a package is now that was used before; None when it is installed no more."""
    if record.location is None:
        return ownership.packages.get(record.package)
    return Known(record.name, record.version, record.location) if look_at(root, record.location) else None


def _unused_now(record: PackageUse, known: Known, hears: bool) -> PackageUse:
    return replace(
        record,
        version=known.version,
        listening=False if hears else None,
        exposure=None,
        stale=False,
        stale_versions=(),
        restart=(),
        processes=0,
        restart_pids=(),
    )
