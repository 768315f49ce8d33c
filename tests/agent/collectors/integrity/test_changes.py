"""What explains a change: an upgrade explains content, and no privilege that comes with it."""

import pytest

from agent.collectors.integrity.changes import Changes
from agent.model.record import names, replace
from agent.model.records import File

WHOLE = dict.fromkeys(names(File))
TOOL = File(
    **{
        **WHOLE,
        "path": "/usr/bin/tool",
        "type": "regular",
        "sha256": "1" * 64,
        "mode": "0755",
        "uid": 0,
        "gid": 0,
        "marks": (),
        "owner": "dpkg/tool:all",
        "verdict": "packaged",
        "stamp": "1:2:3:4:5",
    }
)


def verdict(after, before=TOOL, *, packages_changed=True):
    changes = Changes(1, packages_changed=packages_changed)
    changes.modified(before, after)
    return [record.verdict for record in changes.records()]


UPGRADED = replace(TOOL, sha256="2" * 64)


def test_other_content_that_a_package_ships_is_explained_by_an_upgrade_alone():
    assert verdict(UPGRADED) == ["explained"]
    assert verdict(UPGRADED, packages_changed=False) == ["packaged"]


@pytest.mark.parametrize("privilege", [{"marks": ("setuid",)}, {"capabilities": "cap_net_raw=ep"}])
def test_a_privilege_that_comes_with_an_upgrade_is_not_explained_by_it(privilege):
    assert verdict(replace(UPGRADED, **privilege)) == ["altered"]
    assert verdict(UPGRADED, before=replace(TOOL, **privilege)) == ["altered"]


@pytest.mark.parametrize("change", [{"mode": "4755", "marks": ("setuid",)}, {"uid": 1000}, {"acl": "3" * 64}])
def test_a_change_of_who_may_do_what_is_explained_by_no_package(change):
    assert verdict(replace(TOOL, **change)) == ["altered"]


def test_a_change_of_what_is_thought_of_a_file_is_none_unless_it_now_contradicts():
    assert verdict(replace(TOOL, verdict="unowned", owner=None, stamp="other")) == []
    assert verdict(replace(TOOL, verdict="contradicts")) == ["contradicts"]


def test_content_that_was_not_known_is_no_change():
    assert verdict(TOOL, before=replace(TOOL, sha256=None, unread="budget"), packages_changed=False) == []
