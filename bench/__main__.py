"""Runs every benchmark: python -m bench [NAME ...]. Exit code 1 when a target is missed."""

from __future__ import annotations

import sys
from importlib import import_module

NAMES = (
    "packages",
    "rpm",
    "software",
    "ports",
    "integrity",
    "compliance",
    "walks",
    "watcher",
    "containers",
    "usage",
    "opens",
    "backend",
    "resting",
    "packaging",
)


def main(names: list[str]) -> int:
    """Run the benchmarks one after the other."""
    missed = 0
    for name in names or NAMES:
        print(f"\n# bench.{name}\n", flush=True)
        missed |= import_module(f"bench.{name}").main()
    return missed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
