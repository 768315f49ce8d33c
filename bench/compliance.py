"""Configuration checks: a whole benchmark over a real root beside oscap and lynis. Run as root, as python -m bench.compliance."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from bench import peers
from bench.measure import Cost, Row, measured, missed, run, table

_BENCHMARK = ("--benchmark", "debian12", "--level", "2", "--profile", "server")
_PROFILE = "xccdf_org.ssgproject.content_profile_anssi_bp28_enhanced"
"""Of the profiles of the peer's rules that with the number of rules nearest to ours."""
_PARTS = "openssh-server,sudo,auditd,aide-common,rsyslog,chrony,cron,nftables,postfix,apparmor,libpam-pwquality,lynis"
"""Packages whose configuration the checks are about."""
_QUIETLY = ("sh", "-c", 'exec "$@" 2>/dev/null', "sh")
"""Runs a command without its complaints, of which both have many in a root that does not run."""
_OSCAP_CODES = (0, 2)
"""That all rules passed, and that some failed."""


def main() -> int:
    """Print the comparisons; 1 when a target is missed."""
    try:
        root = _root()
        rows = [*_against_oscap(root), *_against_lynis(root)]
    except peers.Unavailable as error:
        print(f"left out: {error}")
        return 0
    print(table(rows))
    return 1 if missed(rows) else 0


def _against_oscap(root: Path) -> list[Row]:
    if not shutil.which("oscap"):
        raise peers.Unavailable("openscap-scanner is not installed")
    ours, oscap = _ours(root), _oscap(root)
    print(f"{_results(ours)} results, {oscap.stdout.count(b'Result')} of oscap")
    return [
        Row("the whole benchmark, oscap: CPU s", ours.cpu_seconds, oscap.cpu_seconds, 1 / 2),
        Row("the whole benchmark, oscap: peak MiB", ours.peak_mib, oscap.peak_mib, 1 / 4),
        Row("the whole benchmark, oscap: wall s", ours.wall_seconds, oscap.wall_seconds, None),
    ]


def _against_lynis(root: Path) -> list[Row]:
    """Compare with lynis in the root, where it finds as little running as ours."""
    ours = _ours(root)
    lynis = measured(
        (*_QUIETLY, "chroot", str(root), "lynis", "audit", "system", "--quick", "--no-colors"), 1, good=range(256)
    )
    return [
        Row("the whole benchmark, lynis --quick: CPU s", ours.cpu_seconds, lynis.cpu_seconds, 1 / 20),
        Row("the whole benchmark, lynis --quick: peak MiB", ours.peak_mib, lynis.peak_mib, None),
    ]


def _ours(root: Path) -> Cost:
    command = (
        sys.executable,
        "-m",
        "agent.cli",
        "scan",
        "compliance",
        *_BENCHMARK,
        "--root",
        str(root),
        "--format",
        "ndjson",
    )
    return measured(command, 3)


def _results(ours: Cost) -> int:
    return sum(json.loads(line)["kind"] == "check_result" for line in ours.stdout.splitlines())


def _oscap(root: Path) -> Cost:
    command = (*_QUIETLY, "oscap", "xccdf", "eval", "--profile", _PROFILE, peers.rules())
    cost = run(command, 3, env={**os.environ, "OSCAP_PROBE_ROOT": str(root)})
    if cost.exit_code not in _OSCAP_CODES:
        raise SystemExit(f"oscap ended with code {cost.exit_code}")
    return cost


def _root() -> Path:
    """Give a root of Debian 12, made once and kept."""
    root = peers.CACHE / "compliance-root"
    if not root.exists():
        if not shutil.which("mmdebstrap"):
            raise peers.Unavailable("mmdebstrap is not installed")
        partial = root.with_suffix(".part")
        shutil.rmtree(partial, ignore_errors=True)
        peers.CACHE.mkdir(parents=True, exist_ok=True)
        command = ("mmdebstrap", "--quiet", f"--include={_PARTS}", "--format=directory", "bookworm", str(partial))
        subprocess.run(command, check=True)
        os.rename(partial, root)
    return root


if __name__ == "__main__":
    sys.exit(main())
