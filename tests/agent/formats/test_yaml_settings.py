from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agent.formats.yaml_settings import Setting, settings

TEXT = b"""\
---
# a comment
kind: "Kubelet"   # quoted
a:
  b:
    c: 'x # y'
  d: [1, "two", three]
  e: {f: true, g: no}
h:
- one
- "two"
i:
  - three
j: |
  text: no setting
k: &anchor 5
l:
---
kind: other
"""


def test_settings_are_given_by_their_path() -> None:
    assert settings(TEXT) == {
        "kind": Setting("Kubelet", 3),
        "a.b.c": Setting("x # y", 6),
        "a.d": Setting(("1", "two", "three"), 7),
        "a.e.f": Setting("true", 8),
        "a.e.g": Setting("no", 8),
        "h": Setting(("one", "two"), 10),
        "i": Setting(("three",), 13),
    }


def test_json_is_read_as_well() -> None:
    assert settings(b' {"a": {"b": true, "c": ["x", 1]}, "d": null}') == {
        "a.b": Setting("true", 1),
        "a.c": Setting(("x", "1"), 1),
    }
    assert settings(b"{not json") == {}


@given(st.binary())
def test_any_bytes_are_read(content: bytes) -> None:
    assert all(found.number > 0 for found in settings(content).values())
