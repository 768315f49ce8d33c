from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.formats.snap_state import Snap, snaps
from tests.hosts.snap import entry, state


def test_every_revision_is_given_and_the_current_one_told() -> None:
    found = snaps(state(core18=entry("core18", "2128", "2538", kind="base")))
    assert list(found) == [
        Snap("core18", "2128", "base", "latest/stable", is_current=False, is_active=False),
        Snap("core18", "2538", "base", "latest/stable", is_current=True, is_active=True),
    ]


def test_after_a_revert_an_earlier_revision_is_the_current_one() -> None:
    found = snaps(state(tea=entry("tea", "1", "2", current="1")))
    assert [(each.revision, each.is_current) for each in found] == [("1", True), ("2", False)]


def test_a_disabled_snap_is_not_active() -> None:
    [found] = snaps(state(tea=entry("tea", "x1", active=False)))
    assert (found.revision, found.is_current, found.is_active) == ("x1", True, False)


def test_an_instance_has_its_own_name() -> None:
    assert [each.name for each in snaps(state(tea_two=entry("tea", "1"), pot__of=entry("pot-of", "1")))] == [
        "tea_two",
        "pot-of",
    ]


def test_a_revision_with_components_is_one_revision() -> None:
    with_components = entry("tea", "1")
    with_components["sequence"][0]["components"] = [
        {"side-info": {"component": {}, "revision": "9"}, "type": "standard"}
    ]
    assert [each.revision for each in snaps(state(tea=with_components))] == ["1"]


def test_a_state_with_spaces_is_read_too() -> None:
    written = json.dumps(json.loads(state(tea=entry("tea", "1"))), indent=2)
    assert [each.name for each in snaps(written.encode())] == ["tea"]


@pytest.mark.parametrize(
    "content", [b'{"data":{"seeded":true},"changes":{}}', b'{"data":{"snaps":null}}', b'{"data":{"snaps":{}}}']
)
def test_a_host_without_snaps_has_none(content: bytes) -> None:
    assert list(snaps(content)) == []


@pytest.mark.parametrize(
    "broken",
    [
        None,
        [],
        {},
        {"sequence": []},
        {"sequence": None, "current": "1"},
        entry("tea", "1", current="2"),
        entry("tea", "../1"),
        entry("tea", ""),
    ],
)
def test_a_snap_without_a_current_revision_is_named(broken: object) -> None:
    assert list(snaps(state(pot=entry("pot", "1"), tea=broken)))[1:] == ["tea"]


@pytest.mark.parametrize("name", ["../tea", "", "Tea", "tea_", "tea_a_b", "a" * 41, "a/b"])
def test_a_name_that_is_none_of_a_snap_leads_nowhere(name: str) -> None:
    assert list(snaps(state(**{name: entry("tea", "1")}))) == [""]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"data":',
        b'{"data":[]}',
        b'{"data":{"snaps":[]}}',
        b'{"data":{"snaps":[1]}}',
        b'{"data":' + b"[" * 100_000,
    ],
)
def test_what_is_no_state_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"it is|in it"):
        list(snaps(content))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from(["1", "current", "sequence", "revision"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["sequence", "current", "revision", "type", "a"]), inner, max_size=3)
    ),
)


@settings(max_examples=200)
@given(JSON | st.binary(max_size=50))
def test_nothing_but_a_value_error_is_raised_over_anything(value: object) -> None:
    content = value if isinstance(value, bytes) else json.dumps({"data": {"snaps": {"tea": value}}}).encode()
    try:
        list(snaps(content))
    except ValueError:
        pass
