"""Processes, groups and packages as tests want them."""

from agent.collectors.usage.evidence import groups_of
from agent.collectors.usage.processes import Process
from agent.formats.maps import Mapped
from agent.inventory.ownership import Known

HOST = "host"


def mapped(path, inode=1, executable=True):
    return Mapped(b"x" if executable else b"-", b"fd:00", b"%d" % inode, path.encode())


def process(
    pid=1, executable="/bin/a", files=(), opened=(), scope=HOST, root=False, service=None, name="a", sockets=()
):
    return Process(
        pid, name, pid, scope, service, root, executable, frozenset(files), frozenset(opened), frozenset(sockets)
    )


def groups(*processes):
    return groups_of(processes).get(HOST, [])


def known(name="a", version="1.0", location=None):
    return Known(name, version, location)
