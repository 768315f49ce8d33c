"""agent/cli/run.py: what is prepared before the daemon starts, and checked before it reloads."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from agent.daemon import plan as plans
from agent.worker.state import load_settings


@pytest.fixture
def started(stocktake, root):
    """A state folder in which a run has been."""
    variables = {"STOCKTAKE_DELIVERY_SINK": "stdout", "STOCKTAKE_ROOT": str(root), "STOCKTAKE_BACKEND_TOKEN": "hunter2"}
    stocktake.variables.update(variables)
    assert stocktake("run", "--once", "--set", "ports.enabled=false", "--set", "packages.every=2h").returncode == 0
    return stocktake


def test_the_settings_are_kept_for_the_workers_and_the_plan_for_the_daemon(started) -> None:
    settings = load_settings(str(started.state))
    plan = plans.read(str(started.state))
    assert (settings.packages_every, settings.backend_token) == (7200, "hunter2")
    every = {name: period.every for name, period in plan.sections.items()}
    assert every == {
        "host": 3600,
        "packages": 7200,
        "integrity": 3600,
        "containers": 30,
        "usage": 600,
        "compliance": 6 * 3600,
    }
    assert plan.worker[-2:] == ["agent.worker.__main__", str(started.state)]
    assert plan.worker[1] == "-I"


def test_the_plan_says_what_is_looked_at_before_containers_are_collected(started) -> None:
    (look,) = plans.read(str(started.state)).looks.values()
    assert (look.folders, look.most) == ([], 3600)
    assert started("reload", "--set", "proc=/proc", started.state).returncode == 0
    (look,) = plans.read(str(started.state)).looks.values()
    assert all("/sys/fs/cgroup" in folder for folder in look.folders)
    assert look.folders


def test_no_secret_of_the_configuration_is_in_the_plan(started) -> None:
    with open(plans.path_in(str(started.state)), encoding="utf-8") as file:
        assert "hunter2" not in file.read()


def test_a_reload_writes_what_is_right(started) -> None:
    done = started("reload", "--set", "packages.every=3h", started.state)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert plans.read(str(started.state)).sections["packages"].every == 10800


def test_only_in_a_running_system_is_there_anything_to_watch(started) -> None:
    assert plans.read(str(started.state)).watches == {}
    assert started("reload", "--set", "proc=/proc", started.state).returncode == 0
    watches = plans.read(str(started.state)).watches
    assert {name: words[-2:] for name, words in watches.items()} == {
        "files": ["agent.watch", str(started.state)],
        "opens": ["agent.watch.opens", str(started.state)],
    }


@pytest.mark.parametrize(
    ("switch", "left"),
    [
        ("integrity.enabled=false", "opens"),
        ("integrity.watch=false", "opens"),
        ("usage.enabled=false", "files"),
        ("usage.watch=false", "files"),
    ],
)
def test_a_watcher_that_is_not_wanted_is_not_in_the_plan(started, switch: str, left: str) -> None:
    assert started("reload", "--set", "proc=/proc", "--set", switch, started.state).returncode == 0
    assert list(plans.read(str(started.state)).watches) == [left]


@pytest.mark.parametrize(
    "change", ["packages.every=never", "delivery.sink=backend", "state_dir=/elsewhere"], ids=lambda text: text
)
def test_a_reload_that_is_refused_changes_nothing(started, change: str) -> None:
    def kept() -> list[bytes]:
        return [(started.state / name).read_bytes() for name in sorted(os.listdir(started.state)) if ".json" in name]

    before = kept()
    done = started("reload", "--set", change, started.state)
    assert (done.returncode, done.stdout) == (2, "")
    assert change.partition("=")[0] in done.stderr or "backend.url" in done.stderr
    assert kept() == before


def test_the_plan_checks_the_same_configuration_again(stocktake, root, tmp_path) -> None:
    (tmp_path / "agent.yaml").write_text(f"root: {root}\ndelivery:\n  sink: stdout\n")
    words = stocktake.words("run", "--once", "--config", "agent.yaml", "--set", "log_level=debug")
    subprocess.run(words, cwd=tmp_path, env=stocktake.variables, check=True, capture_output=True)
    reload = plans.read(str(stocktake.state)).reload
    assert reload[-6:] == [
        "reload",
        "--config",
        str(tmp_path / "agent.yaml"),
        "--set",
        "log_level=debug",
        str(stocktake.state),
    ]
    assert subprocess.run(reload, env=stocktake.variables, check=False).returncode == 0


def test_a_state_folder_that_others_may_write_to_is_refused(started) -> None:
    started.state.chmod(0o777)
    done = started("run", "--once")
    assert (done.returncode, done.stderr) == (
        2,
        f"stocktake: {started.state}: is writable by others; run chmod 700 on it\n",
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_full_disk_under_the_state_folder_is_one_line(stocktake, root, tmp_path) -> None:
    (tmp_path / "small").mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k", "none", tmp_path / "small"], check=True)
    try:
        (tmp_path / "small" / "file").write_bytes(b"x" * 4096)
        variables = {
            "STOCKTAKE_STATE_DIR": str(tmp_path / "small"),
            "STOCKTAKE_DELIVERY_SINK": "stdout",
            "STOCKTAKE_ROOT": str(root),
        }
        (tmp_path / "small").chmod(0o700)
        done = stocktake("run", "--once", variables=variables)
    finally:
        subprocess.run(["umount", tmp_path / "small"], check=True)
    assert done.returncode == 1
    assert done.stderr.startswith("stocktake: No space left on device at agent/")
    assert json.dumps(done.stderr).count("\\n") == 1
