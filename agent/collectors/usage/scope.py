"""One scope, the host or a container: from what its processes have and what was opened to the packages that are used."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from agent.collectors.usage.memory import Loaded
from agent.collectors.usage.use import Use
from agent.formats.soname import shorter
from agent.host.errors import LimitReached
from agent.inventory.ownership import Belonging
from agent.model.records.usage import EXECUTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from agent.collectors.usage.evidence import FileUse, Group
    from agent.collectors.usage.listening import Listening
    from agent.collectors.usage.memory import Opened
    from agent.collectors.usage.processes import Process
    from agent.collectors.usage.views import View
    from agent.host.procfs import ProcFS
    from agent.inventory.ownership import Ownership

T = TypeVar("T", "FileUse", "Opened")

_UNNAMED = ".dll"
"""Code of .NET, whose packages are known by deps.json, which is not asked yet."""
_SETUID = 0o6000
_CAPABILITY = "security.capability"


class Looked(NamedTuple):
    """What came of a scope.

    uses: The packages that are used, by key.
    ownership: What files belong to.
    loaded: What the files in memory are of, for the next run.
    """

    uses: dict[str, Use]
    ownership: Ownership
    loaded: dict[str, tuple[Loaded, ...]]


class Scope:
    """A scope at one moment.

    has_untouched: Whether processes use files that may not be looked at.
    """

    def __init__(self, proc: ProcFS, view: View, groups: Sequence[Group], opened: Sequence[Opened]) -> None:
        """Take its tree, its processes, and what the watcher saw in it since the last run."""
        self._proc = proc
        self._root = view.root
        self._groups = [group._replace(uses=_touched(group.uses, view)) for group in groups]
        self._opened = _touched(opened, view)
        self.has_untouched = len(self._opened) < len(opened) or any(
            len(ours.uses) < len(theirs.uses) for ours, theirs in zip(self._groups, groups)
        )
        self._deleted = {each for group in groups for each in group.uses if each.deleted and not self._is_there(each)}

    @property
    def has_unnamed(self) -> bool:
        """Whether processes use code of a language of which it is not looked up to which packages it belongs."""
        paths = (use.path for group in self._groups for use in group.uses)
        return any(path.endswith(_UNNAMED) for path in (*paths, *(each.path for each in self._opened)))

    def files(self) -> dict[str, bool]:
        """Give the files whose packages are to be found, each with whether it is a program that ran."""
        files: dict[str, bool] = {}
        for group in self._groups:
            for path, grade, *_ in group.uses:
                files[path] = files.get(path, False) or grade == EXECUTED
        for path, grade, *_ in self._opened:
            files[path] = files.get(path, False) or grade == EXECUTED
        for each in self._deleted:
            files.update((name, False) for name in shorter(each.path) if name not in files)
        return files

    def look(
        self, ownership: Ownership, loaded: Mapping[str, Sequence[Loaded]], listening: Listening, now: int
    ) -> Looked:
        """Say which packages are used.

        loaded: What the files in memory were of when they were last seen.
        """
        looked = Looked({}, ownership, {})
        for group in self._groups:
            exposures = self._exposures(group, listening)
            for use in group.uses:
                self._take(use, group, exposures, looked, loaded, now)
        for path, grade, at, root in self._opened:
            for package, through in ownership.files.get(path, ()):
                use_of = looked.uses.setdefault(package, Use())
                use_of.add(grade, through, at)
                use_of.is_root = use_of.is_root or root
        self._mark_setuid(looked)
        return looked

    def _take(
        self,
        use: FileUse,
        group: Group,
        exposures: Sequence[str],
        looked: Looked,
        loaded: Mapping[str, Sequence[Loaded]],
        now: int,
    ) -> None:
        belongings, versions = self._belongings(use, looked.ownership, loaded)
        for package, through in belongings:
            found = looked.uses.setdefault(package, Use())
            found.add(use.grade, through, now)
            found.used_by(group.processes, exposures)
            if use.code and use in self._deleted:
                found.is_stale_in(group.processes, versions.get(package))
        if use.file and use.code and belongings:
            looked.loaded[use.file] = tuple(Loaded(each.package, versions.get(each.package)) for each in belongings)

    def _belongings(
        self, use: FileUse, ownership: Ownership, loaded: Mapping[str, Sequence[Loaded]]
    ) -> tuple[Sequence[Belonging], dict[str, str | None]]:
        """Give the packages of a file, and the versions of them that it is of as far as that is known."""
        if use not in self._deleted:
            found = ownership.files.get(use.path, ())
            return found, {each.package: ownership.packages[each.package].version for each in found}
        before = loaded.get(use.file or "", ())
        if before:
            return [Belonging(each.package, None) for each in before], {each.package: each.version for each in before}
        names = (use.path, *shorter(use.path))
        return next((ownership.files[name] for name in names if ownership.files.get(name)), ()), {}

    def _is_there(self, use: FileUse) -> bool:
        """Tell whether a file is still at its path, as one is whose name ends like the kernel's mark of a deleted one."""
        for path in (use.path, f"{use.path} (deleted)") if use.file else ():
            try:
                if str(self._root.stat(path, follow=False).st_ino) == use.file.rpartition("/")[2]:  # type: ignore[union-attr]
                    return True
            except (OSError, LimitReached, ValueError):
                continue
        return False

    def _exposures(self, group: Group, listening: Listening) -> list[str]:
        found = (listening.exposure(process.name, process.sockets) for process in group.processes if process.sockets)
        return [exposure for exposure in found if exposure]

    def _mark_setuid(self, looked: Looked) -> None:
        """Note the packages of which a program ran that gives privileges."""
        for path in self._privileged():
            for package, _ in looked.ownership.files.get(path, ()):
                if package in looked.uses:
                    looked.uses[package].is_setuid = True

    def _privileged(self) -> Iterator[str]:
        for group in self._groups:
            path = next((each.path for each in group.uses if each.grade == EXECUTED), None)
            if path and any(self._gives_privileges(process) for process in group.processes[:1]):
                yield path
        for path, grade, *_ in self._opened:
            if grade == EXECUTED and self._has_setuid(path):
                yield path

    def _gives_privileges(self, process: Process) -> bool:
        try:
            mode = self._proc.stat(f"{process.pid}/exe").st_mode
            return bool(mode & _SETUID or self._proc.attribute(f"{process.pid}/exe", _CAPABILITY))
        except OSError:
            return False  # it ended

    def _has_setuid(self, path: str) -> bool:
        try:
            return bool(self._root.stat(path).st_mode & _SETUID)
        except OSError:
            return False


def _touched(uses: Iterable[T], view: View) -> tuple[T, ...]:
    return tuple(use for use in uses if view.touches(use.path))
