"""agent/config/show.py: the example and what is in force."""

from __future__ import annotations

import re

import pytest

from agent.config import load
from agent.config.show import duration, example, in_force, written
from agent.model.keys import KEYS, LABELS, TREES
from agent.model.settings import Settings


def test_the_example_can_be_saved_as_it_is(configuration) -> None:
    configuration.write("\n".join(example()))
    assert configuration.load() == (Settings(), {}, ())


def test_the_example_without_its_comment_signs_gives_every_setting_its_default(configuration) -> None:
    lines = [re.sub(r"^#(?=(  )?[a-z_]+:)", "", line) for line in example()]
    configuration.write("\n".join(lines))
    loaded = configuration.load()
    assert loaded.settings == Settings()
    assert set(loaded.sources) == {key.name for key in KEYS}


def test_the_example_says_of_every_setting_what_is_expected() -> None:
    text = "\n".join(example())
    assert all(f"# {key.help} Expected: {key.expected}." in text for key in KEYS)


@pytest.mark.parametrize(("seconds", "text"), [(0, "0s"), (59, "59s"), (90, "90s"), (7200, "2h"), (86400, "1d")])
def test_a_duration_is_written_as_it_can_be_read_again(seconds: int, text: str) -> None:
    assert duration(seconds) == text


def test_an_age_is_written_in_its_largest_unit() -> None:
    assert [duration(seconds, exact=False) for seconds in (59, 61, 3700, 90000)] == ["59s", "1m", "1h", "1d"]


def test_labels_are_written_as_they_can_be_read_again(configuration) -> None:
    labels = ("environment=production", "team=a=b")
    key = next(key for key in KEYS if key.kind == LABELS)
    configuration.write(f"labels: {written(key, labels)}\n")
    assert configuration.load().settings.labels == labels


@pytest.mark.parametrize(
    "path", ["/etc", "/opt:2", "/srv/a, b", "/srv/#x", "/srv/x: y", '/srv/"a"\\b', "/srv/ä*", "/o:"]
)
def test_paths_are_written_as_they_can_be_read_again(configuration, path: str) -> None:
    key = next(key for key in KEYS if key.kind == TREES)
    configuration.write(f"integrity:\n  trees: {written(key, ('/boot', path))}\n")
    assert configuration.load().settings.integrity_trees == ("/boot", path)


def test_secrets_in_force_are_named_and_not_shown() -> None:
    secrets = {
        "STOCKTAKE_BACKEND_TOKEN": "hunter2",
        "STOCKTAKE_BACKEND_JOIN_TOKEN": "hunter3",
        "STOCKTAKE_BACKEND_PROXY": "http://user:hunter4@proxy.example",
    }
    loaded = load(None, secrets)
    rows = {name: (value, source) for name, value, source in in_force(loaded.settings, loaded.sources)}
    assert rows["backend.token"] == ("(set, not shown)", "STOCKTAKE_BACKEND_TOKEN")
    assert rows["backend.url"] == ("null", "default")
    assert set(rows) == {key.name for key in KEYS}
    assert "hunter" not in str(rows)
