from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from agent.collectors.integrity import transaction
from agent.collectors.integrity.transaction import Calm, under_way
from agent.databases import apk, dpkg, flatpak, pacman, rpm, snap
from agent.host import open_host
from tests.hosts.trees import STATUS, plant, replace, stanza

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from agent.host import Host

ALL = (dpkg, rpm, apk, pacman, snap, flatpak)
YESTERDAY = 86400
_LOCK = "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.{}(f, fcntl.LOCK_EX); print(flush=True); input()"


def host(root: Path) -> Host:
    """Give a root with the locks of this system."""
    return open_host(str(root), "/proc")


def aged(root: Path) -> Path:
    """Give all of a root the times of yesterday."""
    for path in (root, *root.rglob("*")):
        then = path.stat().st_mtime - YESTERDAY
        os.utime(path, (then, then))
    return root


@contextmanager
def locked(path: Path, call: str) -> Iterator[None]:
    """Have another process hold a lock."""
    path.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-c", _LOCK.format(call), path]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdin and holder.stdout
        holder.stdout.readline()
        yield
        holder.stdin.close()


def test_a_root_at_rest_and_an_empty_one_are_not_changed_by_anybody(tmp_path: Path) -> None:
    assert not under_way(host(tmp_path), ALL)
    plant(tmp_path, {STATUS: stanza("a"), "var/lib/dpkg/updates/tmp.i": b"", "var/lib/rpm/rpmdb.sqlite": b""})
    assert not under_way(host(tmp_path), ALL)


@pytest.mark.parametrize("state", ["unpacked", "half-installed", "half-configured"])
def test_a_package_between_two_states_is_a_transaction_until_it_has_been_so_for_long(
    tmp_path: Path, state: str
) -> None:
    plant(tmp_path, {STATUS: stanza("b") + stanza("a", status=f"install ok {state}")})
    assert under_way(host(tmp_path), ALL)
    assert not under_way(host(aged(tmp_path)), ALL)


@pytest.mark.parametrize("state", ["installed", "config-files", "triggers-pending", "triggers-awaited"])
def test_a_package_whose_files_are_in_place_is_no_transaction(tmp_path: Path, state: str) -> None:
    plant(tmp_path, {STATUS: stanza("a", status=f"install ok {state}")})
    assert not under_way(host(tmp_path), ALL)


def test_entries_of_the_journal_are_a_transaction(tmp_path: Path) -> None:
    plant(tmp_path, {STATUS: stanza("a"), "var/lib/dpkg/updates/0001": stanza("a")})
    assert under_way(host(tmp_path), ALL)


@pytest.mark.parametrize(
    ("lock", "call", "database"),
    [
        ("var/lib/dpkg/lock", "lockf", STATUS),
        ("var/lib/dpkg/lock-frontend", "lockf", STATUS),
        ("var/lib/rpm/.rpm.lock", "lockf", "var/lib/rpm/rpmdb.sqlite"),
        ("lib/apk/db/lock", "flock", "lib/apk/db/installed"),
    ],
)
def test_a_lock_that_is_held_is_a_transaction(tmp_path: Path, lock: str, call: str, database: str) -> None:
    plant(tmp_path, {database: b""})
    with locked(tmp_path / lock, call):
        assert under_way(host(tmp_path), ALL)
        assert not under_way(open_host(str(tmp_path)), ALL)  # without a proc nobody's locks are seen
    assert not under_way(host(tmp_path), ALL)


def test_the_lock_file_of_pacman_is_a_transaction_until_nothing_has_changed_for_long(tmp_path: Path) -> None:
    plant(tmp_path, {"var/lib/pacman/local/ALPM_DB_VERSION": b"9\n", "var/lib/pacman/db.lck": b""})
    assert under_way(host(tmp_path), ALL)
    assert not under_way(host(aged(tmp_path)), ALL)


def test_a_lock_that_cannot_be_looked_at_is_none(tmp_path: Path) -> None:
    plant(tmp_path, {"var/lib/dpkg/status/x": b"", "var/lib/pacman/local/x": b""})
    (tmp_path / "var/lib/pacman/db.lck").symlink_to("db.lck")
    assert not under_way(host(tmp_path), ALL)


def test_it_is_calm_until_a_package_manager_changes_its_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transaction, "_MOMENT", -1)
    plant(tmp_path, {STATUS: stanza("a")})
    calm = Calm(host(tmp_path), ALL)
    assert calm.holds()
    replace(tmp_path, STATUS, stanza("a", "2"))
    assert not calm.holds()
    assert Calm(host(tmp_path), ALL).holds()


def test_what_has_been_disturbed_stays_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transaction, "_MOMENT", -1)
    plant(tmp_path, {STATUS: stanza("a")})
    with locked(tmp_path / "var/lib/dpkg/lock", "lockf"):
        calm = Calm(host(tmp_path), ALL)
        assert not calm.holds()
    assert not calm.holds()
