import os
import socket

import pytest

from agent.daemon.notify import Notifier


@pytest.mark.parametrize("abstract", [False, True])
def test_states_reach_the_socket_that_systemd_names(tmp_path, abstract):
    address = f"\0stocktake-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(address)
        Notifier({"NOTIFY_SOCKET": address.replace("\0", "@")}).send("READY=1")
        server.settimeout(10)
        assert server.recv(100) == b"READY=1"


def test_without_systemd_nothing_is_sent():
    Notifier({}).send("READY=1")


def test_a_socket_that_is_gone_does_not_end_the_daemon(tmp_path):
    Notifier({"NOTIFY_SOCKET": str(tmp_path / "gone")}).send("READY=1")


def test_the_watchdog_is_for_the_process_that_systemd_means():
    assert Notifier({"WATCHDOG_USEC": "30000000"}).watchdog == 30
    assert Notifier({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}).watchdog == 30
    assert Notifier({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}).watchdog is None
    assert Notifier({}).watchdog is None


def test_workers_do_not_inherit_the_socket():
    environment = {"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "1", "STOCKTAKE_X": "kept"}
    Notifier(environment)
    assert environment == {"STOCKTAKE_X": "kept"}
