"""The packages of this host: stocktake beside osqueryi and dpkg-query. Run as python -m bench.packages."""

from __future__ import annotations

import json
import shutil
import sys

from agent.start import words
from bench import peers
from bench.measure import Cost, Row, measured, missed, table

RUNS = 7
STOCKTAKE = [*words("agent.cli"), "scan", "packages", "--parts", "dpkg", "--format", "ndjson"]
INTERPRETER = [sys.executable, "-I", "-B", "-S", "-c", "pass"]


def main() -> int:
    """Print the comparison; 1 when a target is missed."""
    ours = measured(STOCKTAKE, RUNS)
    rows: list[Row] = []
    try:
        osquery = measured([peers.osqueryi(), "--json", "select * from deb_packages"], RUNS)
        rows += _rows("osqueryi deb_packages", ours, osquery, 1, 1 / 3)
        print(f"{_count(ours)} packages here, {len(json.loads(osquery.stdout))} of osqueryi")
    except peers.Unavailable as error:
        print(f"osqueryi is left out: {error}")
    if shutil.which("dpkg-query"):
        rows += _rows("dpkg-query -W", ours, measured(["dpkg-query", "-W"], RUNS), None, None)
    rows += _rows("the interpreter alone", ours, measured(INTERPRETER, RUNS), None, None)
    print(table(rows))
    return 1 if missed(rows) else 0


def _rows(peer: str, ours: Cost, theirs: Cost, cpu: float | None, peak: float | None) -> list[Row]:
    return [
        Row(f"{peer}: CPU s", ours.cpu_seconds, theirs.cpu_seconds, cpu),
        Row(f"{peer}: peak MiB", ours.peak_mib, theirs.peak_mib, peak),
    ]


def _count(cost: Cost) -> int:
    return sum(json.loads(line)["kind"] == "package" for line in cost.stdout.splitlines())


if __name__ == "__main__":
    sys.exit(main())
