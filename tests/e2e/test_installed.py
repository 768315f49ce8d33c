"""The packages on booted distributions: a whole life under real systemd, from apt install to purge."""

from __future__ import annotations

import json
import re

import pytest

from tests.artefacts.built import build
from tests.hosts.booted import RELEASES, boot, wait_for
from tests.hosts.installed import ASK, CONFIGURATION, SECTIONS, Life

IMPATIENT = "[Service]\nWatchdogSec=4\nRestartSec=1\n"
PLANTED = """
mkdir -p /etc/secret /srv/hidden /home/u/site-packages/planted-1.0.dist-info
printf 'Metadata-Version: 2.1\\nName: planted\\nVersion: 1.0\\n' > /home/u/site-packages/planted-1.0.dist-info/METADATA
cp /bin/true /srv/hidden/program; echo secret > /etc/secret/file
chmod 700 /srv/hidden /etc/secret /home/u; chmod 600 /etc/secret/file; chown -R daemon /home/u
"""
LISTENER = "import os, socket, time; os.setuid(1); s = socket.create_server(('0.0.0.0', 9999)); time.sleep(1e6)"


@pytest.fixture(scope="module")
def again(tmp_path_factory):
    """Packages of the same version, packed a second time."""
    folder = tmp_path_factory.mktemp("again")
    for target in ("deb", "rpm"):
        build(target, folder, "--release", "2", "--architecture", "amd64")
    return folder


@pytest.fixture(params=RELEASES)
def life(request, dist, again, tmp_path):
    machine = boot(request.param, tmp_path)
    yield Life(machine, dist, again)
    machine.stop()


def test_a_whole_life(life):
    waits_until_it_is_configured(life)
    reports_all_sections(life)
    sees_what_root_sees(life)
    may_read_and_nothing_else(life)
    is_observed(life)
    is_restarted_when_it_stands_still(life)
    is_reloaded(life)
    is_upgraded(life)
    watches_with_the_drop_in(life)
    is_removed_and_purged(life)
    if life.machine.run("rpm", "--version").returncode == 0:
        lives_as_rpm(life)


def waits_until_it_is_configured(life):
    said = life.install("stocktake_*-1_amd64.deb")
    assert "stocktake: not started: name a backend in /etc/stocktake/agent.yaml" in said
    assert life.machine.says("systemctl", "is-enabled", "stocktake") == "enabled"
    life.machine.does("systemctl", "restart", "stocktake")
    assert life.machine.says("systemctl", "is-active", "stocktake") == "inactive"
    assert "stocktake" not in life.machine.says("systemctl", "--failed", "--plain", "--no-legend")


def reports_all_sections(life):
    machine = life.machine
    life.bring_backend()
    machine.does("sh", "-c", PLANTED)
    machine.does("systemd-run", "-q", "--unit=listener", "python3", "-c", LISTENER)
    life.configure()
    machine.does("systemctl", "start", "stocktake")
    wait_for(life.is_complete)
    for name, section in life.hosts()[0]["sections"].items():
        assert section["status"] in ("complete", "partial"), (name, section)
    for name, section in life.status()["sections"].items():
        assert section["error"] is None, (name, section)
        assert section["unconfined"] == [], (name, section)


def sees_what_root_sees(life):
    """Neither the user without privileges nor the file systems that are its alone hide anything."""
    for section in ("packages", "integrity", "ports"):
        service = {
            key
            for key, record in life.records(section).items()
            if record["kind"] not in ("gap", "degradation", "watch")
        }
        missing = {key for key in life.seen_by_root(section) - service if "gap" not in key}
        assert not missing, (section, sorted(missing)[:10])
    assert any("planted" in key for key in life.records("packages"))
    listeners = [record for record in life.records("ports").values() if record.get("port") == 9999]
    assert [(one["process"], one["uid"]) for one in listeners] == [("python3", 1)]
    gaps = [record for section in SECTIONS for record in life.records(section).values() if record["kind"] == "gap"]
    assert not [gap for gap in gaps if gap["reason"] == "denied"], gaps


def may_read_and_nothing_else(life):
    machine = life.machine
    status = machine.does("cat", f"/proc/{life.main_pid()}/status")
    found = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    uid = int(machine.says("id", "-u", "stocktake"))
    assert {int(number) for number in found["Uid"].split()} == {uid} != {0}
    assert int(found["CapEff"], 16) == int(found["CapBnd"], 16) == 1 << 2 | 1 << 19
    assert found["NoNewPrivs"] == "1"
    written = machine.says(
        "runuser",
        "-u",
        "stocktake",
        "--",
        "find",
        "/usr/lib/stocktake",
        "/etc/stocktake",
        "/usr/bin/stocktake",
        "-writable",
    )
    assert written == ""
    assert machine.says("stat", "-c", "%U %a", "/var/lib/stocktake") == "stocktake 700"
    exposure = machine.says("systemd-analyze", "security", "stocktake.service").splitlines()[-1]
    assert float(re.search(r"(\d\.\d) ", exposure)[1]) <= 2.5
    machine.does("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", "stocktake.service")


def is_observed(life):
    machine = life.machine
    line = machine.says(
        "journalctl", "-o", "json", "-n", "1", "STOCKTAKE_SECTION=packages", "STOCKTAKE_STATUS=complete"
    )
    entry = json.loads(line)
    assert (entry["PRIORITY"], entry["SYSLOG_IDENTIFIER"], entry["_SYSTEMD_UNIT"]) == (
        "6",
        "stocktake",
        "stocktake.service",
    )
    as_nobody = machine.does("runuser", "-u", "nobody", "--", "cat", "/run/stocktake/stocktake.prom")
    assert 'stocktake_section_status{section="packages",status="complete"} 1' in as_nobody
    served = machine.does("python3", "-c", ASK, "http://127.0.0.1:9754/metrics")
    assert "stocktake_delivery_failing 0" in served
    assert "sections complete; delivered" in machine.property("stocktake", "StatusText")


