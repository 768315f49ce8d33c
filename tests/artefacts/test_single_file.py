"""The single file: as any user, from a read-only medium, on any Python that it supports; what it cannot see it says."""

import json
import os
import subprocess
import sys
import zipfile

import pytest

from tests.matrix.test_interpreters import VERSIONS, interpreter

NOBODY = 65534


def sections(output):
    """Give the lines of each section of a scan as NDJSON, that which ends it last."""
    found = {}
    for line in output.splitlines():
        record = json.loads(line)
        found.setdefault(record["section"], []).append(record)
    return found


@pytest.fixture
def medium(pyz):
    """Words that run a command where /mnt is a medium with the single file on which nothing can be written or executed."""
    copying = f"mount -t tmpfs none /mnt && cp {pyz} /mnt/stocktake.pyz && mount -o remount,ro,noexec,nosuid,nodev /mnt"
    return ["unshare", "--mount", "sh", "-c", f'{copying} && cd / && exec "$@"', "sh"]


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting takes root")
def test_nobody_scans_from_a_read_only_medium_and_says_what_was_not_seen(medium):
    as_nobody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--"]
    command = ["/usr/bin/python3", "/mnt/stocktake.pyz", "scan", "host", "ports", "--format", "ndjson"]
    done = subprocess.run([*medium, *as_nobody, *command], capture_output=True, text=True)
    assert done.returncode in (0, 3), done.stderr
    found = sections(done.stdout)
    agent = next(record for record in found["host"] if record["kind"] == "agent")
    assert (agent["uid"], agent["capabilities"]) == (NOBODY, [])
    missing = {record["missing"] for record in found["host"] if record["kind"] == "degradation"}
    assert {"cap_sys_ptrace", "cap_dac_read_search"} <= missing
    assert next(record for record in found["host"] if record["kind"] == "host")["cpus"] == os.cpu_count()
    assert found["ports"][-1]["kind"] == "section"


@pytest.mark.parametrize("version", VERSIONS)
def test_every_python_runs_it(version, pyz, debian):
    command = [interpreter(version), pyz, "scan", "host", "packages", "--parts", "dpkg", "--root", debian]
    done = subprocess.run([*command, "--format", "ndjson"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = sections(done.stdout)
    assert found["packages"][-1]["status"] == "complete"
    assert found["packages"][-1]["count"] > 50


def test_an_older_python_hands_over_to_one_of_the_host_or_says_what_is_needed(pyz):
    done = subprocess.run([interpreter("3.8"), pyz, "--version"], capture_output=True, text=True)
    assert done.stdout.startswith("stocktake ") or "Python 3.9 or newer is needed" in done.stderr


def test_nothing_of_who_runs_it_is_loaded(pyz, tmp_path):
    for name in ("json", "yaml", "agent", "sitecustomize"):
        (tmp_path / f"{name}.py").write_text("open('/proc/self/fd/2', 'w').write('replaced')\n")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, pyz, "config", "example"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stderr.count("replaced") <= 1  # sitecustomize, before the first line of ours


def test_it_collects_and_delivers_as_well(pyz, debian, tmp_path):
    variables = {
        "STOCKTAKE_STATE_DIR": f"{tmp_path}/state",
        "STOCKTAKE_ROOT": str(debian),
        "STOCKTAKE_DELIVERY_SINK": "file",
        "STOCKTAKE_DELIVERY_PATH": f"{tmp_path}/reports",
        "STOCKTAKE_INTEGRITY_ENABLED": "false",
    }
    done = subprocess.run(
        [sys.executable, pyz, "run", "--once"], env={**os.environ, **variables}, capture_output=True, text=True
    )
    assert done.returncode in (0, 3), done.stderr
    assert "packages: complete" in done.stderr
    assert b'"section":"packages"' in (tmp_path / "reports").read_bytes()


def test_there_is_nothing_compiled_in_it(pyz):
    with zipfile.ZipFile(pyz) as archive:
        names = archive.namelist()
    assert not [name for name in names if name.endswith((".so", ".pyc"))]
    assert "agent/start.py" in names
    assert not any(name.startswith("psutil") for name in names)
