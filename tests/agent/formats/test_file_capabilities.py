"""agent/formats/file_capabilities.py beside getcap, on what setcap wrote; and on any bytes."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.formats.file_capabilities import text

if TYPE_CHECKING:
    from pathlib import Path

real = pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setcap"), reason="root and libcap2-bin are needed")


@real
@pytest.mark.parametrize(
    "words",
    [
        "cap_net_raw=ep",
        "cap_net_raw,cap_net_admin=p",
        "cap_chown=ip cap_kill=i",
        "cap_chown=p cap_kill=i",
        "cap_chown,cap_setuid,cap_checkpoint_restore=eip",
        "all=ep",
        "=i cap_chown+p",
        "=",
    ],
)
def test_the_text_is_that_of_getcap(tmp_path: Path, words: str) -> None:
    assert_as_getcap(tmp_path / "file", words)


@real
def test_those_of_a_user_namespace_name_its_root(tmp_path: Path) -> None:
    assert_as_getcap(tmp_path / "file", "-n", "1000", "cap_net_raw=ep")


def assert_as_getcap(path: Path, *words: str) -> None:
    path.write_bytes(b"")
    done = subprocess.run(["setcap", *words, path], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"setcap: {done.stderr}")
    shown = subprocess.run(["getcap", "-n", path], capture_output=True, text=True, check=True).stdout
    assert text(os.getxattr(path, "security.capability")) == shown.removeprefix(f"{path} ").rstrip("\n")


def test_the_first_revision_has_32_bits() -> None:
    assert text(bytes.fromhex("01000001 00200000 00000000")) == "cap_net_raw=ep"


def test_bits_without_a_name_are_told_by_their_numbers() -> None:
    assert text(bytes.fromhex("00000002 00000000 00000000 00000080 00000000")) == "cap_63=p"


@pytest.mark.parametrize("value", ["", "000000", "00000002", "00000004" + "00" * 16, "00000002" + "00" * 20])
def test_what_is_not_capabilities_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="not the capabilities"):
        text(bytes.fromhex(value))


@settings(max_examples=200)
@given(
    st.one_of(
        st.binary(max_size=30), st.binary(min_size=23, max_size=23).map(lambda rest: rest[:3] + b"\x03" + rest[3:])
    )
)
def test_any_bytes_are_read_or_refused(value: bytes) -> None:
    try:
        assert "=" in text(value)
    except ValueError:
        pass
