"""stocktake checks list | show."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from agent.checks.engine.catalogue import checks
from agent.checks.engine.check import written
from agent.checks.engine.published import BENCHMARKS, Benchmark, suited
from agent.checks.engine.release import release
from agent.checks.engine.system import System
from agent.cli import exit as codes
from agent.cli.configuration import loaded
from agent.cli.table import Table
from agent.model.codec import dumps
from agent.worker.observe import host_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from agent.checks.engine.benchmark import Recommendation
    from agent.checks.engine.check import Check


def list_checks(arguments: argparse.Namespace) -> int:
    """Print what a benchmark recommends, and the check that judges each."""
    benchmark = _benchmark(arguments)
    if benchmark is None:
        sys.stderr.write(f"stocktake: --benchmark {arguments.benchmark}: expected one of {', '.join(BENCHMARKS)}\n")
        return codes.USAGE
    rows = [row for row in benchmark.recommendations() if arguments.control is None or row.supports(arguments.control)]
    known = checks()
    listed = (_listed(benchmark, row, known[row.check] if row.check else None) for row in rows)
    if arguments.format == "ndjson":
        for each in listed:
            sys.stdout.buffer.write(dumps(each, canonical=False) + b"\n")
        return codes.OK
    table = Table(("SECTION", "LEVEL", "PROFILES", "CHECK", "TITLE"))
    for each in listed:
        table.add((each["section"], each["level"], ", ".join(each["profiles"]), each["id"], each["title"]))
    table.print(sys.stdout)
    return codes.OK


def show_check(arguments: argparse.Namespace) -> int:
    """Print all that is known of a check."""
    check = checks().get(arguments.id)
    if check is None:
        sys.stderr.write(f"stocktake: {arguments.id}: no such check; stocktake checks list names them\n")
        return codes.USAGE
    print(f"{check.id}\n\n{check.told(check.title)}\n\nWhy: {check.why}\n\nWhat to do: {check.told(check.fix)}")
    if check.parameters:
        print("\nParameters that tailoring can change:")
        for name, value in check.parameters.items():
            print(f"  {name}: {written(value)}")
    print("\nWhere it is used:")
    for benchmark, row in _uses(check):
        print(f"  {benchmark.name} {row.section}: {_levels(row)}{_controls(row)}")
    return codes.OK


def _benchmark(arguments: argparse.Namespace) -> Benchmark | None:
    if arguments.benchmark != "auto":
        return BENCHMARKS.get(arguments.benchmark)
    return suited(release(System(host_of(loaded(arguments).settings))))


def _listed(benchmark: Benchmark, row: Recommendation, check: Check | None) -> dict[str, Any]:
    levels = sorted(set(row.levels.values()))
    return {
        "benchmark": benchmark.name,
        "section": row.section,
        "id": row.check,
        "title": check.told(check.title, row.parameters) if check else "not judged by this version",
        "level": levels[0] if levels else None,
        "profiles": [f"{profile} {level}" for profile, level in row.levels.items()],
        "assessment": "automated" if row.automated else "manual",
        "applies_when": row.applies_when,
        "nist_800_53": row.nist_800_53,
        "pci_dss_4": row.pci_dss_4,
        "soc_2": row.soc_2,
    }


def _uses(check: Check) -> Iterator[tuple[Benchmark, Recommendation]]:
    for benchmark in BENCHMARKS.values():
        yield from ((benchmark, row) for row in benchmark.recommendations() if row.check == check.id)


def _levels(row: Recommendation) -> str:
    return ", ".join(f"{profile} level {level}" for profile, level in row.levels.items())


def _controls(row: Recommendation) -> str:
    named = (("NIST 800-53", row.nist_800_53), ("PCI DSS 4.0", row.pci_dss_4), ("SOC 2", row.soc_2))
    return "".join(f"; {name} {', '.join(controls)}" for name, controls in named if controls)
