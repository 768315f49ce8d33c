"""stocktake run: prepares the state folder, then becomes the daemon, or does one round with --once."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from agent.cli import exit as codes
from agent.cli.configuration import loaded, require_destination
from agent.config import ConfigurationError
from agent.config.given import Problem
from agent.daemon import plan as plans
from agent.daemon.plan import Look, Period, Plan
from agent.delivery.files import sweep, write_whole
from agent.model.settings import Settings, sections
from agent.model.spec import PROC
from agent.start import words
from agent.worker.collectors import load
from agent.worker.deliver import identity_of
from agent.worker.observe import host_of
from agent.worker.state import lock, prepare, save_settings

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

_WALL = 10
"""A worker may take so many times its processor seconds on the wall."""
_LAST_WORD = 10
"""Seconds more, in which a worker that ran out of time can say so itself."""


def run(arguments: argparse.Namespace) -> int:
    """Run the agent."""
    settings = loaded(arguments).settings
    require_destination(settings)
    prepare(settings.state_dir)
    os.umask(0o077)
    held = lock(settings.state_dir)
    sweep(settings.state_dir)
    plan = keep(settings, reload_words(arguments))
    if arguments.once:
        from agent.cli.once import once  # noqa: PLC0415

        return once(plan)
    if arguments.detach:
        from agent.detach import detach  # noqa: PLC0415

        print(f"stocktake goes into the background; see stocktake status and {settings.state_dir}/daemon.log")
        sys.stdout.flush()
        detach(settings.state_dir, (held,))
    os.set_inheritable(held, True)
    command = [*words("agent.daemon.__main__"), settings.state_dir, str(held)]
    os.execv(command[0], command)  # noqa: S606 - our own interpreter takes this place
    return codes.INTERNAL


def reload(arguments: argparse.Namespace) -> int:
    """Check the configuration anew and, when it is right, write what the running daemon reads next."""
    settings = loaded(arguments).settings
    require_destination(settings)
    if settings.state_dir != arguments.state_dir:
        problem = Problem("reload", "state_dir", "expected no change; restart the agent to use another folder")
        raise ConfigurationError([problem])
    keep(settings, reload_words(arguments))
    return codes.OK


def keep(settings: Settings, reloading: list[str]) -> Plan:
    """Write the settings for the workers and the plan for the daemon."""
    save_settings(settings)
    plan = Plan(
        state_dir=settings.state_dir,
        worker=[*words("agent.worker.__main__"), settings.state_dir],
        reload=[*reloading, settings.state_dir],
        sections={name: Period(every, _wall(name)) for name, every in sections(settings).items()},
        heartbeat=settings.heartbeat,
        splay=settings.splay,
        seed=identity_of(settings).id,
        log_level=settings.log_level,
        watches={name: [*words(module), settings.state_dir] for name, module in _watchers(settings)},
        metrics_file=settings.metrics_file,
        metrics_listen=settings.metrics_listen,
        looks={name: look for name in sections(settings) for look in _looks(settings, name)},
    )
    write_whole(plans.path_in(settings.state_dir), plans.write(plan))
    return plan


def reload_words(arguments: argparse.Namespace) -> list[str]:
    """Give the command that checks the same configuration again; the state folder follows."""
    command = [*words("agent.cli"), "reload"]
    path = arguments.config or os.environ.get("STOCKTAKE_CONFIG")
    if path:
        command += ["--config", os.path.abspath(path)]
    for override in arguments.set:
        command += ["--set", override]
    return command


def _watchers(settings: Settings) -> Iterator[tuple[str, str]]:
    """Give the watchers that are wanted, each with its module; only in a running system is there anything to watch."""
    if PROC not in host_of(settings).offers:
        return
    if settings.integrity_enabled and settings.integrity_watch:
        yield "files", "agent.watch"
    if settings.usage_enabled and settings.usage_watch:
        yield "opens", "agent.watch.opens"


def _looks(settings: Settings, section: str) -> Iterator[Look]:
    """Give what is looked at for a section, if anything is."""
    glance = load(section).SPEC.glance
    host = host_of(settings)
    if glance:
        folders, pattern, most = glance(host.root.exists)
        root = settings.root.rstrip("/")
        yield Look([f"{root}{folder}" for folder in folders if PROC in host.offers], pattern, most)


def _wall(section: str) -> int:
    return load(section).SPEC.seconds * _WALL + _LAST_WORD
