"""The collectors, found by their file names: whoever adds one file has added a section."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Protocol, cast

from agent.model.settings import sections as enabled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from agent.host import Host
    from agent.model.records import Record
    from agent.model.settings import Settings
    from agent.model.spec import Options, Spec, Unchanged, Want


class Collector(Protocol):
    """What a module of agent.collectors offers."""

    SPEC: Spec

    def collect(self, host: Host, options: Options) -> Iterator[Record | Unchanged]:
        """Give the section's records in an order that is the same for the same host."""
        ...


def sections() -> tuple[str, ...]:
    """Give the names of all sections, sorted."""
    from pkgutil import iter_modules  # noqa: PLC0415 - only who asks for all pays for looking

    import agent.collectors  # noqa: PLC0415

    return tuple(sorted(module.name for module in iter_modules(agent.collectors.__path__)))


def wants(settings: Settings) -> Mapping[str, tuple[Want, ...]]:
    """Give the privileges that the enabled sections want."""
    return {section: load(section).SPEC.wants for section in enabled(settings)}


def load(section: str) -> Collector:
    """Give the collector of a section; KeyError when there is no such section."""
    if not section.isidentifier():
        raise KeyError(section)
    name = f"agent.collectors.{section}"
    try:
        return cast("Collector", importlib.import_module(name))
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise KeyError(section) from None
