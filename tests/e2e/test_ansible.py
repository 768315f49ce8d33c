"""The role of Ansible against a booted Debian: installs, changes nothing the second time, follows changes, and removes.

The machine has no network, so that what Ansible's own module for apt needs is there before.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from artefacts.runbooks import CLOUD

from tests.hosts.booted import boot, wait_for
from tests.hosts.downloads import archive_from_debian

PROGRAMS = Path(sys.executable).parent
NSENTER = """#!/bin/sh
# What Ansible takes for ssh: the last word is the command, which runs in the booted root.
for command; do :; done
exec nsenter --target={leader} --mount --pid --uts --net --ipc --cgroup --root --wd -- \\
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 /bin/sh -c "$command"
"""
_SETTINGS = "[defaults]\ninterpreter_python = /usr/bin/python3\n[connection]\npipelining = True\n"
TOKEN = "join-token-of-the-test-of-ansible"
NOWHERE = "http://127.0.0.1:9"


class Play:
    """Plays of the role against a machine."""

    def __init__(self, machine, folder: Path, package: Path) -> None:
        self.machine = machine
        self._folder = folder
        self._package = package
        (folder / "ssh").write_text(NSENTER.format(leader=machine.leader))
        (folder / "ssh").chmod(0o755)
        (folder / "ansible.cfg").write_text(_SETTINGS)
        shutil.copytree(CLOUD / "ansible/roles", folder / "roles")
        play = [{"hosts": "all", "gather_facts": True, "roles": ["stocktake"]}]
        (folder / "play.yml").write_text(json.dumps(play))

    def run(self, **variables) -> dict[str, int]:
        """Play it; give how many tasks were ok, changed and failed."""
        given = {
            "stocktake_backend_url": NOWHERE,
            "stocktake_join_token": TOKEN,
            "stocktake_package_file": str(self._package),
            "ansible_ssh_executable": str(self._folder / "ssh"),
            "ansible_ssh_transfer_method": "piped",
            **variables,
        }
        environment = {
            "PATH": f"{PROGRAMS}:{os.environ['PATH']}",
            "HOME": str(self._folder),
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_CONFIG": str(self._folder / "ansible.cfg"),
        }
        words = [PROGRAMS / "ansible-playbook", "-i", "booted,", "-e", json.dumps(given), self._folder / "play.yml"]
        done = subprocess.run(words, env=environment, cwd=self._folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        assert TOKEN not in done.stdout
        recap = re.search(r"^booted .*$", done.stdout, re.MULTILINE)[0]
        return {name: int(number) for name, number in re.findall(r"(\w+)=(\d+)", recap)}


@pytest.fixture(scope="module")
def play(tmp_path_factory, dist):
    """The role, with a machine on which nothing is installed yet."""
    if not (PROGRAMS / "ansible-playbook").exists():
        pytest.skip("Ansible is not installed")
    folder = tmp_path_factory.mktemp("ansible")
    archives = [archive_from_debian(name) for name in ("distro-info-data", "python-apt-common", "python3-apt")]
    machine = boot("debian-12", tmp_path_factory.mktemp("booted"))
    for archive in archives:
        shutil.copy(archive, machine.root / "root")
    machine.does("dpkg", "-i", *(f"/root/{archive.name}" for archive in archives))
    yield Play(machine, folder, next(dist.glob("stocktake_*_amd64.deb")))
    machine.stop()


def test_it_installs_configures_and_starts(play):
    assert play.run()["changed"] > 0
    assert play.machine.says("systemctl", "is-active", "stocktake") == "active"
    assert play.machine.says("systemctl", "is-enabled", "stocktake") == "enabled"
    shown = play.machine.says("stocktake", "config", "show")
    assert re.search(rf"backend\.url +{NOWHERE} +/etc/stocktake/conf\.d/ansible\.yaml", shown)
    assert play.machine.says("stat", "-c", "%a %U", "/etc/credstore/stocktake.join_token") == "600 root"
    wait_for(lambda: "host" in play.machine.says("stocktake", "status"))


def test_a_second_time_nothing_is_changed(play):
    before = play.machine.property("stocktake", "MainPID")
    assert play.run()["changed"] == 0
    assert play.machine.property("stocktake", "MainPID") == before


def test_changed_settings_and_the_watchers_capability_are_in_force_after_it(play):
    before = play.machine.property("stocktake", "MainPID")
    settings = {"ports": {"every": "5m"}, "backend": {"proxy": "http://127.0.0.1:3128"}}
    play.run(stocktake_settings=settings, stocktake_watch=True)
    assert play.machine.property("stocktake", "MainPID") != before
    shown = play.machine.says("stocktake", "config", "show")
    assert re.search(r"ports\.every +5m", shown)
    assert re.search(rf"backend\.url +{NOWHERE}", shown)
    assert "cap_sys_admin" in play.machine.property("stocktake", "AmbientCapabilities")


def test_a_wrong_configuration_fails_the_play_before_the_service_is_touched(play):
    before = play.machine.property("stocktake", "MainPID")
    with pytest.raises(AssertionError, match=r"ports\.every: expected"):
        play.run(stocktake_settings={"ports": {"every": "soon"}})
    assert play.machine.property("stocktake", "MainPID") == before


def test_it_removes_everything(play):
    play.run(stocktake_state="absent")
    assert play.machine.run("stocktake", "--version").returncode != 0
    left = play.machine.says(
        "find", "/etc", "/usr", "/var/lib", "-path", "*stocktake*", "-not", "-path", "/var/lib/dpkg/*"
    )
    assert left == ""
