"""Unpacks wheels into a folder that one package can serve every supported Python from."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
from typing import TYPE_CHECKING, NamedTuple
from zipfile import ZipFile

from artefacts.source import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_LEFT_OUT = (
    re.compile(r"yaml/(_yaml\..*\.so|cyaml\.py)|_yaml/.*"),  # compiled for one Python; PyYAML is whole without
    re.compile(r"psutil/_ps(aix|bsd|osx|sunos|windows)\.py"),
    re.compile(r"urllib3/contrib/emscripten/.*"),
    re.compile(r".*\.(pyi|pyx|pxd|c)|.*/py\.typed|.*/tests?/.*"),
    re.compile(r"[^/]+\.dist-info/(RECORD|WHEEL|top_level\.txt|entry_points\.txt|sboms/.*)"),
    re.compile(r"[^/]+\.data/.*"),
)
STAND_INS = ROOT / "packaging" / "linux" / "stand-ins"
_LICENCES = {
    "distro": "Apache-2.0",
    "lockfile": "MIT",
    "python-daemon": "Apache-2.0",
    "schedule": "MIT",
}
"""Of those whose metadata does not give an SPDX expression, as their licence files say."""


class Part(NamedTuple):
    """A distribution that is brought along.

    name: As its metadata writes it.
    version: Its version.
    licence: SPDX expression of its licence.
    wheel: File name of the wheel.
    sha256: Digest of the wheel.
    """

    name: str
    version: str
    licence: str
    wheel: str
    sha256: str


def unpack(wheels: Iterable[Path], folder: Path, *, compiled: bool = True) -> list[Part]:
    """Unpack wheels and give what they are; a RECORD tells what is there of each, for who inventories the host.

    compiled: Whether compiled parts are taken along.
    """
    return [_one(wheel, folder, compiled) for wheel in wheels]


def stand_in(folder: Path) -> None:
    """Add the modules of ours that stand in the place of parts of the agent that are not brought along."""
    for module in STAND_INS.glob("*.py"):
        shutil.copyfile(module, folder / module.name)


def _one(wheel: Path, folder: Path, compiled: bool) -> Part:
    with ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if _is_taken(name, compiled)]
        metadata = next(name for name in names if name.endswith(".dist-info/METADATA"))
        lines = []
        for name in names:
            content = archive.read(name)
            _write(folder / name, content)
            lines.append(_record(name, content))
        record = f"{metadata.rpartition('/')[0]}/RECORD"
        _write(folder / record, "".join(f"{line}\n" for line in sorted([*lines, f"{record},,"])).encode())
        return _part(wheel, archive.read(metadata).decode())


def _is_taken(name: str, compiled: bool) -> bool:
    left_out = any(pattern.fullmatch(name) for pattern in _LEFT_OUT) or (name.endswith(".so") and not compiled)
    return not (name.endswith("/") or left_out)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _record(name: str, content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"{name},sha256={digest},{len(content)}"


def _part(wheel: Path, metadata: str) -> Part:
    head = metadata.partition("\n\n")[0]
    fields = dict(line.split(": ", 1) for line in head.splitlines() if re.match(r"[A-Za-z-]+: ", line))
    name = fields["Name"]
    licence = _LICENCES.get(name) or fields.get("License-Expression") or fields["License"]
    return Part(name, fields["Version"], licence, wheel.name, hashlib.sha256(wheel.read_bytes()).hexdigest())
