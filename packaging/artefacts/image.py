"""The container image, for amd64 and arm64 in one archive: Debian's Python without anything else, and the agent."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from artefacts import debian, oci, provenance, wheels
from artefacts.bill import bill
from artefacts.bytecode import compile_into
from artefacts.entries import FOLDER, Entry, pack, read_tree, write_tree
from artefacts.linux import MACHINES
from artefacts.source import ROOT, VERSION, revision, work_folder
from artefacts.tree import AGENT, LINUX, copy_sources
from artefacts.vendored import stand_in, unpack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from artefacts.entries import Tree
    from artefacts.vendored import Part

NAME = "localhost/stocktake"
"""What the archive calls the image; who pushes it names a registry of his own."""
IMAGE = ROOT / "packaging" / "image"
LIBRARY = "usr/lib/stocktake"
_CONFIG = {
    "User": "0:0",
    "Env": ["PATH=/usr/bin", "LANG=C.UTF-8"],
    "Entrypoint": ["/usr/bin/stocktake"],
    "Cmd": ["run"],
}
_FOLDERS = (
    "usr/lib/ssl",
    "host",
    "tmp",
    "etc",
    "etc/stocktake",
    "etc/stocktake/credentials",
    "etc/stocktake/authorities",
    "var",
    "var/lib",
)
"""Folders that are there, most of them for a container to mount something at."""
_SHEBANG = b"#!/usr/bin/python3 -IBS\n"


def build(target: str, output: str, _release: str) -> Iterator[Path]:
    """Build the folder that the Dockerfile builds in, and the image as an archive, with its bill and provenance."""
    os.makedirs(output, exist_ok=True)
    context = Path(output) / f"stocktake-{VERSION}.context"
    artefact = Path(output) / f"stocktake-{VERSION}.oci.tar"
    bases = {name: base(name) for name in MACHINES}
    with work_folder() as work:
        programs = {name: program(machine, work / "program") for name, machine in MACHINES.items()}
        _write_context({name: tree for name, (tree, _) in programs.items()}, context)
        yield context
        roots, trees = ({name: tree for name, (tree, _) in each.items()} for each in (bases, programs))
        compile_into(roots, trees, work / "compiling")
    images = [_image(name, roots[name], trees[name]) for name in MACHINES]
    artefact.write_bytes(oci.archive(images, f"{NAME}:{VERSION}"))
    below = sorted({package for _, packages in bases.values() for package in packages})
    parts = sorted({part for _, parts in programs.values() for part in parts})
    text = bill(
        "stocktake", "Apache-2.0", {part.name: part for part in parts}.values(), [each.component() for each in below]
    )
    artefact.with_name(f"{artefact.name}.cdx.json").write_bytes(text)
    provenance.write(artefact, target, parts, [package.dependency() for package in below])
    yield artefact


def _image(architecture: str, below: Tree, own: Tree) -> oci.Image:
    layers = {"packages of Debian": pack(below), f"stocktake {VERSION}": pack(own)}
    return oci.image(architecture, layers, _CONFIG, _labels())


def base(architecture: str) -> tuple[Tree, list[debian.DebianPackage]]:
    """Give the root below the program: packages, and what their scripts would make of them."""
    lines = [line for line in (IMAGE / "packages.txt").read_text().splitlines() if line and not line.startswith("#")]
    words = dict(line.split() for line in lines if " " in line)
    names = [line for line in lines if " " not in line]
    tree, packages = debian.unpack(debian.fetch(names, words["suite"], architecture))
    tree["usr/bin/python3"] = Entry(0o777, target=f"python{words['python']}")
    tree["etc/passwd"] = Entry(0o644, b"root:x:0:0:root:/root:/nonexistent\n")
    tree["etc/group"] = Entry(0o644, b"root:x:0:\n")
    tree["etc/nsswitch.conf"] = Entry(0o644, b"passwd: files\ngroup: files\nhosts: files dns\n")
    return tree, packages


def program(machine: str, work: Path) -> tuple[Tree, list[Part]]:
    """Give the agent's own layer: its modules, its command, and the folders that a container mounts something at.

    The authorities are where OpenSSL of Debian looks for them without being told by a variable.
    """
    shutil.rmtree(work, ignore_errors=True)
    library = work / LIBRARY
    parts = unpack(wheels.fetch(LINUX / AGENT.lock, machine, f"3.{AGENT.lowest}"), library)
    stand_in(library)
    copy_sources(AGENT.sources, library)
    tree = read_tree(work)
    tree["usr/bin/stocktake"] = Entry(0o755, _SHEBANG + (LINUX / AGENT.main).read_bytes())
    tree["usr/bin"] = FOLDER
    tree["usr/lib/ssl/cert.pem"] = Entry(0o777, target="/etc/ssl/certs/ca-certificates.crt")
    for folder in _FOLDERS:
        tree[folder] = FOLDER
    tree["var/lib/stocktake"] = FOLDER._replace(mode=0o700)
    return tree, parts


def _write_context(programs: dict[str, Tree], context: Path) -> None:
    shutil.rmtree(context, ignore_errors=True)
    for architecture, tree in programs.items():
        write_tree(tree, context / "program" / architecture)
    shutil.copyfile(IMAGE / "Dockerfile", context / "Dockerfile")


def _labels() -> dict[str, str]:
    said = {
        "title": "stocktake",
        "description": "Takes stock of a Linux host; sends only metadata",
        "version": VERSION,
        "licenses": "Apache-2.0",
        "revision": revision() or "",
    }
    return {f"org.opencontainers.image.{name}": value for name, value in said.items() if value}
