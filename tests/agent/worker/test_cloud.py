"""agent/worker/cloud.py: a cloud is asked seldom and by a process of its own, and what it told is kept."""

from __future__ import annotations

import json
import os
import stat
import time

import pytest

from agent.host import Host
from agent.host.procfs import ProcFS
from agent.host.root import HostRoot
from agent.worker import cloud
from agent.worker.cloud import FILE, FRESH, SPARED, kept_id, know
from tests.hosts.trees import plant

TOLD = {"facts": {"id": "i-0123456789abcdef0", "tags": ["a=b"]}, "problem": None, "reason": "io_error"}
SILENT = {"facts": {}, "problem": "no answer", "reason": "io_error"}
UUID = "4c4c4544-0051-3510-8052-b4c04f4a3732"


class Asked:
    """Answers, and counts how often it was asked."""

    def __init__(self, *answers) -> None:
        self._answers = list(answers)
        self.providers = []

    def __call__(self, provider):
        self.providers.append(provider)
        return dict(self._answers[min(len(self.providers), len(self._answers)) - 1])


@pytest.fixture
def host(tmp_path):
    """An instance of EC2."""
    root = tmp_path / "root"
    root.mkdir()
    plant(root, {"sys/class/dmi/id/sys_vendor": b"Amazon EC2\n", "sys/class/dmi/id/product_uuid": UUID.encode()})
    return Host(HostRoot(str(root)), ProcFS("/proc"))


@pytest.fixture
def state(tmp_path):
    (tmp_path / "state").mkdir()
    return str(tmp_path / "state")


def aged(state: str, seconds: int) -> None:
    """Make what is kept older."""
    path = os.path.join(state, FILE)
    with open(path) as file:
        kept = json.load(file)
    kept["at"] -= seconds
    with open(path, "w") as file:
        json.dump(kept, file)


def test_where_the_firmware_names_no_cloud_nobody_is_asked(host, state, tmp_path):
    (tmp_path / "root/sys/class/dmi/id/sys_vendor").write_text("QEMU\n")
    asked = Asked(TOLD)
    known = know(host, state, may_ask=True, asked=asked)
    assert (known.provider, known.facts, known.problem, asked.providers) == (None, {}, None, [])


def test_a_tree_that_does_not_run_is_no_instance(host, state):
    asked = Asked(TOLD)
    assert know(Host(host.root, None), state, may_ask=True, asked=asked).provider is None
    assert asked.providers == []


def test_who_may_not_ask_knows_the_cloud_by_its_firmware_alone(host, state):
    asked = Asked(TOLD)
    known = know(host, state, may_ask=False, asked=asked)
    assert (known.provider, known.facts, known.problem, asked.providers) == ("ec2", {}, None, [])


def test_what_was_told_holds_for_a_day_and_is_then_asked_anew(host, state):
    asked = Asked(TOLD)
    for _ in range(3):
        known = know(host, state, may_ask=True, asked=asked)
        assert known.facts == {"id": "i-0123456789abcdef0", "tags": ("a=b",)}
    assert asked.providers == ["ec2"]
    aged(state, FRESH + 1)
    know(host, state, may_ask=True, asked=asked)
    assert asked.providers == ["ec2", "ec2"]


def test_a_service_that_did_not_answer_is_left_alone_for_an_hour(host, state):
    asked = Asked(SILENT, TOLD)
    for _ in range(3):
        known = know(host, state, may_ask=True, asked=asked)
        assert (known.provider, known.facts, known.problem) == ("ec2", {}, "no answer")
    assert len(asked.providers) == 1
    aged(state, SPARED + 1)
    assert know(host, state, may_ask=True, asked=asked).facts["id"] == "i-0123456789abcdef0"


def test_silence_is_no_change_of_what_was_told(host, state):
    asked = Asked(TOLD, SILENT)
    know(host, state, may_ask=True, asked=asked)
    aged(state, FRESH + 1)
    known = know(host, state, may_ask=True, asked=asked)
    assert (known.facts["id"], known.problem) == ("i-0123456789abcdef0", "no answer")
    assert kept_id(host, state) == "i-0123456789abcdef0"


def test_a_clock_that_was_set_back_does_not_keep_an_answer_for_ever(host, state):
    asked = Asked(TOLD)
    know(host, state, may_ask=True, asked=asked)
    aged(state, -10 * FRESH)
    know(host, state, may_ask=True, asked=asked)
    assert len(asked.providers) == 2


def test_what_another_machine_was_told_is_not_believed(host, state, tmp_path):
    know(host, state, may_ask=True, asked=Asked(TOLD))
    (tmp_path / "root/sys/class/dmi/id/product_uuid").write_text(UUID.replace("4c", "5c"))
    assert kept_id(host, state) is None
    known = know(host, state, may_ask=True, asked=Asked(SILENT))
    assert (known.facts, known.problem) == ({}, "no answer")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"machine": 1}', b"\xff", b"[" * 100_000])
def test_what_is_kept_and_damaged_is_asked_anew(host, state, content):
    with open(os.path.join(state, FILE), "wb") as file:
        file.write(content)
    assert kept_id(host, state) is None
    assert know(host, state, may_ask=True, asked=Asked(TOLD)).facts["id"] == "i-0123456789abcdef0"


def test_what_is_kept_is_the_agents_alone(host, state):
    know(host, state, may_ask=True, asked=Asked(TOLD))
    assert stat.S_IMODE(os.stat(os.path.join(state, FILE)).st_mode) == 0o600


def test_without_a_place_to_keep_it_is_asked_each_time(host):
    asked = Asked(TOLD)
    for _ in range(2):
        assert know(host, None, may_ask=True, asked=asked).facts["id"] == "i-0123456789abcdef0"
    assert len(asked.providers) == 2


def test_a_disk_that_cannot_be_written_to_costs_only_that_it_is_asked_again(host, state):
    with open(os.path.join(state, FILE + ".new"), "w"):
        pass
    os.remove(os.path.join(state, FILE + ".new"))
    os.mkdir(os.path.join(state, FILE + ".new"))
    assert know(host, state, may_ask=True, asked=Asked(TOLD)).facts["id"] == "i-0123456789abcdef0"


def test_the_child_that_asks_is_killed_when_its_time_is_over_and_leaves_nobody_behind(host, monkeypatch):
    def hang(*_):
        time.sleep(60)

    children = []
    fork = os.fork
    monkeypatch.setattr(os, "fork", lambda: children.append(fork()) or children[-1])
    monkeypatch.setattr("agent.host.metadata_service.ask", hang)
    monkeypatch.setattr(cloud, "WALL", 0.3)
    known = know(host, None, may_ask=True)
    assert (known.facts, known.reason) == ({}, "io_error")
    assert "did not answer" in known.problem
    with pytest.raises(ChildProcessError):
        os.waitpid(*children, os.WNOHANG)


def test_a_child_that_dies_is_no_answer(host, monkeypatch):
    monkeypatch.setattr("agent.host.metadata_service.ask", lambda *_: os._exit(1))
    assert "did not answer" in know(host, None, may_ask=True).problem
