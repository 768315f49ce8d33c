"""Every other Python that the agent supports and that is installed here, with what the agent's packages hold.

What can differ by interpreter is tried on each; `tests/run matrix` runs all tests of the agent on each.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from artefacts import tree, wheels
from artefacts.vendored import stand_in, unpack

from tests.e2e.conftest import JOIN
from tests.hosts.kept import kept, run

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "tests" / "lock-agent.txt"
VERSIONS = ("3.9", "3.10", "3.11", "3.12", "3.13")
OTHERS = [version for version in VERSIONS if version != f"{sys.version_info[0]}.{sys.version_info[1]}"]
DIFFERING = ("formats", "model", "config", "limits", "worker/test_main.py", "worker/test_readers.py")
"""Below tests/agent: text, numbers, dates and files as the interpreter handles them, and how it starts and forks."""
SECTIONS = ("host", "packages", "integrity", "compliance")
"""Of a tree that nothing runs in; the others tell of processes, among which the interpreter is one."""
LIVE = ("ports", "containers", "usage")
OF_THE_SCAN = ("section", "agent", "walk", "integrity_scan")
IMPORTS = "import importlib, pkgutil, agent; [importlib.import_module(m.name) for m in pkgutil.walk_packages(agent.__path__, 'agent.') if not m.name.endswith('__main__')]"


def interpreter(version: str) -> str:
    """Find a Python of a version, also where pyenv keeps its own."""
    of_pyenv = sorted(Path("~/.pyenv/versions").expanduser().glob(f"{version}.*/bin/python3"))
    candidates = [f"/usr/bin/python{version}", *map(str, of_pyenv)]
    for candidate in candidates:
        if Path(candidate).exists():
            return candidate
    found = shutil.which(f"python{version}")
    if found and subprocess.run([found, "-c", ""], capture_output=True).returncode == 0:
        return found
    pytest.skip(f"Python {version} is not installed here")


def vendored() -> Path:
    """Give the folder of third parties that one package has for every Python."""
    lock = tree.LINUX / tree.AGENT.lock

    def make(folder: Path) -> None:
        unpack(wheels.fetch(lock, os.uname().machine, f"3.{tree.AGENT.lowest}"), folder)
        stand_in(folder)

    sources = sorted((ROOT / "packaging").glob("**/stand-ins/**/*.py"))
    recipe = "".join(path.read_text() for path in (lock, *sources, ROOT / "packaging/artefacts/vendored.py"))
    return kept("vendored", recipe, make)


def environment(python: str, folder: Path) -> Path:
    """Make a virtual environment with this checkout, what its packages bring along and the tests' own parts; give its Python."""

    def make(parts: Path) -> None:
        install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", parts]
        run(python, *install, "--constraint", LOCK, "pytest", "hypothesis")

    parts = kept("matrix", f"{python} {run(python, '--version')} {LOCK.read_text()}", make)
    run(python, "-m", "venv", "--without-pip", folder)
    [packages] = folder.glob("lib/python*/site-packages")
    (packages / "checkout.pth").write_text(f"{ROOT}\n{vendored()}\n{parts}\n")
    return folder / "bin" / "python"


@pytest.fixture(scope="module", params=OTHERS)
def python(request, tmp_path_factory):
    """The Python of an environment, of each version."""
    return environment(interpreter(request.param), tmp_path_factory.mktemp(request.param))


def scan(python, *words):
    """Give the records of a scan, without those that tell of the scan itself, and how each section ended."""
    command = [python, "-I", "-m", "agent.cli", "scan", *words, "--format", "ndjson"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode in (0, 3), done.stderr
    records = [json.loads(line) for line in done.stdout.splitlines()]
    told = {(record["section"], record["kind"], record.get("key")): record for record in records}
    ends = {record["section"]: record["status"] for record in records if record["kind"] == "section"}
    return {key: record for key, record in told.items() if key[1] not in OF_THE_SCAN}, ends


def test_every_module_is_imported_without_a_warning(python):
    done = subprocess.run([python, "-I", "-W", "error", "-c", IMPORTS], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_all_tests_of_what_can_differ_pass(python):
    whole = os.environ.get("STOCKTAKE_TEST_MATRIX") == "whole"
    tests = ["tests/agent"] if whole else ["-m", "not hypothesis", *(f"tests/agent/{name}" for name in DIFFERING)]
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-x", *tests]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout[-4000:]
    print(done.stdout.splitlines()[-1])


def test_a_scan_gives_the_records_of_any_other_python(python, debian):
    words = (*SECTIONS, "--root", str(debian))
    assert scan(python, *words) == scan(sys.executable, *words)


def test_a_scan_of_a_running_host_ends_as_with_any_other_python(python):
    _, ends = scan(python, *LIVE)
    _, expected = scan(sys.executable, *LIVE)
    assert ends == expected


def test_what_was_collected_is_delivered(python, debian, backend, tmp_path):
    variables = {
        "STOCKTAKE_STATE_DIR": str(tmp_path / "state"),
        "STOCKTAKE_ROOT": str(debian),
        "STOCKTAKE_BACKEND_URL": backend.url,
        "STOCKTAKE_BACKEND_JOIN_TOKEN": JOIN,
        "STOCKTAKE_INTEGRITY_ENABLED": "false",
    }
    done = subprocess.run(
        [python, "-I", "-m", "agent.cli", "run", "--once"], env=variables, capture_output=True, text=True
    )
    assert done.returncode in (0, 3), done.stderr
    assert "dpkg/bash:amd64" in backend.records("packages")
