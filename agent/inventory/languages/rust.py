"""Rust: the crates that cargo-auditable wrote into programs. Of programs built without it nothing can be told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.formats.cargo_auditable import SECTION, crates
from agent.formats.elf_layout import section_names
from agent.host.errors import LimitReached, gap
from agent.inventory.languages import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.host.found import Found
    from agent.model.records import Gap

NAMES: frozenset[str] = frozenset()
ENDINGS: tuple[str, ...] = ()
FORMS = frozenset(("elf",))


def packages(found: Found) -> Iterator[Finding | Gap]:
    """Give the crates of a program, whatever they come from: a registry, git or a directory."""
    try:
        if SECTION + b"\0" in section_names(found.read_at):
            for name, version in crates(found.read_at):
                yield Finding("cargo", None, name, version, None, None, found.path)
    except (OSError, LimitReached, ValueError) as error:
        yield gap(found.path, error, found.path)
