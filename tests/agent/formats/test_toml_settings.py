from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agent.formats.toml_settings import Setting, settings

TEXT = b"""\
version = 2 # comment
[grpc]
  address = "/run/x.sock"
[plugins."io.containerd.grpc.v1.cri".registry]
  config_path = '/etc/certs # no comment'
  mirrors = [
    "a",  # first
    "b",
  ]
[[tables]]
empty = ""
a.b = true
"""


def test_settings_are_given_by_their_path() -> None:
    assert settings(TEXT.splitlines()) == {
        "version": Setting("2", 1),
        "grpc/address": Setting("/run/x.sock", 3),
        "plugins/io.containerd.grpc.v1.cri/registry/config_path": Setting("/etc/certs # no comment", 5),
        "plugins/io.containerd.grpc.v1.cri/registry/mirrors": Setting(("a", "b"), 6),
        "tables/empty": Setting("", 11),
        "tables/a/b": Setting("true", 12),
    }


@given(st.lists(st.binary()))
def test_any_bytes_are_read(lines: list[bytes]) -> None:
    assert all(found.number > 0 for found in settings(lines).values())
