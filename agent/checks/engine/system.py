"""The system that checks judge: each source of its state is read once, however many rules ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from agent.host import Host
    from agent.host.procfs import ProcFS
    from agent.host.root import HostRoot

T = TypeVar("T")


class System:
    """A host with the parsed state of it that was asked for.

    root: Its file tree.
    proc: What its kernel shows; None for an image or a mounted disk, whose running values are not observed, also where
        the proc of another system is mounted in it, as for a chroot.
    choices: What the site chose where a benchmark leaves a choice: firewall, time, log; what is not there is found out.
    """

    def __init__(self, host: Host, choices: Mapping[str, str] = {}) -> None:
        self.root: HostRoot = host.root
        self.proc: ProcFS | None = host.proc if _is_its_own(host) else None
        self.choices = choices
        self._known: dict[tuple[Any, ...], tuple[Any, Exception | None]] = {}

    @property
    def runs(self) -> bool:
        """Whether it is a running system, so that what its kernel shows can be looked at."""
        return self.proc is not None

    def get(self, source: Callable[..., T], *arguments: Any) -> T:
        """Give source(self, *arguments), read once; what it raised the first time is raised again.

        arguments: Hashable.
        """
        key = (source, *arguments)
        if key not in self._known:
            try:
                self._known[key] = source(self, *arguments), None
            except Exception as problem:  # noqa: BLE001 - kept for everybody who asks, and raised at once
                self._known[key] = None, problem.with_traceback(None)
        value, error = self._known[key]
        if error is not None:
            raise error
        found: T = value
        return found


def _is_its_own(host: Host) -> bool:
    """Tell whether the first process of a proc lives in the root; where that cannot be told it is taken to."""
    if host.proc is None:
        return False
    try:
        first, here = host.proc.stat("1/root"), host.root.stat("/")
    except OSError:
        return True
    return (first.st_dev, first.st_ino) == (here.st_dev, here.st_ino)
