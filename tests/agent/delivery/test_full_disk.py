"""A state folder on a full disk: what was known stays, and the reason is told."""

from __future__ import annotations

import errno
import os
import subprocess

import pytest

from agent.delivery.attempts import Attempt, read_attempt, write_attempt
from agent.delivery.deliver import deliver
from agent.delivery.reading import CURRENT, read_snapshot
from agent.delivery.store import folder_of, write_snapshot
from agent.model.records import Address
from agent.model.spec import Unchanged


def addresses(count: int) -> list[Address]:
    return [Address("eth0", f"10.0.{number // 256}.{number % 256}", 24, "private") for number in range(count)]


@pytest.fixture
def state(tmp_path):
    path = str(tmp_path / "state")
    os.mkdir(path)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "none", path], check=True)
    yield path
    subprocess.run(["umount", path], check=True)


def fill(state: str) -> None:
    with open(os.path.join(state, "ballast"), "wb", buffering=0) as file, pytest.raises(OSError):
        while True:
            file.write(bytes(4096))


@pytest.mark.parametrize("run_bytes", [1000, 1 << 20])
def test_the_snapshot_before_stays_when_the_new_one_does_not_fit(state, run_bytes):
    folder = folder_of(state, "host")
    write_snapshot(folder, "host", 1, addresses(3))
    before = list(read_snapshot(os.path.join(folder, CURRENT)))
    with pytest.raises(OSError) as raised:
        write_snapshot(folder, "host", 2, addresses(2000), run_bytes)
    assert raised.value.errno == errno.ENOSPC
    assert list(read_snapshot(os.path.join(folder, CURRENT))) == before
    assert os.listdir(folder) == [CURRENT]


@pytest.mark.parametrize("run_bytes", [1000, 1 << 20])
def test_the_snapshot_before_stays_when_the_amended_one_does_not_fit(state, run_bytes):
    folder = folder_of(state, "host")
    write_snapshot(folder, "host", 1, addresses(600))
    before = list(read_snapshot(os.path.join(folder, CURRENT)))
    with pytest.raises(OSError) as raised:
        write_snapshot(folder, "host", 2, [Unchanged(""), Address("eth1", "10.9.9.9", 24, "private")], run_bytes)
    assert raised.value.errno == errno.ENOSPC
    assert list(read_snapshot(os.path.join(folder, CURRENT))) == before
    assert os.listdir(folder) == [CURRENT]
    assert not write_snapshot(folder, "host", 2, [Unchanged(""), *addresses(3)], 1 << 20).changed


def test_delivery_says_that_the_disk_is_full_and_goes_on_when_it_is_not(state, delivery, backend):
    write_snapshot(folder_of(state, "host"), "host", 1, addresses(3))
    fill(state)
    report = deliver(delivery._replace(state_dir=state))
    assert "No space left on device" in report.error
    os.unlink(os.path.join(state, "ballast"))
    assert deliver(delivery._replace(state_dir=state)).error is None
    assert len(backend.records("agent-1", "host")) == 3


def test_the_last_attempt_that_could_be_noted_stays_noted(state):
    folder = folder_of(state, "host")
    write_attempt(folder, Attempt("host", "complete", 1, 1, 1, 9, 3, 0, None))
    fill(state)
    with pytest.raises(OSError):
        write_attempt(folder, Attempt("host", "failed", 2, 1, 1, 9, 0, 0, "x" * 5000))
    assert read_attempt(folder).status == "complete"
