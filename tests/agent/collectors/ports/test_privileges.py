import os
import pickle

from agent.collectors.ports import collect
from agent.host import open_host
from agent.model.records import Gap, Listener
from agent.model.spec import Options

NOBODY = 65534
LISTEN = 'kept = bound(AF_INET, SOCK_STREAM, ("127.0.0.1", 11001))'


def as_nobody(proc):
    """Take stock in a child that is nobody; what needs root to reach is opened before."""
    host = open_host("/", proc)
    list(collect(host, Options()))  # modules are loaded while they may be read
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
            records = {record.key: record for record in collect(host, Options())}
            os.write(writing, pickle.dumps(records))
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading, "rb") as pipe:
        records = pickle.loads(pipe.read())
    os.waitpid(child, 0)
    return records


def test_without_privilege_all_sockets_are_listed_and_own_ones_have_their_owner(world):
    world.python(LISTEN)
    own = world.python(f"os.setgid({NOBODY}); os.setuid({NOBODY}); " + LISTEN.replace("11001", "11002"))
    records = as_nobody(world.proc)
    foreign, mine = records["host/tcp/127.0.0.1/11001"], records["host/tcp/127.0.0.1/11002"]
    assert foreign.owner_unknown == "no permission (needs cap_sys_ptrace)"
    assert (foreign.process, foreign.uid, foreign.exposure) == (None, 0, "loopback")
    # a process that changed its user may not be looked into by others of that user (prctl(2), PR_SET_DUMPABLE)
    assert mine.owner_unknown == foreign.owner_unknown
    assert own
    gap = records["gap:socket owners"]
    assert (gap.reason, gap.hides) == ("denied", None)
    assert gap.detail.startswith("2 of 2 sockets")


def test_an_own_process_is_known_without_privilege(world):
    pid = world.python(LISTEN, "setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--no-new-privs")
    listener = as_nobody(world.proc)["host/tcp/127.0.0.1/11001"]
    assert (listener.pid, listener.owner_unknown) == (pid, None)


def test_without_privilege_namespaces_are_still_told_apart(world):
    world.python(LISTEN)
    world.python(LISTEN, "unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh")
    listeners = [record for record in as_nobody(world.proc).values() if isinstance(record, Listener)]
    assert len(listeners) == 2
    assert sorted(listener.namespace.partition(":")[0] for listener in listeners) == ["host", "proc_net"]


def test_a_proc_that_hides_processes_gives_a_gap_that_hides_the_section(world):
    world.python(LISTEN)
    world.run("mount", "-t", "tmpfs", "tmpfs", "/mnt")
    world.run("mkdir", "/mnt/proc")
    world.run("mount", "-t", "proc", "-o", "hidepid=2", "proc", "/mnt/proc")
    records = as_nobody(f"/proc/{world.leader}/root/mnt/proc")
    gap = records["gap:processes"]
    assert (gap.reason, gap.hides) == ("denied", "")
    assert "hidepid" in gap.detail
    assert not [record for record in records.values() if not isinstance(record, Gap)]
