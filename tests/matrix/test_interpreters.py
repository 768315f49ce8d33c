"""The agent's own tests on every other Python that it supports and that is installed here."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache" / "matrix"
VERSIONS = ("3.9", "3.10", "3.11", "3.12", "3.13")
OTHERS = [version for version in VERSIONS if version != f"{sys.version_info[0]}.{sys.version_info[1]}"]


def interpreter(version: str) -> str:
    """Find a Python of a version, also where pyenv keeps its own."""
    kept = sorted(Path("~/.pyenv/versions").expanduser().glob(f"{version}.*/bin/python3"))
    candidates = [f"/usr/bin/python{version}", *map(str, kept)]
    for candidate in candidates:
        if Path(candidate).exists():
            return candidate
    found = shutil.which(f"python{version}")
    if found and subprocess.run([found, "-c", ""], capture_output=True).returncode == 0:
        return found
    pytest.skip(f"Python {version} is not installed here")


def environment(version: str) -> Path:
    """Make a virtual environment with the agent alone, none of the backend's or the checks' parts."""
    folder = CACHE / version
    lock = ROOT / "tests" / "lock-agent.txt"
    stamp = folder / "made-of"
    wanted = lock.read_text() + (ROOT / "pyproject.toml").read_text()
    if not stamp.exists() or stamp.read_text() != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([interpreter(version), "-m", "venv", folder], check=True)
        install = ["install", "--quiet", "--disable-pip-version-check", "--constraint", lock]
        editable = ["--config-settings", "editable_mode=compat", "--editable", f"{ROOT}[test]"]
        subprocess.run([folder / "bin" / "pip", *install, *editable], check=True, stdout=subprocess.DEVNULL)
        stamp.write_text(wanted)
    return folder


@pytest.mark.parametrize("version", OTHERS)
def test_the_agent_runs_on(version):
    interpreter(version)
    folder = environment(version)
    command = [folder / "bin" / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/agent", "-x"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout[-4000:]
    print(done.stdout.splitlines()[-1])
