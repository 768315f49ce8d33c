"""A tree that does not run tells its architecture by its programs."""

import os
import sys

from agent.host import Host, open_host
from agent.host.architecture import architecture
from agent.host.root import HostRoot

AARCH64 = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00\xb7\x00" + bytes(100)


def test_a_running_system_has_the_machine_of_its_kernel():
    assert architecture(open_host()) == os.uname().machine


def test_a_tree_at_rest_has_that_of_its_shell(tree):
    (tree / "usr/bin").mkdir(parents=True)
    (tree / "bin").symlink_to("usr/bin")
    (tree / "usr/bin/dash").write_bytes(AARCH64)
    (tree / "usr/bin/sh").symlink_to("dash")
    assert architecture(open_host(str(tree))) == "aarch64"


def test_the_host_at_rest_has_the_same_as_running():
    assert architecture(Host(HostRoot("/"), None)) == os.uname().machine


def test_a_tree_without_a_shell_has_that_of_its_loader(tree):
    (tree / "lib/aarch64-linux-gnu").mkdir(parents=True)
    (tree / "lib/aarch64-linux-gnu/ld-linux-aarch64.so.1").write_bytes(AARCH64)
    assert architecture(open_host(str(tree))) == "aarch64"


def test_a_shell_that_links_out_of_the_tree_or_is_a_script_tells_nothing(tree):
    (tree / "bin").mkdir()
    (tree / "bin/sh").symlink_to(os.path.relpath(os.path.realpath(sys.executable), tree / "bin"))
    (tree / "usr/bin").mkdir(parents=True)
    (tree / "usr/bin/env").write_text("#!/bin/sh\n")
    os.mkfifo(tree / "usr/bin/python3")
    assert architecture(open_host(str(tree))) is None
