"""agent/daemon/publish.py: the file is whole and for everybody, and nothing that fails ends the daemon."""

import os
import socket
import stat

import pytest

from agent.daemon.log import Log
from agent.daemon.plan import Plan
from agent.daemon.publish import Publisher

PLAN = Plan("/x", [], [], {}, 900, 300, "x", "info")


@pytest.fixture
def publisher():
    made = Publisher(lambda: b"metric 1\n", lambda: 1000.0, Log("info", lambda: 1000.0))
    yield made
    made.follow(PLAN)


def test_without_being_asked_nothing_is_published(publisher):
    publisher.follow(PLAN)
    publisher.write()
    publisher.step()
    assert (publisher.reading(), publisher.writing(), publisher.wait()) == ([], [], float("inf"))


def test_the_file_is_for_everybody_to_read(publisher, tmp_path):
    os.umask(os.umask(0o077))
    publisher.follow(PLAN._replace(metrics_file=str(tmp_path / "stocktake.prom")))
    before = os.umask(0o077)
    publisher.write()
    os.umask(before)
    assert (tmp_path / "stocktake.prom").read_bytes() == b"metric 1\n"
    assert stat.S_IMODE((tmp_path / "stocktake.prom").stat().st_mode) == 0o644
    assert os.listdir(tmp_path) == ["stocktake.prom"]


def test_no_link_is_followed_to_a_file_of_somebody_else(publisher, tmp_path):
    (tmp_path / "victim").write_text("as it was")
    (tmp_path / "metrics.new").symlink_to(tmp_path / "victim")
    publisher.follow(PLAN._replace(metrics_file=str(tmp_path / "metrics")))
    publisher.write()
    assert (tmp_path / "victim").read_text() == "as it was"


def test_a_folder_that_is_missing_is_told_once(publisher, capfd):
    publisher.follow(PLAN._replace(metrics_file="/nonexistent/metrics"))
    publisher.write()
    publisher.write()
    assert capfd.readouterr().err == "stocktake: error: metrics: /nonexistent/metrics: No such file or directory\n"


def test_an_address_that_is_taken_is_told_and_the_daemon_goes_on(publisher, capfd):
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        publisher.follow(PLAN._replace(metrics_listen=address))
    publisher.step()
    assert publisher.reading() == []
    assert "nobody is answered on" in capfd.readouterr().err


def test_an_address_is_let_go_of_when_the_plan_no_longer_has_it(publisher):
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    publisher.follow(PLAN._replace(metrics_listen=address))
    [descriptor] = publisher.reading()
    publisher.follow(PLAN._replace(metrics_listen=address))
    assert publisher.reading() == [descriptor]
    publisher.follow(PLAN)
    assert publisher.reading() == []
    socket.create_server(("127.0.0.1", int(address.rpartition(":")[2]))).close()
