"""Files, their changes and events as the section integrity reports them, kept by the backend beyond the agent's window."""

from __future__ import annotations

import pytest

from agent.model.codec import encode
from agent.model.records import class_of

FILE, CHANGE, EVENT = (class_of(kind) for kind in ("file", "file_change", "file_event"))
UPGRADE = CHANGE(1_700_000_000, "explained", 0, 2, 0, ("dpkg/a:amd64",), ("sha256 /bin/a", "sha256 /bin/b"), 0)
EDIT = EVENT(
    1_700_000_040, "/bin/a", ("modify",), 1000, 1_700_000_041, 1_700_000_099, 7, "/bin/vi", None, None, 0, 1, "u"
)


def a_file(path: str, stamp: str, **known: object):
    values = dict.fromkeys(name for name in FILE.__annotations__ if name.islower())
    usual = {"path": path, "type": "regular", "mode": "0755", "uid": 0, "gid": 0, "marks": (), "stamp": stamp}
    return encode(FILE(**{**values, **usual, **known}))


@pytest.fixture
def integrity(agent):
    """An agent that reported two files, then an upgrade of them and who made it."""
    agent.section = "integrity"
    agent.snapshot(1, [a_file("/bin/a", "1"), a_file("/bin/b", "1")])
    new = [a_file("/bin/a", "2", verdict="packaged"), a_file("/bin/b", "2", verdict="packaged")]
    new += [encode(UPGRADE), encode(EDIT)]
    assert agent.delta(2, new, new).status == 200
    return agent


def test_a_change_and_an_event_are_kept_when_the_agent_has_forgotten_them(integrity) -> None:
    files = [a_file("/bin/a", "2", verdict="packaged"), a_file("/bin/b", "2", verdict="packaged")]
    assert integrity.delta(3, files, deletes=[UPGRADE.key, EDIT.key]).status == 200
    assert set(integrity.records()) == {"/bin/a", "/bin/b"}
    history = integrity.listed("changes?section=integrity", "changes")
    kept = {entry["key"]: entry["after"] for entry in history if entry["action"] == "appeared"}
    assert kept[UPGRADE.key]["members"] == ["sha256 /bin/a", "sha256 /bin/b"]
    assert (kept[EDIT.key]["login_user"], kept[EDIT.key]["count"]) == ("u", 1000)


def test_a_file_that_was_only_touched_is_no_change_and_has_its_new_stamp(integrity) -> None:
    before = integrity.changes()
    touched = [a_file("/bin/a", "3", verdict="packaged"), a_file("/bin/b", "2", verdict="packaged")]
    touched += [encode(UPGRADE), encode(EDIT)]
    assert integrity.delta(3, touched, touched[:1]).status == 200
    assert integrity.changes() == before
    assert integrity.records()["/bin/a"]["fields"]["stamp"] == "3"
