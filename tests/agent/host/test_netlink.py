"""Asking the real kernel about sockets."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from agent.formats.proc_net import unix_listeners
from agent.formats.unix_diag import REQUEST, listeners
from agent.host.netlink import ask, can_ask
from agent.host.procfs import ProcFS

ROOT = Path(__file__).parents[3]
ALONE = """
import socket, sys
sys.path.insert(0, sys.argv[1])
from tests.agent.host.test_netlink import asked, in_proc
kept = [socket.socket(socket.AF_UNIX, kind) for kind in (1, 1, 1, 2, 5)]
names = ["/a", "\\0b\\0c", "", "\\0d", "\\0e"]
for number, (each, name) in enumerate(zip(kept, names)):
    each.bind(sys.argv[2] + name if name.startswith("/") else name)
    number < 3 and each.listen()
pairs = [socket.socketpair() for _ in range(500)]
print(sorted(asked()) == sorted(in_proc()), len(asked()))
"""


def asked():
    return list(listeners(ask(REQUEST, 100)))


def in_proc():
    return list(unix_listeners(ProcFS().blocks("net/unix")))


@pytest.mark.skipif(not can_ask(ProcFS(), "unix_diag"), reason="the kernel's module unix_diag is not loaded")
def test_the_kernel_tells_what_net_unix_says(tmp_path):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.fsencode(tmp_path / "s"))
        assert str(tmp_path / "s") not in {each.path for each in asked()}
        listener.listen()
        assert str(tmp_path / "s") in {each.path for each in asked()}


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, for a namespace of its own")
@pytest.mark.skipif(not can_ask(ProcFS(), "unix_diag"), reason="the kernel's module unix_diag is not loaded")
def test_in_a_namespace_of_its_own_both_tell_the_same_sockets(tmp_path):
    command = ["unshare", "--net", sys.executable, "-c", ALONE, ROOT, tmp_path]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    assert done.stdout == "True 3\n"


def test_what_loads_no_module_is_told_by_the_modules(tmp_path):
    assert can_ask(ProcFS(str(tmp_path)), "unix_diag")
    (tmp_path / "modules").write_text("inet_diag 28672 0 - Live 0x0\nmy_unix_diag 1 0 - Live 0x0\n")
    assert not can_ask(ProcFS(str(tmp_path)), "unix_diag")
    (tmp_path / "modules").write_text("inet_diag 28672 0 - Live 0x0\nunix_diag 16384 0 - Live 0x0\n")
    assert can_ask(ProcFS(str(tmp_path)), "unix_diag")


def test_a_request_that_the_kernel_does_not_take_is_a_value_error():
    refused = REQUEST[:16] + b"\xfe" + REQUEST[17:]
    with pytest.raises(ValueError, match="refused"):
        list(listeners(ask(refused, 100)))
