"""agent/config/path_lists.py: lists of trees and of patterns, what they take and what they refuse."""

from __future__ import annotations

import pytest

from agent.config import ConfigurationError, load
from agent.config.values import parse
from agent.model import keys

KEYS = {key.name: key for key in keys.KEYS}
TREES = KEYS["integrity.trees"]
EXCLUDES = KEYS["integrity.excludes"]


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("default", ()),
        ([], ()),
        ("/", ("/",)),
        ("/:3", ("/:3",)),
        ("/etc,/opt:2", ("/etc", "/opt:2")),
        (" /etc , /opt/:64 ", ("/etc", "/opt:64")),
        ("/opt:07", ("/opt:7",)),
        ("/srv/a:b", ("/srv/a:b",)),
        ("/home/*/.ssh,/srv/a*:2", ("/home/*/.ssh", "/srv/a*:2")),
        (["/etc", "/srv/a, b", "/etc/"], ("/etc", "/srv/a, b")),
        (["/" + 4095 * "x"], ("/" + 4095 * "x",)),
        ([f"/{n}" for n in range(200)], tuple(f"/{n}" for n in range(200))),
    ],
)
def test_right_trees_are_taken_each_once(given, value: tuple[str, ...]) -> None:
    assert parse(TREES, given) == value


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("", "expected paths of 1 to 4096 characters that can be printed, found ''"),
        ("/etc,", "expected paths of 1 to 4096 characters that can be printed, found ''"),
        (":2", "expected paths of 1 to 4096 characters that can be printed, found ''"),
        (["/etc\n"], r"expected paths of 1 to 4096 characters that can be printed, found '/etc\n'"),
        (["/\udc80"], r"expected paths of 1 to 4096 characters that can be printed, found '/\udc80'"),
        (["/" + 4096 * "x"], "expected paths of 1 to 4096 characters that can be printed, found '/" + 79 * "x" + "'"),
        ("/etc,opt", "expected a path that begins with /, found 'opt'"),
        ("/etc,default", "expected a path that begins with /, found 'default'"),
        ("/etc/../opt", "expected a path without empty names, . and .., found '/etc/../opt'"),
        ("/etc/./opt", "expected a path without empty names, . and .., found '/etc/./opt'"),
        ("/etc//opt", "expected a path without empty names, . and .., found '/etc//opt'"),
        ("/a/**/b", "expected no ** in a tree, below which everything is watched, found '/a/**/b'"),
        ("/opt:0", "expected a depth from 1 to 64 behind the colon, found '/opt:0'"),
        ("/opt:65", "expected a depth from 1 to 64 behind the colon, found '/opt:65'"),
        ("/opt:" + 5000 * "9", "expected a depth from 1 to 64 behind the colon, found '/opt:" + 75 * "9" + "'"),
        ([f"/{n}" for n in range(201)], "expected at most 200 paths, found 201"),
        (None, f"expected {TREES.expected}"),
        ((("/etc", "2"),), f"expected {TREES.expected}"),
    ],
)
def test_wrong_trees_are_refused_with_what_is_wrong(given, problem: str) -> None:
    with pytest.raises(ValueError) as refused:
        parse(TREES, given)
    assert str(refused.value) == problem


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("default", ()),
        ("/srv/*/cache,/opt/**/*.log", ("/srv/*/cache", "/opt/**/*.log")),
        ("/**/__pycache__", ("/**/__pycache__",)),
        ("/srv/a:2", ("/srv/a:2",)),
        (["/srv/[a,b]?"], ("/srv/[a,b]?",)),
    ],
)
def test_right_patterns_are_taken(given, value: tuple[str, ...]) -> None:
    assert parse(EXCLUDES, given) == value


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("/", "expected a path below /, found '/', which would leave nothing"),
        ("/opt/**.log", "expected ** as a whole name, between slashes, found '/opt/**.log'"),
        ("*.log", "expected a path that begins with /, found '*.log'"),
        (["/a\0b"], r"expected paths of 1 to 4096 characters that can be printed, found '/a\x00b'"),
    ],
)
def test_wrong_patterns_are_refused_with_what_is_wrong(given, problem: str) -> None:
    with pytest.raises(ValueError) as refused:
        parse(EXCLUDES, given)
    assert str(refused.value) == problem


def test_a_path_with_a_comma_is_written_in_a_file(configuration) -> None:
    configuration.write('integrity:\n  trees: ["/srv/a, b", /etc:1]\n  excludes:\n    - /srv/a, b/x\n')
    settings = configuration.load().settings
    assert settings.integrity_trees == ("/srv/a, b", "/etc:1")
    assert settings.integrity_excludes == ("/srv/a, b/x",)


def test_a_list_of_anything_but_paths_is_refused(configuration) -> None:
    configuration.write("integrity:\n  trees: [/etc, [/opt]]\n  excludes: {/opt: 2}\n")
    assert configuration.problems() == [
        f"agent.yaml:2: integrity.trees: expected {TREES.expected}",
        f"agent.yaml:3: integrity.excludes: expected {EXCLUDES.expected}",
    ]


def test_a_variable_that_is_set_and_empty_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"^STOCKTAKE_INTEGRITY_TREES: integrity\.trees: expected paths"):
        load(None, {"STOCKTAKE_INTEGRITY_TREES": ""})
