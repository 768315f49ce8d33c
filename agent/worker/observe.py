"""Running one collector on one host, whatever happens: its records, and how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.host import Host, open_host
from agent.host.errors import Unsettled
from agent.limits import TimedOut
from agent.model.spec import Compliance, Integrity
from agent.model.status import FAILED, OUT_OF_MEMORY, TIMED_OUT, UNSUPPORTED

if TYPE_CHECKING:
    from agent.model.settings import Settings
    from agent.model.spec import Spec
    from agent.worker.collectors import Collector
    from agent.worker.readers import Readers, Reading


class Unsupported(Exception):
    """The host does not offer what the collector needs."""


class Failure(NamedTuple):
    """An attempt that gave no snapshot.

    status: failed, timed_out, out_of_memory or unsupported.
    error: Why, one line for people, without any content of the host.
    """

    status: str
    error: str


def host_of(settings: Settings) -> Host:
    """Open the host that the settings name; OSError when it cannot be."""
    return open_host(settings.root, settings.proc)


def parts_of(settings: Settings) -> frozenset[str] | None:
    """Give the parts of the section packages that the settings ask for; None for all."""
    return frozenset(settings.packages_parts) or None


def integrity_of(settings: Settings) -> Integrity:
    """Give what the settings tell the section integrity."""
    return Integrity(
        trees=settings.integrity_trees,
        excludes=settings.integrity_excludes,
        reread_every=settings.integrity_reread_every,
        changes_kept=settings.integrity_changes_kept,
        watch=settings.integrity_watch,
    )


def compliance_of(settings: Settings) -> Compliance:
    """Give what the settings tell the section compliance."""
    return Compliance(
        benchmark=settings.compliance_benchmark,
        level=int(settings.compliance_level),
        profile=settings.compliance_profile,
        tailoring=settings.compliance_tailored,
    )


def open_readers(spec: Spec) -> Readers | None:
    """Start what reads trees apart for a section that wants it; None for the others, and where no process can be started.

    Before the process is confined, which then may start none.
    """
    module = spec.reader
    if module is None:
        return None
    from importlib import import_module  # noqa: PLC0415 - few sections have it
    from typing import cast  # noqa: PLC0415

    from agent.worker.readers import Readers  # noqa: PLC0415

    try:
        return Readers(lambda: cast("Reading", import_module(module)))
    except OSError:
        return None


def require(collector: Collector, host: Host) -> None:
    """Raise Unsupported unless the host offers all that the collector needs."""
    missing = collector.SPEC.needs - host.offers
    if missing:
        raise Unsupported(f"needs a running system ({', '.join(sorted(missing))}), and this root is none")


def failure(error: BaseException) -> Failure:
    """Give how an attempt ended that raised. Only foreseen errors speak: others may quote what was read.

    A MemoryError loses its traceback, whose frames hold what filled the memory.
    """
    if isinstance(error, TimedOut):
        return Failure(TIMED_OUT, str(error))
    if isinstance(error, MemoryError):
        error.__traceback__ = error.__context__ = None
        return Failure(OUT_OF_MEMORY, "the memory limit was reached")
    if isinstance(error, Unsupported):
        return Failure(UNSUPPORTED, str(error))
    if isinstance(error, Unsettled):
        return Failure(FAILED, str(error))
    if isinstance(error, OSError):
        return Failure(FAILED, f"{error.strerror or type(error).__name__}{_place(error)}")
    return Failure(FAILED, f"{type(error).__name__}{_place(error)}; this is a defect of stocktake, please report it")


def _place(error: BaseException) -> str:
    """Name the line of our own code that an error comes from."""
    import traceback  # noqa: PLC0415 - only what fails pays for it

    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/agent/" in frame.filename]
    if not ours:
        return ""
    return f" at agent/{ours[-1].filename.rpartition('/agent/')[2]}:{ours[-1].lineno}"
