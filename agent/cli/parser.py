"""The words that the command understands; each command's module is loaded only when it is asked for."""

from __future__ import annotations

import argparse
from importlib import import_module
from typing import TYPE_CHECKING, Any

from agent import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class _Help(argparse.HelpFormatter):
    """Help of one width: asking the terminal for its own would load half a dozen modules at every start."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=28, width=100)


def parse(words: Sequence[str]) -> argparse.Namespace:
    """Read the command line; ends the process with code 2 and a usage line when it is wrong."""
    return build().parse_args(words)


def build() -> argparse.ArgumentParser:
    """Build the parser, from which the README's help block is generated as well."""
    parser = argparse.ArgumentParser(
        prog="stocktake", description="Take stock of a Linux host; send only metadata.", formatter_class=_Help
    )
    parser.add_argument("--version", action="version", version=f"stocktake {__version__}")
    commands = parser.add_subparsers(prog="stocktake", metavar="COMMAND", required=True)
    _scan(_command(commands, "scan", "read sections now and print them", _call("scan", "scan")))
    _run(_command(commands, "run", "collect and deliver periodically, as a daemon", _call("run", "run")))
    _status(
        _command(
            commands, "status", "tell how old every section is and what waits to be sent", _call("status", "status")
        )
    )
    _config(commands.add_parser("config", help="check, show or explain the configuration", formatter_class=_Help))
    _payload(
        _command(
            commands, "payload", "print exactly the bytes that a report of a section holds", _call("payload", "payload")
        )
    )
    return parser


def _command(commands: Any, name: str, text: str, action: Callable[[argparse.Namespace], int]) -> Any:
    parser = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".", formatter_class=_Help)
    parser.set_defaults(command=action)
    parser.add_argument("--config", metavar="FILE", help="configuration file (default: /etc/stocktake/agent.yaml)")
    parser.add_argument(
        "--set", metavar="NAME=VALUE", action="append", default=[], help="override a setting; may be repeated"
    )
    return parser


def _scan(parser: Any) -> None:
    parser.add_argument("sections", metavar="SECTION", nargs="*", help="sections to read (default: all)")
    parser.add_argument("--root", metavar="DIR", help="read this unpacked root instead of the running host")
    parser.add_argument("--format", choices=("table", "json", "ndjson"), default="table")
    parser.add_argument("--output", metavar="FILE", help="write there instead of standard output")
    parser.add_argument("--timeout", metavar="SECONDS", type=_seconds, help="end after so many seconds with code 124")


def _run(parser: Any) -> None:
    parser.add_argument("--once", action="store_true", help="collect and deliver every section once, then end")
    parser.add_argument("--detach", action="store_true", help="go into the background, where there is no systemd")


def _status(parser: Any) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _config(parser: Any) -> None:
    commands = parser.add_subparsers(prog="stocktake config", metavar="check|show|example", required=True)
    _command(
        commands,
        "check",
        "say whether the configuration is right, and every reason why not",
        _call("configuration", "check"),
    )
    _command(commands, "show", "print the settings in force and where each comes from", _call("configuration", "show"))
    _command(
        commands, "example", "print a file that holds every setting at its default", _call("configuration", "example")
    )


def _payload(parser: Any) -> None:
    parser.add_argument("section", metavar="SECTION", help="section whose report is printed")


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= 86400:
        raise argparse.ArgumentTypeError("expected seconds, more than 0 and at most a day")
    return seconds


def _call(module: str, function: str) -> Callable[[argparse.Namespace], int]:
    """Give a command that loads its module when it is called: a scan need not pay for the others."""

    def call(arguments: argparse.Namespace) -> int:
        return int(getattr(import_module(f"agent.cli.{module}"), function)(arguments))

    return call
