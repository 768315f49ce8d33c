import os

import pytest

from agent.daemon.glance import BLIND, Glance

HOUR = 3600


@pytest.fixture
def groups(tmp_path):
    """A tree like that of control groups; an ordinary file system, too, counts the directories in a directory."""
    (tmp_path / "system.slice").mkdir()
    return tmp_path


def glance(*folders):
    return Glance([str(folder) for folder in folders], r"^box-", HOUR)


def settled(look, now=0.0):
    """Give a glance that has seen what there is."""
    assert look.is_due(now)
    assert not look.is_due(now + 1)
    return look


def test_the_first_look_is_due_and_the_same_again_is_not(groups):
    look = settled(glance(groups))
    assert not look.is_due(HOUR - 1)


def test_a_new_directory_is_due_and_once_more_for_what_follows_it(groups):
    look = settled(glance(groups))
    os.makedirs(groups / "system.slice/deep/box-1")
    assert [look.is_due(now) for now in (30, 60, 90, 120)] == [True, True, False, False]


def test_one_that_went_is_due(groups):
    (groups / "box-1").mkdir()
    look = settled(glance(groups))
    (groups / "box-1").rmdir()
    assert look.is_due(30)


def test_one_that_went_and_came_again_is_due(groups):
    (groups / "box-1").mkdir()
    look = settled(glance(groups))
    (groups / "box-1").rename(groups / "other")
    (groups / "box-1").mkdir()
    assert look.is_due(30)


def test_names_that_do_not_count_are_passed_over(groups):
    look = settled(glance(groups))
    (groups / "session-7.scope").mkdir()
    (groups / "box-file").touch()
    assert not look.is_due(30)


def test_after_a_time_it_is_due_though_nothing_changed(groups):
    look = settled(glance(groups))
    assert [look.is_due(now) for now in (HOUR - 1, HOUR, HOUR + 1)] == [False, True, False]


def test_after_a_failure_it_is_due_sooner(groups):
    look = settled(glance(groups))
    look.failed = True
    assert [look.is_due(now) for now in (BLIND - 1, BLIND, BLIND + 1)] == [False, True, False]


def test_where_there_is_nothing_to_look_at_it_is_due_now_and_then(tmp_path):
    look = settled(glance(tmp_path / "absent"))
    assert [look.is_due(now) for now in (BLIND - 1, BLIND)] == [False, True]


def test_without_folders_nothing_changes():
    look = settled(glance())
    assert not look.is_due(HOUR - 1)


def test_a_link_is_not_followed(groups, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    (outside / "box-1").mkdir()
    look = settled(glance(groups))
    (groups / "link").symlink_to(outside)
    assert not look.is_due(30)
