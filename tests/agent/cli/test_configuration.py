"""agent/cli/configuration.py: stocktake config check, show and example."""

from __future__ import annotations

import os

import pytest

from agent.model.keys import KEYS

TOKEN = "hunter2-of-the-tests"


def test_check_says_how_many_settings_were_given(stocktake, tmp_path) -> None:
    (tmp_path / "agent.yaml").write_text("log_level: debug\n")
    done = stocktake("config", "check", "--config", tmp_path / "agent.yaml")
    expected = "the configuration is right: 3 settings given, the others at their defaults\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, expected, "")


def test_check_names_every_problem_with_file_line_and_key(stocktake, tmp_path) -> None:
    path = tmp_path / "agent.yaml"
    path.write_text("log_level: loud\n\nhost:\n  every: soon\n")
    done = stocktake("config", "check", "--config", path, "--set", "x=1", variables={"STOCKTAKE_ROOT": "here"})
    assert (done.returncode, done.stdout) == (2, "")
    assert [line.split(": expected")[0] for line in sorted(done.stderr.splitlines())] == [
        "stocktake: --set: x",
        f"stocktake: {path}:1: log_level",
        f"stocktake: {path}:4: host.every",
        "stocktake: STOCKTAKE_ROOT: root",
    ]


def test_an_unknown_variable_only_warns(stocktake) -> None:
    done = stocktake("config", "check", variables={"STOCKTAKE_STATEDIR": "/x"})
    assert done.returncode == 0
    assert done.stderr == "stocktake: warning: STOCKTAKE_STATEDIR: no such setting; it is ignored\n"


def test_show_tells_every_setting_its_value_and_where_it_is_from(stocktake, tmp_path) -> None:
    path = tmp_path / "agent.yaml"
    path.write_text("log_level: debug\nlabels:\n  team: infra\n")
    done = stocktake("config", "show", "--set", "host.every=2h", variables={"STOCKTAKE_CONFIG": str(path)})
    rows = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines()}
    assert list(rows) == ["SETTING", *(key.name for key in KEYS)]
    assert rows["log_level"] == ["debug", f"{path}:1"]
    assert rows["labels"] == ["{team:", "infra}", f"{path}:2"]
    assert rows["host.every"] == ["2h", "--set"]
    assert rows["state_dir"] == [str(stocktake.state), "STOCKTAKE_STATE_DIR"]
    assert rows["root"] == ["/", "default"]


def test_show_names_secrets_and_does_not_show_them(stocktake, tmp_path) -> None:
    path = tmp_path / "agent.yaml"
    path.write_text(f"backend:\n  token: {TOKEN}\n  proxy: http://user:{TOKEN}@proxy.example\n")
    done = stocktake("config", "show", "--config", path, variables={"STOCKTAKE_BACKEND_JOIN_TOKEN": TOKEN})
    assert done.returncode == 0
    assert done.stdout.count("(set, not shown)") == 3
    assert TOKEN not in done.stdout + done.stderr


def test_the_example_can_be_saved_as_it_is_and_checked(stocktake, tmp_path) -> None:
    path = tmp_path / "agent.yaml"
    path.write_text(stocktake("config", "example").stdout)
    done = stocktake("config", "check", "--config", path)
    assert done.returncode == 0
    assert done.stdout.startswith("the configuration is right: 2 settings given")


def test_a_flag_names_the_file_before_a_variable_does(stocktake, tmp_path) -> None:
    (tmp_path / "a.yaml").write_text("log_level: error\n")
    (tmp_path / "b.yaml").write_text("log_level: debug\n")
    done = stocktake(
        "config", "show", "--config", tmp_path / "a.yaml", variables={"STOCKTAKE_CONFIG": str(tmp_path / "b.yaml")}
    )
    assert f"{tmp_path}/a.yaml:1" in done.stdout


@pytest.mark.parametrize("words", [("config", "show"), ("config", "example"), ("--help",), ("scan", "--help")])
def test_a_reader_that_is_gone_is_no_error(stocktake, words: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = stocktake(*words, stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def test_check_asks_for_somewhere_to_send_to_where_that_is_wanted(stocktake, tmp_path) -> None:
    (tmp_path / "agent.yaml").write_text("delivery:\n  sink: backend\n")
    done = stocktake("config", "check", "--destination", "--config", tmp_path / "agent.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("stocktake: backend.url: expected an address to send to")
    (tmp_path / "agent.yaml").write_text("backend:\n  url: https://backend.example\n")
    assert stocktake("config", "check", "--destination", "--config", tmp_path / "agent.yaml").returncode == 0
