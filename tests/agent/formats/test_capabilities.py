"""Capabilities have the names of capabilities(7)."""

import shutil
import subprocess

import pytest

from agent.formats.capabilities import names, permitted


def test_bits_become_sorted_names():
    assert names(1 << 21 | 1 << 19 | 1) == ("cap_chown", "cap_sys_admin", "cap_sys_ptrace")
    assert names(0) == ()


def test_a_bit_that_has_no_name_yet_keeps_its_number():
    assert names(1 << 41 | 1 << 63) == ("cap_41", "cap_63")


@pytest.mark.skipif(not shutil.which("capsh"), reason="capsh (libcap2-bin) is not installed")
def test_the_names_are_those_of_libcap():
    printed = subprocess.run(
        ["capsh", f"--decode={(1 << 41) - 1:x}"], capture_output=True, text=True, check=True
    ).stdout
    assert set(names((1 << 41) - 1)) == set(printed.strip().partition("=")[2].split(","))


def test_the_permitted_set_of_a_status_is_read():
    assert permitted(b"Name:\tx\nCapPrm:\t0000000000080000\nCapEff:\t0000000000000001\n") == ("cap_sys_ptrace",)


@pytest.mark.parametrize("status", [b"", b"Name:\tx\n", b"CapPrm:\tnothing\n"])
def test_a_status_without_it_is_an_error(status):
    with pytest.raises(ValueError):
        permitted(status)
