"""agent/daemon/journal.py against sockets in journald's place."""

import os
import socket

import pytest

from agent.daemon.journal import Journal, journal_of
from agent.daemon.log import Log


@pytest.fixture
def journald(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(str(tmp_path / "socket"))
        server.settimeout(10)
        yield server


def entry(server):
    """Give the fields of the next entry."""
    return dict(line.split("=", 1) for line in server.recv(65536).decode().splitlines())


def test_a_line_has_its_priority_and_fields(journald, tmp_path):
    log = Log("info", lambda: 0.0, Journal(str(tmp_path / "socket")))
    log.state("ports", "warning", "partial: a reason", section="ports", status="partial")
    assert entry(journald) == {
        "MESSAGE": "ports: partial: a reason",
        "PRIORITY": "4",
        "SYSLOG_IDENTIFIER": "stocktake",
        "STOCKTAKE_SECTION": "ports",
        "STOCKTAKE_STATUS": "partial",
    }


def test_no_text_can_bring_a_field_of_its_own(journald, tmp_path):
    assert Journal(str(tmp_path / "socket")).send(3, "a\nPRIORITY=0\rX=1", {"section": "x\nY=2"})
    found = entry(journald)
    assert found["MESSAGE"] == "a PRIORITY=0 X=1"
    assert found["STOCKTAKE_SECTION"] == "x Y=2"
    assert found["PRIORITY"] == "3"


def test_what_the_journal_does_not_take_goes_to_standard_error_with_its_priority(capfd, tmp_path):
    Log("info", lambda: 0.0, Journal(str(tmp_path / "gone"))).write("error", "it is not", section="x")
    assert capfd.readouterr().err == "<3>it is not\n"


def test_the_journal_is_used_only_where_standard_error_leads_to_it(tmp_path):
    with open(tmp_path / "log", "w") as file:
        found = os.fstat(file.fileno())
        named = {"JOURNAL_STREAM": f"{found.st_dev}:{found.st_ino}"}
        assert journal_of(named, file.fileno()) is not None
        assert journal_of({"JOURNAL_STREAM": "8:1"}, file.fileno()) is None
        assert journal_of({}, file.fileno()) is None
        closed = os.dup(file.fileno())
        os.close(closed)
        assert journal_of(named, closed) is None
