"""agent/cli/parser.py: the words that the command understands."""

from __future__ import annotations

import pytest

from agent import __version__
from agent.cli.parser import build, parse


def test_the_version_is_told(stocktake) -> None:
    assert stocktake("--version").stdout == f"stocktake {__version__}\n"


def test_the_help_lists_the_commands_that_people_use(stocktake) -> None:
    out = stocktake("--help").stdout
    assert [line.split()[0] for line in out.split("COMMAND\n")[1].split("\n\n")[0].splitlines()] == [
        "scan",
        "run",
        "status",
        "checks",
        "config",
        "payload",
    ]
    assert "reload" not in out


@pytest.mark.parametrize("command", [("scan",), ("run",), ("status",), ("config", "check"), ("config", "show")])
def test_every_command_that_follows_the_configuration_takes_it_from_flags(command: tuple[str, ...]) -> None:
    arguments = parse([*command, "--config", "/x", "--set", "a=1", "--set", "b=2"])
    assert (arguments.config, arguments.set) == ("/x", ["a=1", "b=2"])


def test_a_parser_for_one_command_says_the_same_of_it_as_the_whole_one(capsys) -> None:
    texts = []
    for read in (build().parse_args, parse):
        with pytest.raises(SystemExit):
            read(["scan", "--help"])
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1]
    assert "--timeout" in texts[0]


@pytest.mark.parametrize("text", ["0.5", "86400", "1e3"])
def test_a_timeout_is_a_number_of_seconds(text: str) -> None:
    assert parse(["scan", "--timeout", text]).timeout == float(text)
