"""stocktake run: prepares the state folder, then becomes the daemon, or does one round with --once."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from agent.cli import exit as codes
from agent.cli.configuration import loaded
from agent.config import ConfigurationError
from agent.config.given import Problem
from agent.daemon import plan as plans
from agent.daemon.plan import Period, Plan
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

_WALL = 10
"""A worker may take so many times its processor seconds on the wall."""
_LAST_WORD = 10
"""Seconds more, in which a worker that ran out of time can say so itself."""


def run(arguments: argparse.Namespace) -> int:
    """Run the agent."""
    settings = loaded(arguments).settings
    _require_destination(settings)
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
    _require_destination(settings)
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
        watch=[*words("agent.watch"), settings.state_dir] if _is_watched(settings) else (),
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


def _require_destination(settings: Settings) -> None:
    if settings.sink == "backend" and settings.backend_url is None:
        text = "expected an address to send to; or set delivery.sink to file or stdout"
        raise ConfigurationError([Problem("", "backend.url", text)])


def _is_watched(settings: Settings) -> bool:
    """Tell whether the watcher is wanted; only in a running system is there anything to watch."""
    return settings.integrity_enabled and settings.integrity_watch and PROC in host_of(settings).offers


def _wall(section: str) -> int:
    return load(section).SPEC.seconds * _WALL + _LAST_WORD
