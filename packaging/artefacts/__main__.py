"""python -m artefacts TARGET: builds one kind of artefact; the last line that it prints is the path of what it built."""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module
from pathlib import Path

from artefacts.source import OUTPUT, RELEASE

TARGETS = {
    "deb": "artefacts.linux",
    "rpm": "artefacts.linux",
    "zipapp": "artefacts.single_file",
    "image": "artefacts.image",
    "chart": "artefacts.chart",
}
"""Each target's module: its build(target, folder, asked) gives the paths of what it built, the principal one last."""


def main(words: list[str]) -> int:
    """Build a target; 2 for one that is not built yet."""
    parser = argparse.ArgumentParser(prog="packaging/build", description="Build what stocktake is installed with.")
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--output", default=str(OUTPUT), metavar="DIR", help="folder for what is built (default: dist)")
    parser.add_argument("--release", default=RELEASE, help="number of this packaging of the version (default: 1)")
    parser.add_argument("--architecture", metavar="NAME", help="this one only: amd64 or arm64 (default: both)")
    asked = parser.parse_args(words)
    try:
        module = import_module(TARGETS[asked.target])
    except ModuleNotFoundError as error:
        if error.name != TARGETS[asked.target]:
            raise
        print(f"packaging/build: {asked.target} is not built yet", file=sys.stderr)
        return 2
    os.makedirs(asked.output, exist_ok=True)
    for path in module.build(asked.target, Path(asked.output), asked):
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
