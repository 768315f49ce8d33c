"""Small file trees that a test plants, and what a collector makes of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from agent.collectors import packages
from agent.host import open_host
from agent.model.parts import DATABASES, DETAILS
from agent.model.records import Gap, Package
from agent.model.spec import Options

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from agent.host import Host
    from agent.model.records import Record

STATUS = "var/lib/dpkg/status"
STANZA = """\
Package: {name}
Status: {status}
Priority: optional
Section: libs
Installed-Size: 12
Maintainer: Debian <debian@example.org>
Architecture: {architecture}
Version: {version}
Description: a package
 whose description goes on

"""


def stanza(
    name: str, version: str = "1.0-1", status: str = "install ok installed", architecture: str = "amd64", more: str = ""
) -> bytes:
    """Give a stanza as dpkg writes it; more is put before its fields, whole lines."""
    return (more + STANZA.format(name=name, version=version, status=status, architecture=architecture)).encode()


def plant(root: Path, files: Mapping[str, bytes]) -> Path:
    """Write files below a root, of which paths have no leading slash."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def replace(root: Path, name: str, content: bytes) -> None:
    """Put a file in place by rename, as dpkg does."""
    new = root / f"{name}-new"
    new.write_bytes(content)
    os.rename(new, root / name)


def take_packages(root: Path, proc: str | None = None, observe: Callable[[str], None] | None = None) -> list[Record]:
    """Collect what the package databases of a root list, and what could not be seen of them."""
    return _of_databases(open_host(str(root), proc, observe))


def take_packages_as_nobody(root: Path) -> list[Record]:
    """Collect without privileges; the root is opened before they are given up, and is open to all."""
    root.chmod(0o755)
    host = open_host(str(root))
    os.seteuid(65534)
    try:
        return _of_databases(host)
    finally:
        os.seteuid(0)


def listed(records: list[Record]) -> dict[str, Package]:
    """Give the packages among records by their names; the later of two of one key counts."""
    return {record.name: record for record in records if isinstance(record, Package)}


def gaps(records: list[Record]) -> list[Gap]:
    """Give the gaps among records."""
    return [record for record in records if isinstance(record, Gap)]


def _of_databases(host: Host) -> list[Record]:
    options = Options(parts=frozenset((*DATABASES, *DETAILS)))
    return [record for record in packages.collect(host, options) if isinstance(record, (Package, Gap))]
