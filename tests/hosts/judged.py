"""What checks say about small roots that a test plants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Union

from agent.checks.engine.catalogue import checks
from agent.checks.engine.system import System
from agent.host import open_host
from agent.host.procfs import ProcFS
from tests.hosts.trees import plant

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from agent.checks.engine.outcome import Outcome

File = Union[bytes, str, tuple[bytes, int], tuple[bytes, int, int, int]]
"""Content; or where a link leads; or content with a mode, and with owner and group."""
Files = dict[str, File]


def planted(root: Path, files: Mapping[str, File]) -> Path:
    """Write files, and links, below a root; a path that ends with a slash is a directory."""
    for path, given in files.items():
        place = root / path
        content, mode, owner = _parts(given)
        if isinstance(given, str):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(given)
            continue
        if path.endswith("/"):
            place.mkdir(parents=True, exist_ok=True)
        else:
            plant(root, {path: content})
        if mode is not None:
            place.chmod(mode)
        if owner:
            import os

            os.chown(place, *owner)
            place.chmod(mode or 0o644)
    return root


def outcome(
    root: Path,
    check: str,
    files: Mapping[str, File],
    parameters: Mapping[str, object] = {},
    shown: Mapping[str, File] | None = None,
) -> Outcome:
    """Judge a root of some files by a check.

    shown: What proc shows of a running system; None for a root that does not run.
    """
    host = open_host(str(planted(root / "root", {"etc/": (b"", 0o755), **files})))
    if shown is not None:
        host = host._replace(proc=ProcFS(str(planted(root / "proc", {"modules": b"", **shown}))))
    return checks()[check].judge(System(host), parameters)  # type: ignore[arg-type]


def _parts(given: File) -> tuple[bytes, int | None, tuple[int, int] | None]:
    if isinstance(given, bytes):
        return given, None, None
    if isinstance(given, str):
        return b"", None, None
    return given[0], given[1], (given[2], given[3]) if len(given) == 4 else None
