"""Packages and the service: sizes, the way from installation to the first report, memory at rest, exposure. Run as root.

The service runs on a booted Debian 12 (systemd-nspawn); its memory as systemd counts it is looked at in an emulated machine, which
takes minutes, and so only with STOCKTAKE_TEST_QEMU=1.
"""

from __future__ import annotations

import os
import re
import resource
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench.measure import Row, missed, table
from tests.artefacts.built import build
from tests.e2e.test_memory import SCRIPT
from tests.hosts.booted import boot, wait_for
from tests.hosts.emulated import results
from tests.hosts.installed import CONFIGURATION, Life

if TYPE_CHECKING:
    from collections.abc import Sequence

MIB = 1024 * 1024
MOST = 4.0
"""MiB that a package may have."""
PEER = "prometheus-node-exporter"
"""A well known agent of Debian, whose unit is compared with ours."""
ROOT = Path(__file__).parents[1]


def main() -> int:
    """Print the comparisons; 1 when a target is missed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for target in ("deb", "rpm", "zipapp"):
            build(target, folder / "dist")
        rows = [*_sizes(folder / "dist"), *_exposure(folder), *_installation(folder)]
        rows += _memory(folder) if "STOCKTAKE_TEST_QEMU" in os.environ else []
    print(table(rows))
    return 1 if missed(rows) else 0


def _sizes(dist: Path) -> list[Row]:
    found = [path for path in sorted(dist.iterdir()) if path.suffix in (".deb", ".rpm", ".pyz")]
    return [Row(f"{path.name}, against {MOST:.0f}: MiB", path.stat().st_size / MIB, MOST, 1) for path in found]


def _exposure(folder: Path) -> list[Row]:
    subprocess.run(["apt-get", "download", "-q", PEER], cwd=folder, check=True, capture_output=True)
    [package] = folder.glob(f"{PEER}_*.deb")
    subprocess.run(["dpkg-deb", "-x", package, folder / "peer"], check=True)
    [unit] = (folder / "peer").rglob(f"{PEER}.service")
    ours = _exposed(ROOT / "systemd" / "stocktake.service")
    return [
        Row(f"systemd-analyze security, {PEER}", ours, _exposed(unit), None),
        Row("systemd-analyze security, against 2.5", ours, 2.5, 1),
    ]


def _exposed(unit: Path) -> float:
    command: Sequence[str] = ["systemd-analyze", "security", "--offline=true", str(unit)]
    said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout
    return float(re.findall(r"level for \S+: ([0-9.]+)", said)[0])


def _installation(folder: Path) -> list[Row]:
    """From apt install, with a backend and its address there already, to the first complete report of every section."""
    (folder / "boot").mkdir()
    machine = boot("debian-12", folder / "boot")
    try:
        life = Life(machine, folder / "dist")
        life.bring_backend()
        conf_d = machine.root / "etc/stocktake/conf.d"
        conf_d.mkdir(parents=True)
        (conf_d / "site.yaml").write_text(CONFIGURATION)
        began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
        life.install("stocktake_*-1_amd64.deb")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        wait_for(life.is_complete)
        wall = time.monotonic() - began
        daemon = life.status()["daemon"]
    finally:
        machine.stop()
    installing = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return [
        Row("apt install to the first complete report, against 60: wall s", wall, 60, 1),
        Row("the same, apt with what it runs and the agent: CPU s", installing + daemon["cpu_seconds"], 60, None),
        Row("the daemon at rest, under systemd, against 13.5: MiB resident", daemon["resident_kib"] / 1024, 13.5, 1),
    ]


def _memory(folder: Path) -> list[Row]:
    (folder / "emulated").mkdir()
    found = results(SCRIPT, next((folder / "dist").glob("stocktake_*_amd64.deb")), folder / "emulated", 2400)
    return [
        Row("MemoryCurrent of the service, workers gone, against 20: MiB", int(found["rest"]) / MIB, 20, 1),
        Row("of which the daemon's own (anonymous): MiB", int(found["anonymous"]) / MIB, 20, None),
    ]


if __name__ == "__main__":
    raise SystemExit(main())
