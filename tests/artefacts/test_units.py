"""The units of systemd: right, narrow, and yet wide enough for what the agent is there to see."""

import re
import subprocess

import pytest

from tests.artefacts.built import ROOT, needed

UNITS = {"stocktake": 25, "stocktake-backend": 15}
"""Each unit and the exposure that it may have, in tenths."""
HIDING = (
    "PrivateTmp",
    "PrivateDevices",
    "ProtectKernelModules",
    "ProtectProc",
    "ProcSubset",
    "PrivateUsers",
    "PrivateNetwork",
)


def unit(name):
    return ROOT / "systemd" / f"{name}.service"


def settings(text):
    return dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))


@pytest.mark.parametrize("name", UNITS)
def test_the_exposure_is_low(name):
    command = [needed("systemd-analyze"), "security", "--offline=true", f"--threshold={UNITS[name]}", unit(name)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout.splitlines()[-1]


@pytest.mark.parametrize("name", UNITS)
def test_systemd_has_no_complaint(name, tmp_path):
    """The programs are those of the package, which is not installed here, and the manual page alike."""
    text = unit(name).read_text()
    text = re.sub(r"/usr/(bin|lib)/stocktake(-backend)?(/[\w-]+)?(?= |$)", "/bin/true", text, flags=re.MULTILINE)
    (tmp_path / f"{name}.service").write_text(text)
    command = [needed("systemd-analyze"), "verify", "--man=no", "--recursive-errors=no", tmp_path / f"{name}.service"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_nothing_is_set_that_would_hide_the_host():
    found = settings(unit("stocktake").read_text())
    assert not found.keys() & set(HIDING)
    assert found["ProtectHome"] == "read-only"


def test_the_agent_may_read_and_look_into_processes_and_nothing_else():
    found = settings(unit("stocktake").read_text())
    assert found["AmbientCapabilities"] == found["CapabilityBoundingSet"] == "CAP_DAC_READ_SEARCH CAP_SYS_PTRACE"
    assert found["User"] == "stocktake"
    assert found["ProtectSystem"] == "strict"


def test_a_worker_that_runs_out_of_memory_does_not_take_the_daemon_along():
    found = settings(unit("stocktake").read_text())
    assert found["OOMPolicy"] == "continue"
    assert {"MemoryHigh", "MemoryMax", "CPUQuota", "TasksMax"} <= found.keys()
    assert found["IOSchedulingClass"] == "idle"
