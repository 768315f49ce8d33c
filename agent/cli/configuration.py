"""stocktake config check | show | example."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from agent.cli import exit as codes
from agent.cli.table import Table, shown
from agent.config import DEFAULT_FILE, ConfigurationError, Loaded, load
from agent.config.given import Problem

if TYPE_CHECKING:
    import argparse

    from agent.model.settings import Settings


def loaded(arguments: argparse.Namespace) -> Loaded:
    """Read the configuration that a command is to follow; warnings go to standard error."""
    result = load(arguments.config or os.environ.get("STOCKTAKE_CONFIG"), os.environ, arguments.set)
    for warning in result.warnings:
        sys.stderr.write(f"stocktake: warning: {shown(warning)}\n")
    return result


def check(arguments: argparse.Namespace) -> int:
    """Say that the configuration is right; what is wrong is raised."""
    result = loaded(arguments)
    if arguments.destination:
        require_destination(result.settings)
    print(f"the configuration is right: {len(result.sources)} settings given, the others at their defaults")
    return codes.OK


def require_destination(settings: Settings) -> None:
    """Raise ConfigurationError when there is nowhere to send to."""
    if settings.sink == "backend" and settings.backend_url is None:
        text = "expected an address to send to; or set delivery.sink to file or stdout"
        raise ConfigurationError([Problem("", "backend.url", text)])


def show(arguments: argparse.Namespace) -> int:
    """Print every setting, its value and its source."""
    result = loaded(arguments)
    table = Table(("SETTING", "VALUE", "FROM"))
    from agent.config.show import in_force  # noqa: PLC0415 - no other command shows settings

    for row in in_force(result.settings, result.sources):
        table.add(row)
    table.print(sys.stdout)
    return codes.OK


def example(_: argparse.Namespace) -> int:
    """Print a configuration file that may be saved as it is."""
    print(f"# Save as {DEFAULT_FILE}; it must not be writable by others.")
    from agent.config.show import example as example_lines  # noqa: PLC0415

    for line in example_lines():
        print(line)
    return codes.OK
