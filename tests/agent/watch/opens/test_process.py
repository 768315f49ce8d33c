"""The watcher of opens as a process of its own, where there is nothing to watch or nobody may."""

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from agent.model.settings import Settings
from agent.start import words
from agent.worker.state import save_settings
from tests.agent.watch.watching import until


class Opens:
    def __init__(self, state):
        state.mkdir(mode=0o700)
        self.state = state

    def start(self, *before, **settings):
        save_settings(Settings(state_dir=str(self.state), **settings))
        command = [
            *before,
            "/bin/sh",
            "-c",
            'exec "$@" 3>/dev/null',
            "sh",
            *words("agent.watch.opens"),
            str(self.state),
        ]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        return self

    def told(self):
        try:
            return json.loads((self.state / "sections/usage/watch.json").read_bytes())
        except FileNotFoundError:
            return {}

    def status(self, name):
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


@pytest.fixture
def opens(tmp_path):
    one = Opens(tmp_path / "state")
    yield one
    if one.process.poll() is None:
        one.process.kill()
        one.process.wait()
    one.process.stderr.close()


@pytest.mark.parametrize("switch", ["usage_enabled", "usage_watch"])
def test_one_that_is_switched_off_says_so_and_ends(opens, switch):
    assert opens.start(**{switch: False}).process.wait(20) == 0
    assert (opens.told()["state"], opens.told()["reason"]) == (
        "off",
        "it is switched off by usage.watch or usage.enabled",
    )


def test_one_without_settings_is_tried_again(tmp_path):
    command = [*words("agent.watch.opens"), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2
    assert "no settings" in done.stderr


def test_a_root_that_does_not_run_is_not_watched(opens, tmp_path):
    (tmp_path / "root").mkdir()
    if os.geteuid() != 0:
        pytest.skip("takes root")
    assert opens.start(root=str(tmp_path / "root")).process.wait(20) == 0
    assert opens.told()["reason"] == "the root is no running system"


def test_who_may_not_watch_says_what_it_takes(opens):
    before = ("setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin") if os.geteuid() == 0 else ()
    assert opens.start(*before).process.wait(20) == 0
    assert (opens.told()["state"], opens.told()["reason"]) == (
        "unavailable",
        "it is not permitted here: it takes CAP_SYS_ADMIN",
    )


@pytest.fixture
def watching(opens):
    if os.geteuid() != 0:
        pytest.skip("marking file systems takes root")
    opens.start()
    until(lambda: opens.told().get("state") == "watching")
    return opens


def test_one_that_watches_is_small_and_ends_when_it_is_asked_to(watching):
    assert watching.status("VmHWM") < 15 * 1024
    watching.process.send_signal(signal.SIGTERM)
    assert watching.process.wait(20) == 0
    assert (watching.told()["state"], watching.told()["pid"]) == ("ended", None)


def test_a_reload_that_switches_it_off_ends_it(watching):
    save_settings(Settings(state_dir=str(watching.state), usage_watch=False))
    watching.process.send_signal(signal.SIGHUP)
    assert watching.process.wait(20) == 0
