"""Compiles the modules of an image by the image's own Python: at its start nothing can be written, and nothing need be compiled."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

from artefacts.entries import FOLDER, read_tree, write_tree
from artefacts.linux import MACHINES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from artefacts.entries import Tree

_LOADERS = {"x86_64": "usr/lib64/ld-linux-x86-64.so.2", "aarch64": "usr/lib/ld-linux-aarch64.so.1"}
"""The dynamic loader of each machine, which runs a program of another root without anybody's privileges."""


def compile_into(bases: Mapping[str, Tree], programs: Mapping[str, Tree], folder: Path) -> None:
    """Add the compiled form of every module to the trees of every architecture.

    It is the same for all, so that the one of this machine compiles for the others, too.
    folder: Where that is done.
    """
    own = next(name for name, machine in MACHINES.items() if machine == os.uname().machine)
    shutil.rmtree(folder, ignore_errors=True)
    write_tree({**bases[own], **programs[own]}, folder)
    _compile(folder)
    compiled = {name: entry for name, entry in read_tree(folder).items() if name.endswith(".pyc")}
    for trees in (bases, programs):
        for tree in trees.values():
            _add(compiled, trees[own], tree)
    shutil.rmtree(folder)


def _compile(root: Path) -> None:
    """Compile all that lies below usr/lib, by unchecked hashes: the times of an image's files mean nothing."""
    loader = root / _LOADERS[os.uname().machine]
    libraries = root / "usr" / "lib" / f"{os.uname().machine}-linux-gnu"
    python = [str(loader), "--library-path", str(libraries), str(root / "usr/bin/python3")]
    words = [
        "-B",
        "-S",
        "-m",
        "compileall",
        "-q",
        "-f",
        "-s",
        str(root),
        "-p",
        "/",
        "--invalidation-mode",
        "unchecked-hash",
    ]
    environment = {"PYTHONHOME": str(root / "usr"), "PYTHONHASHSEED": "0", "LANG": "C.UTF-8"}
    done = subprocess.run(
        [*python, *words, str(root / "usr/lib")], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"packaging/build: compiling: {done.stdout}{done.stderr}")


def _add(compiled: Tree, source: Tree, tree: Tree) -> None:
    """Add the compiled form of the modules that a tree has as they were compiled."""
    for name, entry in compiled.items():
        folder, _, module = name.rpartition("/__pycache__/")
        path = f"{folder}/{module.split('.')[0]}.py"
        if path in source and path in tree and tree[path].content == source[path].content:
            tree[name] = entry
            tree[f"{folder}/__pycache__"] = FOLDER
