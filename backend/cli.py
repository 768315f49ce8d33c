"""The command stocktake-backend. Exit codes: 0 ok, 1 internal, 2 usage or configuration."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
from typing import TYPE_CHECKING

from agent import __version__
from backend import auth
from backend.app import make_app
from backend.errors import Misused
from backend.server import Listen, parse_address, serve
from backend.store.database import DEFAULT_STORE, Store, close_store, open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ENVIRONMENT = """environment:
  STOCKTAKE_BACKEND_STORE       as --store; a password in it is not seen by other users then
  STOCKTAKE_BACKEND_JOIN_TOKEN  serve: a join token that is valid from the start
  STOCKTAKE_BACKEND_READ_TOKEN  serve: a read token that is valid from the start
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and give its exit code."""
    chosen = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="stocktake-backend: %(levelname)s: %(message)s")
    os.umask(0o077)
    command: Callable[[Store, argparse.Namespace], None] = chosen.command
    try:
        store = open_store(chosen.store)
        try:
            command(store, chosen)
        finally:
            close_store(store)
    except Misused as misused:
        print(f"stocktake-backend: {misused}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="stocktake-backend",
        description="Keep what agents found on their hosts.",
        epilog=ENVIRONMENT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_serve(commands.add_parser("serve", help="take reports in and answer questions"))
    _add_token(commands.add_parser("token", help="create, list and revoke tokens").add_subparsers(required=True))
    _add_agent(commands.add_parser("agent", help="let an agent's id be enrolled again").add_subparsers(required=True))
    return parser


def _add_serve(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--listen", metavar="HOST:PORT", default="127.0.0.1:8750", help="default: %(default)s")
    parser.add_argument("--tls-cert", metavar="FILE", help="certificate and its chain, PEM")
    parser.add_argument("--tls-key", metavar="FILE", help="its private key, PEM")
    parser.add_argument("--insecure", action="store_true", help="offer plain HTTP to other machines")
    _add_store(parser, _serve)


def _add_token(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    create = commands.add_parser("create", help="print a new token, once")
    create.add_argument("purpose", choices=(auth.JOIN, auth.READ))
    _add_store(create, _create_token)
    _add_store(commands.add_parser("list", help="list the tokens, without what is secret"), _list_tokens)
    revoke = commands.add_parser("revoke", help="end a token for good")
    revoke.add_argument("id", type=int, help="as `token list` shows it")
    _add_store(revoke, _revoke_token)


def _add_agent(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    reset = commands.add_parser("reset", help="end an agent's token and let its id be enrolled again")
    reset.add_argument("id", help="id of the agent")
    _add_store(reset, _reset_agent)


def _add_store(parser: argparse.ArgumentParser, command: Callable[[Store, argparse.Namespace], None]) -> None:
    default = os.environ.get("STOCKTAKE_BACKEND_STORE", DEFAULT_STORE)
    parser.add_argument(
        "--store",
        metavar="URL",
        default=default,
        help=f"sqlite:///FILE or postgresql://USER@HOST/DATABASE; default: {DEFAULT_STORE}, a file in the current folder",
    )
    parser.set_defaults(command=command)


def _serve(store: Store, chosen: argparse.Namespace) -> None:
    host, port = parse_address(chosen.listen)
    with store.write.begin() as connection:
        for purpose in (auth.JOIN, auth.READ):
            preset = os.environ.get(f"STOCKTAKE_BACKEND_{purpose.upper()}_TOKEN")
            if preset is not None:
                auth.preset_token(connection, purpose, preset, _now())
    serve(make_app(store), Listen(host, port, chosen.tls_cert, chosen.tls_key, chosen.insecure))


def _create_token(store: Store, chosen: argparse.Namespace) -> None:
    with store.write.begin() as connection:
        text = auth.create_token(connection, chosen.purpose, _now())
    print(text)


def _list_tokens(store: Store, _chosen: argparse.Namespace) -> None:
    with store.read.connect() as connection:
        tokens = auth.list_tokens(connection)
    print(f"{'ID':>6}  {'PURPOSE':7}  {'CREATED':20}  {'REVOKED':20}  AGENT")
    for token in tokens:
        created, revoked = _time(token.created_at), _time(token.revoked_at)
        print(f"{token.id:>6}  {token.purpose:7}  {created:20}  {revoked:20}  {token.agent or '-'}")


def _revoke_token(store: Store, chosen: argparse.Namespace) -> None:
    with store.write.begin() as connection:
        auth.revoke_token(connection, chosen.id, _now())


def _reset_agent(store: Store, chosen: argparse.Namespace) -> None:
    with store.write.begin() as connection:
        auth.reset_agent(connection, chosen.id, _now())


def _now() -> int:
    return int(time.time())


def _time(seconds: int | None) -> str:
    return "-" if seconds is None else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


if __name__ == "__main__":
    sys.exit(main())
