"""The words that the command understands; each command's module is loaded only when it is asked for."""

from __future__ import annotations

import argparse
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from agent import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class _Help(argparse.HelpFormatter):
    """Help of one width: asking the terminal for its own would load half a dozen modules at every start."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=28, width=100)


class _Command(NamedTuple):
    """A command: its name, one line of help, where its function is, and what adds its words."""

    name: str
    text: str
    module: str
    function: str
    add_words: Callable[[Any], None]


def parse(words: Sequence[str]) -> argparse.Namespace:
    """Read the command line; ends the process with code 2 and a usage line when it is wrong."""
    asked = tuple(command for command in _COMMANDS if [command.name] == list(words[:1]))
    return build(asked or _COMMANDS).parse_args(words)


def build(commands: Sequence[_Command] | None = None) -> argparse.ArgumentParser:
    """Build the parser, from which the README's help block is generated as well.

    commands: Those that it understands; None for all. Each costs a start some time.
    """
    parser = argparse.ArgumentParser(
        prog="stocktake", description="Take stock of a Linux host; send only metadata.", formatter_class=_Help
    )
    parser.add_argument("--version", action="version", version=f"stocktake {__version__}")
    group = parser.add_subparsers(prog="stocktake", metavar="COMMAND", required=True)
    _add(group, _COMMANDS if commands is None else commands)
    return parser


def _add(group: Any, commands: Sequence[_Command]) -> None:
    for command in commands:
        listed = {"help": command.text} if command.text else {}
        parser = group.add_parser(command.name, description=_sentence(command.text), formatter_class=_Help, **listed)
        command.add_words(parser)
        if command.function:
            parser.set_defaults(command=_call(command.module, command.function))
            _add_common(parser)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _add_common(parser: Any) -> None:
    parser.add_argument("--config", metavar="FILE", help="configuration file (default: /etc/stocktake/agent.yaml)")
    parser.add_argument(
        "--set", metavar="NAME=VALUE", action="append", default=[], help="override a setting; may be repeated"
    )


def _nothing(_: Any) -> None:
    """Add no words of its own."""


def _scan(parser: Any) -> None:
    parser.add_argument("sections", metavar="SECTION", nargs="*", help="sections to read (default: all but integrity)")
    parser.add_argument("--root", metavar="DIR", help="read this unpacked root instead of the running host")
    parser.add_argument("--parts", metavar="NAMES", help="read these parts of packages only: dpkg,python ...")
    parser.add_argument(
        "--only",
        metavar="VERDICTS",
        type=_verdicts,
        default=(),
        help="show files or checks with these verdicts only: contradicts,fail ...",
    )
    parser.add_argument(
        "--fail-on",
        metavar="VERDICTS",
        type=_verdicts,
        default=(),
        help="end with code 4 when there are such files or checks",
    )
    parser.add_argument("--benchmark", metavar="NAME", help="benchmark of compliance; auto for the distribution's")
    parser.add_argument("--level", choices=("1", "2"), help="level of it")
    parser.add_argument("--profile", choices=("server", "workstation"), help="profile of it")
    parser.add_argument("--tailoring", metavar="FILE", help="what is skipped, waived, changed and added to it")
    parser.add_argument("--control", metavar="CONTROL", help="show checks that support it only: AC-6, 2.2.4, CC6.1 ...")
    parser.add_argument("--format", choices=("table", "json", "ndjson", "cyclonedx", "junit"), default="table")
    parser.add_argument("--output", metavar="FILE", help="write there instead of standard output")
    parser.add_argument("--timeout", metavar="SECONDS", type=_seconds, help="end after so many seconds with code 124")


def _run(parser: Any) -> None:
    parser.add_argument("--once", action="store_true", help="collect and deliver every section once, then end")
    parser.add_argument("--detach", action="store_true", help="go into the background, where there is no systemd")


def _status(parser: Any) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _reload(parser: Any) -> None:
    parser.add_argument("state_dir")


def _config(parser: Any) -> None:
    _add(parser.add_subparsers(prog="stocktake config", metavar="check|show|example", required=True), _CONFIG)


def _checks(parser: Any) -> None:
    _add(parser.add_subparsers(prog="stocktake checks", metavar="list|show", required=True), _CHECKS)


def _checks_list(parser: Any) -> None:
    parser.add_argument("--benchmark", metavar="NAME", default="auto", help="benchmark (default: this host's)")
    parser.add_argument("--control", metavar="CONTROL", help="those that support it only: AC-6, 2.2.4, CC6.1 ...")
    parser.add_argument("--format", choices=("table", "ndjson"), default="table")


def _checks_show(parser: Any) -> None:
    parser.add_argument("id", metavar="ID", help="id of a check")


def _check(parser: Any) -> None:
    parser.add_argument(
        "--destination", action="store_true", help="also ask for somewhere to send to, as the command run does"
    )


def _payload(parser: Any) -> None:
    parser.add_argument("section", metavar="SECTION", help="section whose report is printed")


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 86400:
        raise argparse.ArgumentTypeError(f"expected seconds, more than 0 and at most a day, found {text!r}")
    return seconds


def _verdicts(text: str) -> tuple[str, ...]:
    from agent.model.verdicts import RESULTS, VERDICTS  # noqa: PLC0415 - only who asks for verdicts pays for them

    known = (*VERDICTS, *RESULTS)
    given = {verdict.strip() for verdict in text.split(",")}
    if not given.issubset(known):
        expected = ", ".join(known)
        raise argparse.ArgumentTypeError(f"expected, with commas between them, some of {expected}; found {text!r}")
    return tuple(verdict for verdict in known if verdict in given)


def _call(module: str, function: str) -> Callable[[argparse.Namespace], int]:
    """Give a command that loads its module when it is called: a scan need not pay for the others."""

    def call(arguments: argparse.Namespace) -> int:
        return int(getattr(import_module(f"agent.cli.{module}"), function)(arguments))

    return call


_CONFIG = (
    _Command(
        "check", "say whether the configuration is right, and if not every reason", "configuration", "check", _check
    ),
    _Command("show", "print the settings in force and where each comes from", "configuration", "show", _nothing),
    _Command("example", "print a file that holds every setting at its default", "configuration", "example", _nothing),
)
_CHECKS = (
    _Command(
        "list", "print the recommendations of a benchmark and their checks", "checks", "list_checks", _checks_list
    ),
    _Command("show", "explain a check", "checks", "show_check", _checks_show),
)
_COMMANDS = (
    _Command("scan", "read sections now and print them", "scan", "scan", _scan),
    _Command("run", "collect and deliver periodically, as a daemon", "run", "run", _run),
    _Command("status", "tell how old every section is and what waits to be sent", "status", "status", _status),
    _Command("checks", "list and explain the checks of compliance", "", "", _checks),
    _Command("config", "check, show or explain the configuration", "", "", _config),
    _Command("payload", "print exactly the bytes that a report of a section holds", "payload", "payload", _payload),
    _Command("reload", "", "run", "reload", _reload),
)
"""The commands in the order of the help; reload, which the daemon runs on SIGHUP, is not listed there."""
