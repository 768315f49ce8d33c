"""agent/config: which source wins, and what is wrong only when all of them are seen together."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.config import OTHER_VARIABLES, ConfigurationError, load
from agent.model import keys as kinds
from agent.model.keys import KEYS, Key
from agent.model.settings import Settings

GIVEN = {
    kinds.DIRECTORY: ("/srv/x", "/srv/x"),
    kinds.FILE: ("/srv/x.pem", "/srv/x.pem"),
    kinds.URL: ("https://backend.example:8443/a/", "https://backend.example:8443/a"),
    kinds.PROXY: ("http://u:p@proxy.example:3128", "http://u:p@proxy.example:3128"),
    kinds.LISTEN: ("127.0.0.1:9754", "127.0.0.1:9754"),
    kinds.SECRET: ("hunter2", "hunter2"),
    kinds.DURATION: ("2h", 7200),
    kinds.LABELS: ("team=infra,environment=production", ("environment=production", "team=infra")),
    kinds.NAMES: ("node,dpkg", ("dpkg", "node")),
    kinds.TREES: ("/srv/x,/opt/:2", ("/srv/x", "/opt:2")),
    kinds.PATTERNS: ("/srv/*/cache, /opt/**/*.log", ("/srv/*/cache", "/opt/**/*.log")),
}
"""Kind to a value as it is given, and as it is kept; none is a default."""


def given(key: Key) -> tuple[str, object]:
    if key.name == "compliance.tailoring":  # is read at once
        return (str(Path(__file__).with_name("tailoring.yaml")),) * 2
    if key.kind == kinds.SWITCH:
        return ("false", False) if key.default else ("true", True)
    return (key.choices[-1],) * 2 if key.kind == kinds.CHOICE else GIVEN[key.kind]


def alone(key: Key) -> dict[str, str]:
    """Give the variables that a setting needs beside its own."""
    return {"STOCKTAKE_DELIVERY_PATH": "/srv/reports"} if key.name == "delivery.sink" else {}


ALL_KEYS = pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)


@ALL_KEYS
def test_every_setting_can_come_from_the_environment(key: Key) -> None:
    text, value = given(key)
    loaded = load(None, {f"STOCKTAKE_{key.name.upper().replace('.', '_')}": text, **alone(key)})
    assert value != key.default
    assert getattr(loaded.settings, key.attribute) == value
    assert loaded.sources[key.name] == key.variable
    assert loaded.warnings == ()


@ALL_KEYS
def test_every_setting_can_come_from_a_flag(key: Key) -> None:
    text, value = given(key)
    loaded = load(None, alone(key), [f"{key.name}={text}"])
    assert getattr(loaded.settings, key.attribute) == value
    assert loaded.sources[key.name] == "--set"


@ALL_KEYS
def test_every_setting_can_come_from_a_file(key: Key, configuration) -> None:
    text, value = given(key)
    group, _, name = key.name.rpartition(".")
    shown = text if key.kind != kinds.LABELS else "{team: infra, environment: production}"
    configuration.write(f"{group}:\n  {name}: {shown}\n" if group else f"{name}: {shown}\n")
    loaded = configuration.load(alone(key))
    assert getattr(loaded.settings, key.attribute) == value
    assert loaded.sources[key.name] == f"{configuration.file}:{2 if group else 1}"


@ALL_KEYS
def test_every_setting_refuses_a_value_that_it_cannot_have(key: Key) -> None:
    with pytest.raises(ConfigurationError) as refused:
        load(None, {key.variable: "\x07"})
    assert str(refused.value).startswith(f"{key.variable}: {key.name}: expected ")


def test_without_anything_given_the_defaults_hold() -> None:
    assert load(None, {}) == (Settings(), {}, ())


def test_the_later_source_wins(configuration) -> None:
    configuration.write("log_level: error\nhost:\n  every: 1h\npackages:\n  every: 1h\nports:\n  every: 1h\n")
    configuration.write("host:\n  every: 2h\npackages:\n  every: 2h\nports:\n  every: 2h\n", "conf.d/1.yaml")
    variables = {"STOCKTAKE_PACKAGES_EVERY": "3h", "STOCKTAKE_PORTS_EVERY": "3h"}
    loaded = configuration.load(variables, ["ports.every=4h"])
    settings = loaded.settings
    assert settings.log_level == "error"
    assert (settings.host_every, settings.packages_every, settings.ports_every) == (7200, 10800, 14400)
    assert [loaded.sources[f"{name}.every"].rpartition("/")[2] for name in ("host", "packages", "ports")] == [
        "1.yaml:2",
        "STOCKTAKE_PACKAGES_EVERY",
        "--set",
    ]


def test_the_files_of_conf_d_follow_each_other_by_name_and_other_files_there_are_none(configuration) -> None:
    configuration.write("log_level: error\n")
    configuration.write("log_level: debug\n", "conf.d/20-b.yaml")
    configuration.write("log_level: warning\nroot: /a\n", "conf.d/10-a.yaml")
    configuration.write("log_level: [", "conf.d/30-c.yaml.dpkg-old")
    settings = configuration.load().settings
    assert (settings.log_level, settings.root) == ("debug", "/a")


def test_all_that_is_wrong_in_every_source_is_said_at_once(configuration) -> None:
    configuration.write("log_level: loud\nhots:\n  every: 1h\n")
    configuration.write("host:\n  enabled: maybe\n", "conf.d/1.yaml")
    configuration.write("- a\n", "conf.d/2.yaml")
    found = configuration.problems({"STOCKTAKE_PORTS_EVERY": "1s"}, ["nothing=1", "root=here"])
    assert sorted(found) == [
        "--set: nothing: expected NAME=VALUE with the name of a setting",
        "--set: root: expected the absolute path of a directory, found 'here'",
        "STOCKTAKE_PORTS_EVERY: ports.every: expected a number with s, m, h or d behind it, for example 15m, "
        "from 10 s to 2592000 s, found '1s'",
        "agent.yaml:1: log_level: expected one of error, warning, info, debug, found 'loud'",
        "agent.yaml:2: hots: expected a known setting; did you mean host?",
        "conf.d/1.yaml:2: host.enabled: expected true or false, found 'maybe'",
        "conf.d/2.yaml: expected names with values, such as state_dir: /var/lib/stocktake",
    ]


@pytest.mark.parametrize("name", ["backend.token", "backend.join_token"])
def test_a_token_is_given_in_one_way_only(configuration, name: str) -> None:
    short = name.partition(".")[2]
    configuration.write(f"backend:\n  {short}: hunter2\n  {short}_file: /etc/token\n")
    assert configuration.problems() == [f"agent.yaml:2: {name}: expected either this or {name}_file, found both"]


def test_a_token_that_a_later_file_takes_back_does_not_contradict_its_file(configuration) -> None:
    configuration.write("backend:\n  token: hunter2\n")
    configuration.write("backend:\n  token: null\n  token_file: /etc/token\n", "conf.d/1.yaml")
    settings = configuration.load().settings
    assert (settings.backend_token, settings.backend_token_file) == (None, "/etc/token")


def test_a_file_sink_without_a_file_is_refused(configuration) -> None:
    configuration.write("delivery:\n  sink: file\n")
    assert configuration.problems() == ["agent.yaml:2: delivery.path: expected a path, because delivery.sink is file"]


def test_variables_that_look_like_settings_and_are_none_only_warn() -> None:
    variables = dict.fromkeys(("STOCKTAKE_PORT_80_TCP", "STOCKTAKE_STATEDIR", "STOCK", *OTHER_VARIABLES), "x")
    loaded = load(None, variables)
    assert loaded.settings == Settings()
    assert loaded.warnings == (
        "STOCKTAKE_PORT_80_TCP: no such setting; it is ignored",
        "STOCKTAKE_STATEDIR: no such setting; it is ignored",
    )


@pytest.mark.parametrize("written", ["[node, dpkg]", "node, dpkg", '["node","dpkg"]'])
def test_names_are_a_list_or_text_with_commas(tmp_path, written: str) -> None:
    (tmp_path / "agent.yaml").write_text(f"packages:\n  parts: {written}\n")
    assert load(str(tmp_path / "agent.yaml"), {}).settings.packages_parts == ("dpkg", "node")


def test_a_list_of_anything_but_names_is_refused(tmp_path) -> None:
    (tmp_path / "agent.yaml").write_text("packages:\n  parts: [dpkg, [node]]\n")
    with pytest.raises(ConfigurationError, match=r"agent\.yaml:2: packages\.parts: expected all, or"):
        load(str(tmp_path / "agent.yaml"), {})