def is_restarted_when_it_stands_still(life):
    machine = life.machine
    drop_in = machine.root / "etc/systemd/system/stocktake.service.d"
    drop_in.mkdir(parents=True)
    (drop_in / "impatient.conf").write_text(IMPATIENT)
    machine.does("systemctl", "daemon-reload")
    machine.does("systemctl", "restart", "stocktake")
    pid = life.main_pid()
    machine.does("sh", "-c", f"kill -STOP {pid}")
    wait_for(lambda: machine.property("stocktake", "NRestarts") == "1" and life.main_pid() not in (0, pid))
    assert "Watchdog timeout" in machine.says("journalctl", "-u", "stocktake")
    wait_for(lambda: machine.says("systemctl", "is-active", "stocktake") == "active")
    (drop_in / "impatient.conf").unlink()
    machine.does("systemctl", "daemon-reload")


def is_reloaded(life):
    machine, pid = life.machine, life.main_pid()
    life.configure(CONFIGURATION.replace("heartbeat: 1m", "heartbeat: soon"))
    assert machine.run("systemctl", "reload", "stocktake").returncode != 0
    assert "delivery.heartbeat: expected a number" in machine.says("journalctl", "-u", "stocktake")
    life.configure(CONFIGURATION.replace("usage: {enabled: true}", "usage: {enabled: false}"))
    machine.does("systemctl", "reload", "stocktake")
    wait_for(lambda: "the new configuration is in force" in machine.says("journalctl", "-u", "stocktake"))
    assert life.main_pid() == pid
    assert "usage" not in life.status()["daemon"]["next"]


def is_upgraded(life):
    machine, pid = life.machine, life.main_pid()
    before = life.hosts()
    life.configure("backend: {url: nowhere}\n")
    said = life.install("stocktake_*-2_amd64.deb")
    assert "stocktake: left as it was, because of its configuration" in said
    assert life.main_pid() == pid
    life.configure()
    life.install("stocktake-backend_*-2_all.deb")
    machine.does(
        "dpkg", "-i", *(f"/root/{path.name}" for path in (machine.root / "root").glob("stocktake_*-2_amd64.deb"))
    )
    wait_for(
        lambda: life.main_pid() not in (0, pid) and machine.says("systemctl", "is-active", "stocktake") == "active"
    )
    assert machine.says("dpkg-query", "-W", "-f", "${Version}", "stocktake").endswith("-2")
    assert (machine.root / "etc/stocktake/agent.yaml").read_text() == CONFIGURATION
    wait_for(lambda: machine.run("python3", "-c", ASK, "http://127.0.0.1:8750/openapi.json").returncode == 0)
    assert [host["agent"] for host in life.hosts()] == [host["agent"] for host in before]


def watches_with_the_drop_in(life):
    machine = life.machine
    machine.does("ln", "-s", "/usr/share/stocktake/systemd/watch.conf", "/etc/systemd/system/stocktake.service.d/")
    machine.does("systemctl", "daemon-reload")
    machine.does("systemctl", "restart", "stocktake")
    wait_for(lambda: "watching file systems" in machine.says("stocktake", "status"))


def is_removed_and_purged(life):
    machine = life.machine
    machine.does("apt-get", "remove", "-y", "stocktake")
    assert machine.says("find", "/proc", "-maxdepth", "1", "-user", "stocktake") == ""
    assert not (machine.root / "usr/lib/stocktake").exists()
    assert (machine.root / "etc/stocktake/agent.yaml").exists()
    assert (machine.root / "var/lib/stocktake/sections").exists()
    machine.does("apt-get", "purge", "-y", "stocktake", "stocktake-backend")
    machine.does("rm", "-r", "/etc/systemd/system/stocktake.service.d", "/etc/credstore")
    left = machine.says(
        "find", "/", "-xdev", "-name", "*stocktake*", "-not", "-path", "/root/*", "-not", "-path", "/proc/*"
    )
    assert [path for path in left.splitlines() if not path.startswith(("/var/log/", "/var/cache/"))] == []
    assert "stocktake" not in machine.says("systemctl", "list-unit-files", "--no-legend")


def lives_as_rpm(life):
    machine = life.machine
    packages = {
        number: f"/root/{path.name}"
        for number in (1, 2)
        for path in (machine.root / "root").glob(f"stocktake-0*-{number}.x86_64.rpm")
    }
    machine.does("rpm", "-i", "--nodeps", packages[1])
    life.configure("delivery: {sink: file, path: /var/lib/stocktake/reports, splay: 0s}\n")
    machine.does("systemctl", "enable", "--now", "stocktake")
    pid = life.main_pid()
    wait_for((machine.root / "var/lib/stocktake/reports").exists)
    machine.does("rpm", "-U", "--nodeps", packages[2])
    wait_for(
        lambda: life.main_pid() not in (0, pid) and machine.says("systemctl", "is-active", "stocktake") == "active"
    )
    assert list((machine.root / "usr/lib/stocktake").rglob("*.pyc"))
    machine.does("rpm", "-e", "stocktake")
    assert machine.says("systemctl", "is-active", "stocktake") == "inactive"
    assert not (machine.root / "usr/lib/stocktake").exists()
    assert (machine.root / "etc/stocktake/agent.yaml.rpmsave").exists()
    assert (machine.root / "var/lib/stocktake/sections").exists()
