"""What is kept from run to run."""

import json

import pytest

from agent.collectors.usage.memory import NAME, Loaded, Memory, Opened, ScopeMemory, TreeMemory, recall, remember
from agent.inventory.ownership import Belonging
from tests.agent.collectors.usage.making import known

TREE = TreeMemory(
    5,
    {"/a": (Belonging("dpkg/a:amd64", None), Belonging("/b#pypi/b", "/a")), "/c": ()},
    {"dpkg/a:amd64": known()},
    {"/b#pypi/b": (1, 2, 3, 4)},
)
SCOPE = ScopeMemory("boot", {"fd:00/7": (Loaded("dpkg/a:amd64", "1.0"),)}, [Opened("/d", "opened", 9, True)])


def test_what_was_kept_is_known_again(tmp_path):
    memory = Memory({"tree": TREE}, {"host": SCOPE})
    remember(str(tmp_path), memory)
    assert recall(str(tmp_path)) == memory


def test_without_a_folder_nothing_is_kept(tmp_path):
    remember(None, Memory({"tree": TREE}, {}))
    assert recall(None) == Memory({}, {})


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b"{", b"[" * 100_000, b'{"version": "0.0.0", "trees": {}, "scopes": {}}']
)
def test_what_makes_no_sense_or_is_of_another_version_is_forgotten(tmp_path, content):
    (tmp_path / NAME).write_bytes(content)
    assert recall(str(tmp_path)) == Memory({}, {})


def test_what_is_half_right_is_forgotten(tmp_path):
    remember(str(tmp_path), Memory({"tree": TREE}, {}))
    written = json.loads((tmp_path / NAME).read_bytes())
    written["trees"]["tree"][1] = {"/a": [5]}
    (tmp_path / NAME).write_text(json.dumps(written))
    assert recall(str(tmp_path)) == Memory({}, {})
