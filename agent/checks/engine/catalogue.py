"""All checks by id: the modules of agent.checks, one for each topic, have them in CHECKS."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING

import agent.checks

if TYPE_CHECKING:
    from agent.checks.engine.check import Check


def topics() -> list[str]:
    """Give the names of the modules that have checks."""
    return [found.name for found in pkgutil.iter_modules(agent.checks.__path__) if not found.ispkg]


def checks() -> dict[str, Check]:
    """Give every check by its id; ValueError where two have the same."""
    found: dict[str, Check] = {}
    for topic in topics():
        for check in import_module(f"agent.checks.{topic}").CHECKS:
            if check.id in found:
                raise ValueError(f"two checks have the id {check.id}")
            found[check.id] = check
    return found
