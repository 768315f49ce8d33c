"""The files of a package as they will lie on a host, in a folder of their own, with one time and plain modes."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, NamedTuple

from artefacts import wheels
from artefacts.bill import bill
from artefacts.legal import copyright_file
from artefacts.manual import CODES, page
from artefacts.source import ROOT, moment
from artefacts.vendored import stand_in, unpack

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from pathlib import Path

    from artefacts.vendored import Part

LINUX = ROOT / "packaging" / "linux"
SYSTEMD = ROOT / "systemd"


class Package(NamedTuple):
    """What one package holds.

    name: Its name, that of its command, service, account and folders.
    lowest: Oldest minor version of Python 3 that it runs on.
    sources: Paths of the source whose Python files it holds.
    lock: Lock of what it brings along.
    main: What the command starts, of packaging/linux.
    scripts: Programs of packaging/linux beside the modules.
    configuration: Its configuration file, of packaging/linux.
    parser: Gives the parser of its command.
    summary: What its manual page says of the command.
    files: What its manual page says of files.
    """

    name: str
    lowest: int
    sources: tuple[str, ...]
    lock: str
    main: str
    scripts: tuple[str, ...]
    configuration: str
    parser: Callable[[], argparse.ArgumentParser]
    summary: str
    files: dict[str, str]


def _agent_parser() -> argparse.ArgumentParser:
    from agent.cli.parser import build  # noqa: PLC0415 - each package loads its own command

    return build()


def _backend_parser() -> argparse.ArgumentParser:
    from backend.cli import _parser  # noqa: PLC0415

    return _parser()


AGENT = Package(
    name="stocktake",
    lowest=9,
    sources=("agent",),
    lock="agent.lock",
    main="main-agent.py",
    scripts=("is-configured", "may-start", "prepare"),
    configuration="agent.yaml",
    parser=_agent_parser,
    summary="take stock of a Linux host; send only metadata",
    files={
        "/etc/stocktake/agent.yaml": "The configuration; conf.d/*.yaml beside it is read after it.",
        "/etc/credstore/stocktake.join_token": "The token that lets the agent enrol, given to the service as a credential.",
        "/var/lib/stocktake": "Identity, snapshots and status, of the service alone.",
        "/usr/share/doc/stocktake/operations.md": "How to operate it.",
    },
)
BACKEND = Package(
    name="stocktake-backend",
    lowest=11,
    sources=("backend", "agent/__init__.py", "agent/model"),
    lock="backend.lock",
    main="main-backend.py",
    scripts=(),
    configuration="backend.env",
    parser=_backend_parser,
    summary="keep what agents of stocktake found on their hosts",
    files={
        "/etc/stocktake-backend/backend.env": "Environment and options of the service.",
        "/var/lib/stocktake-backend": "The store, where it is SQLite.",
    },
)


def lay_out(package: Package, machine: str, tree: Path) -> list[Part]:
    """Lay a package out below a folder that is emptied first; give the parts that it brings along."""
    shutil.rmtree(tree, ignore_errors=True)
    library = tree / "usr/lib" / package.name
    library.mkdir(parents=True)
    parts = unpack(wheels.fetch(LINUX / package.lock, machine, f"3.{package.lowest}"), library)
    if package is AGENT:
        stand_in(library)
    copy_sources(package.sources, library)
    _programs(package, tree, library)
    _service(package, tree)
    _documents(package, tree, parts)
    settle(tree)
    return parts


def copy_sources(sources: tuple[str, ...], library: Path) -> None:
    """Copy our own modules with the tables beside them."""
    for source in sources:
        for path in [ROOT / source] if source.endswith(".py") else sorted((ROOT / source).rglob("*")):
            if path.suffix in (".py", ".tsv"):
                _copy(path, library / path.relative_to(ROOT))


def settle(tree: Path) -> None:
    """Give every file and folder plain modes and the one time of the build."""
    for path in [*tree.rglob("*"), tree]:
        name = path.relative_to(tree).as_posix()
        path.chmod(0o755 if path.is_dir() or _is_program(name) else 0o644)
        os.utime(path, (moment(), moment()))


def _is_program(name: str) -> bool:
    return name.startswith("usr/bin/") or name.rpartition("/")[2] in (
        "compile",
        "is-configured",
        "may-start",
        "prepare",
    )


def _programs(package: Package, tree: Path, library: Path) -> None:
    _copy(LINUX / package.name, tree / "usr/bin" / package.name)
    _copy(LINUX / package.main, library / "main.py")
    for script in ("compile", *package.scripts):
        _copy(LINUX / script, library / script)
    functions = (LINUX / "find-python.sh").read_text()
    (library / "find-python.sh").write_text(f"{functions}\nlowest={package.lowest}\n")
    _copy(LINUX / package.configuration, tree / "etc" / package.name / package.configuration)


def _service(package: Package, tree: Path) -> None:
    name = package.name
    _copy(SYSTEMD / f"{name}.service", tree / f"usr/lib/systemd/system/{name}.service")
    _copy(SYSTEMD / f"{name}.sysusers", tree / f"usr/lib/sysusers.d/{name}.conf")
    _copy(SYSTEMD / f"{name}.tmpfiles", tree / f"usr/lib/tmpfiles.d/{name}.conf")
    if package is AGENT:
        _copy(SYSTEMD / "watch.conf", tree / "usr/share/stocktake/systemd/watch.conf")


def _documents(package: Package, tree: Path, parts: list[Part]) -> None:
    name = package.name
    folder = tree / "usr/share/doc" / name
    _copy(ROOT / "docs" / "operations.md", folder / "operations.md")
    (folder / f"{name}.cdx.json").write_bytes(bill(name, "Apache-2.0", parts))
    (folder / "copyright").write_text(copyright_file(f"usr/lib/{name}", parts))
    manual = tree / "usr/share/man/man1" / f"{name}.1.gz"
    manual.parent.mkdir(parents=True)
    manual.write_bytes(page(package.parser(), package.summary, package.files, CODES if package is AGENT else ""))
    _copy(LINUX / "lintian" / name, tree / "usr/share/lintian/overrides" / name)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
