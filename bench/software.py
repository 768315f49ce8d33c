"""The whole inventory: stocktake beside osqueryi and trivy. Run as python -m bench.software."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from sysconfig import get_path

from agent.start import words
from bench import peers
from bench.measure import Cost, Row, measured, missed, table

RUNS = 5
PACKAGES = 3900
DISTRIBUTIONS = 103
NPM = "eslint@8.57.0 webpack@5.90.0 jest@29.7.0 express@4.19.2 mocha@10.4.0 @babel/preset-env@7.24.5 nodemon@3.1.0"
"""What npm installs: some 580 packages with all that they need."""
CACHE = peers.CACHE.parent / "bench"


def main() -> int:
    """Print the comparisons; 1 when a target is missed."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # osqueryi gives up its privileges to the owner of what it reads
        for measure in (_dpkg, _python, _npm, _host):
            try:
                rows += measure(Path(folder))
            except peers.Unavailable as error:
                print(f"{measure.__name__.strip('_')} is left out: {error}")
    print(table(rows))
    return 1 if missed(rows) else 0


def _dpkg(folder: Path) -> list[Row]:
    """Compare on a status file with this host's stanzas, repeated under other names."""
    root = folder / "dpkg"
    status = root / "var/lib/dpkg/status"
    for name in ("info", "updates", "triggers"):
        (status.parent / name).mkdir(parents=True)
    stanzas = Path("/var/lib/dpkg/status").read_text().strip("\n").split("\n\n")
    repeated = (stanzas * (PACKAGES // len(stanzas) + 1))[:PACKAGES]
    renamed = [re.sub(r"\A(Package: \S+)", rf"\1-{number}", stanza) for number, stanza in enumerate(repeated)]
    status.write_text("\n\n".join(renamed) + "\n\n")
    for stanza in renamed:
        name, architecture = (re.search(rf"(?m)^{field}: (.*)$", stanza)[1] for field in ("Package", "Architecture"))
        qualified = f"{name}:{architecture}" if "\nMulti-Arch: same\n" in stanza else name
        (status.parent / "info" / f"{qualified}.list").touch()
    ours = _scan(root, "dpkg")
    query = f"select * from deb_packages where admindir = '{status.parent}'"
    theirs = _measured(peers.osqueryi(), "--json", query)
    print(f"{_count(ours, 'package')} dpkg packages, {len(json.loads(theirs.stdout))} of osqueryi")
    return [
        Row(f"{PACKAGES} dpkg packages, osqueryi: CPU s", ours.cpu_seconds, theirs.cpu_seconds, 1),
        Row(f"{PACKAGES} dpkg packages: peak MiB against 30", ours.peak_mib, 30, 1),
    ]


def _python(folder: Path) -> list[Row]:
    """Compare on the distributions that this Python has, whole, some of them under another name as well."""
    site = folder / "python/usr/lib/python3/site-packages"
    shutil.copytree(get_path("purelib"), site, symlinks=True)
    found = sorted(site.glob("*.dist-info"))
    for number in range(DISTRIBUTIONS - len(found)):
        copied = found[number % len(found)]
        name, _, rest = copied.name.partition("-")
        twin = site / f"{name}_{number}-{rest}"
        shutil.copytree(copied, twin)
        metadata = (twin / "METADATA").read_text()
        (twin / "METADATA").write_text(re.sub(r"(?m)^(Name: .*)$", rf"\1-{number}", metadata, count=1))
    ours = _scan(folder / "python", "python")
    query = f"select * from python_packages where directory = '{site}'"
    told = _measured(peers.osqueryi(), "--json", query)
    plain = _measured(peers.osqueryi(), "--json", "select * from python_packages")
    count = len(json.loads(plain.stdout))
    print(
        f"{_count(ours, 'language_package')} Python distributions, {count} that osqueryi finds by itself on this host"
    )
    what = f"{DISTRIBUTIONS} Python distributions"
    return [
        Row(
            f"{what}, osqueryi's plain query in proportion: CPU s",
            ours.cpu_seconds,
            plain.cpu_seconds * DISTRIBUTIONS / count,
            0.5,
        ),
        Row(f"{what}: CPU s against half of 0.35", ours.cpu_seconds, 0.35, 0.5),
        Row(f"{what}, osqueryi told the one folder: CPU s", ours.cpu_seconds, told.cpu_seconds, None),
    ]


def _npm(_: Path) -> list[Row]:
    """Measure what npm has installed, in proportion to the 563 packages of the target."""
    folder = CACHE / "npm"
    if not (folder / "node_modules").exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"name": "x", "version": "1.0.0"}')
        command = ("npm", "install", "--silent", "--ignore-scripts", "--no-audit", "--no-fund", *NPM.split())
        if not shutil.which("npm") or subprocess.run(command, cwd=folder).returncode:
            raise peers.Unavailable("npm cannot install here")
    ours = _scan(folder, "node")
    count = _count(ours, "language_package")
    return [Row(f"{count} npm packages: CPU s against 0.1 for 563", ours.cpu_seconds, 0.1 * count / 563, 1)]


def _host(folder: Path) -> list[Row]:
    """Compare on this whole host, with licences, owners and the programs that no package owns."""
    ours = _scan(Path("/"), None)
    bill = folder / "bill.json"
    quiet = ("--quiet", "--offline-scan", "--cache-dir", str(folder / "trivy"), "--output", str(bill))
    theirs = _measured(peers.trivy(), "rootfs", *quiet, "--format", "cyclonedx", "/")
    kinds = [json.loads(line)["kind"] for line in ours.stdout.splitlines()]
    counts = {kind: kinds.count(kind) for kind in ("package", "language_package", "executable", "gap")}
    print(f"this host: {counts}; {len(json.loads(bill.read_bytes())['components'])} components of trivy")
    return [
        Row("this whole host, trivy: CPU s", ours.cpu_seconds, theirs.cpu_seconds, 1),
        Row("this whole host: peak MiB against 64", ours.peak_mib, 64, 1),
        Row("this whole host, trivy: peak MiB", ours.peak_mib, theirs.peak_mib, None),
    ]


def _scan(root: Path, part: str | None) -> Cost:
    chosen = ("--parts", part) if part else ()
    return _measured(*words("agent.cli"), "scan", "packages", "--root", str(root), *chosen, "--format", "ndjson")


def _measured(*command: str) -> Cost:
    return measured(command, RUNS if "/" not in command else 2, good=(0, 3))


def _count(cost: Cost, kind: str) -> int:
    return sum(json.loads(line)["kind"] == kind for line in cost.stdout.splitlines())


if __name__ == "__main__":
    sys.exit(main())
