"""Addresses are those of the host's own network namespace."""

import json
import os
import subprocess
import sys

import pytest

from agent.host.interfaces import addresses
from agent.host.procfs import ProcFS


def shown_by_ip(*prefix):
    """Give interface, address and prefix length as `ip addr` shows them, without what is left out."""
    interfaces = json.loads(subprocess.run([*prefix, "ip", "-j", "addr"], capture_output=True, check=True).stdout)
    return {
        (interface["ifname"], address["local"], address["prefixlen"])
        for interface in interfaces
        for address in interface["addr_info"]
        if not address["local"].startswith(("127.", "::1", "fe80:"))
    }


def test_the_addresses_of_this_host_are_those_that_ip_shows():
    found = {(found.interface, found.address, found.prefix) for found in addresses(ProcFS())}
    assert found == shown_by_ip()
    assert found


def test_an_agent_in_another_network_namespace_gives_the_addresses_of_the_host():
    """As in a pod without hostNetwork, whose own interface has, to mislead, the same address."""
    script = (
        "from agent.host.interfaces import addresses; from agent.host.procfs import ProcFS\n"
        "for found in addresses(ProcFS()): print(found.interface, found.address, found.prefix)"
    )
    same = "ip link set lo up; for address; do ip addr add $address/32 dev lo; done;"
    own = [address for _, address, _ in shown_by_ip() if ":" not in address]
    command = ["unshare", "--net", "sh", "-c", f'{same} exec "$PYTHON" -c "$SCRIPT"', "sh", *own]
    run = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "PYTHON": sys.executable, "SCRIPT": script}
    )
    found = {tuple(line.split()) for line in run.stdout.splitlines()}
    expected = {
        (interface, address, str(prefix)) if ":" in address else ("None", address, "None")
        for interface, address, prefix in shown_by_ip()
    }
    assert found == expected


@pytest.fixture
def namespace():
    """A process in a network namespace of its own, with addresses of every kind."""
    commands = (
        "ip link set lo up; ip link add d0 type veth peer name d1; ip link set d0 up; ip link set d1 up;"
        "ip addr add 10.1.2.3/20 dev d0; ip addr add 10.1.2.4/32 dev d1; ip addr add 169.254.7.7/16 dev d1;"
        "ip addr add 9.9.9.9/24 dev d1; ip addr add 10.9.9.9/32 dev lo;"
        "ip addr add fd00:1::5/64 dev d0 nodad; ip addr add 2001:4860::5/64 dev d0 nodad; echo ready; exec cat"
    )
    process = subprocess.Popen(
        ["unshare", "--net", "sh", "-c", commands], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "ready\n"
    yield process.pid
    process.communicate()


def test_every_kind_of_address_is_told_from_the_others(namespace, tmp_path):
    """The namespace's process stands in the place of process 1."""
    (tmp_path / "1").symlink_to(f"/proc/{namespace}")
    found = {(found.interface, found.address, found.prefix, found.scope) for found in addresses(ProcFS(str(tmp_path)))}
    assert found == {
        (None, "10.1.2.3", None, "private"),
        (None, "10.1.2.4", None, "private"),
        (None, "10.9.9.9", None, "private"),
        (None, "169.254.7.7", None, "link"),
        (None, "9.9.9.9", None, "public"),
        ("d0", "fd00:1::5", 64, "private"),
        ("d0", "2001:4860::5", 64, "public"),
    }


def test_a_host_without_ipv6_has_its_other_addresses(tmp_path):
    (tmp_path / "1/net").mkdir(parents=True)
    (tmp_path / "1/net/fib_trie").write_text("Local:\n  |-- 10.0.0.1\n     /32 host LOCAL\n")
    assert [found.address for found in addresses(ProcFS(str(tmp_path)))] == ["10.0.0.1"]


def test_a_process_1_that_is_not_shown_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        list(addresses(ProcFS(str(tmp_path))))
