"""What holds for the section as a whole: its reads, its order, socket activation, the limit of the search."""

import fnmatch
import os

import pytest

from agent.collectors.ports import SPEC, collect
from agent.collectors.ports.owners import Search
from agent.host import open_host
from agent.host.procfs import ProcFS
from agent.model.records import Gap
from agent.model.spec import Options

LISTEN = 'kept = bound(AF_INET, SOCK_STREAM, ("127.0.0.1", 11001))'
ANYWHERE = "/**"


def test_every_read_is_declared_and_only_the_paths_of_unix_sockets_are_read_anywhere(world):
    world.python(LISTEN + r'; unix = bound(AF_UNIX, SOCK_STREAM, "/tmp/stocktake.sock")')
    world.run("ip", "link", "add", "v0", "type", "veth", "peer", "v1")
    observed = []
    world.records(observe=observed.append)
    os.unlink("/tmp/stocktake.sock")
    paths = {path[len(world.proc) - len("/proc") :] if path.startswith(world.proc) else path for path in observed}
    declared = [glob for glob in SPEC.reads() if glob != ANYWHERE]
    assert {path for path in paths if not any(fnmatch.fnmatch(path, glob) for glob in declared)} == {
        "/tmp",
        "/tmp/stocktake.sock",
    }


def test_a_socket_that_init_opened_for_a_service_belongs_to_the_service_that_took_it(world):
    """Process 1 of a namespace stands for systemd here: it holds the socket that its child was started with."""
    pid = world.python(
        """
        kept = bound(AF_INET, SOCK_STREAM, ("127.0.0.1", 11001))
        kept.set_inheritable(True)
        if not os.fork():
            os.execv("/usr/bin/sleep", ["sleep", "999"])
        while open(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read() == "":
            pass
        child = open(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read().strip()
        while os.readlink(f"/proc/{child}/exe") != "/usr/bin/sleep":
            pass
        """,
        *("unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"),
    )
    (listener,) = world.listeners().values()
    assert listener.executable == "/usr/bin/sleep"
    assert listener.pid != pid


def test_two_runs_give_the_same_in_the_same_order(world):
    world.python(LISTEN + r'; more = [bound(AF_UNIX, SOCK_STREAM, f"\0{name}") for name in "cab"]')
    assert list(world.records().items()) == list(world.records().items())


def test_a_search_stops_at_its_limit(world):
    pid = world.python(LISTEN + '; more = bound(AF_INET, SOCK_STREAM, ("127.0.0.1", 11002))')
    inodes = [record.inodes[0] for record in world.listeners().values()]
    proc = ProcFS(world.proc)
    search = Search(proc, [*inodes, 1], limit=3)
    search.elsewhere([pid, *[1] * 10])
    assert search.exhausted
    assert search.missing
    assert set(search.found) == set(inodes)


def test_this_host_can_be_taken_stock_of():
    records = list(collect(open_host("/"), Options()))
    assert len({record.key for record in records}) == len(records)
    assert all(record.reason in ("denied", "unsupported", "limit") for record in records if isinstance(record, Gap))


@pytest.mark.parametrize("table", ["tcp", "tcp6", "udp", "udp6", "unix"])
def test_a_malformed_table_is_a_gap_and_what_was_legible_is_reported(tmp_path, table):
    process = tmp_path / "1"
    (process / "net").mkdir(parents=True)
    (process / "ns").mkdir()
    (process / "ns/net").symlink_to("net:[1]")
    (process / "ns/mnt").symlink_to("mnt:[1]")
    (process / "root").symlink_to("/")
    (process / "mountinfo").write_text("")
    (tmp_path / "self").symlink_to("1")
    (process / "net" / table).write_bytes(b"header\nnonsense\n")
    (gap,) = (record for record in collect(open_host("/", str(tmp_path)), Options()) if record.key.endswith(table))
    protocol = table.rstrip("6")
    assert (gap.reason, gap.hides) == ("malformed", f"host/{protocol}/")
