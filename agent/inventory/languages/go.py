"""Go: the modules that its linker writes into every program, and Go's own library."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agent.formats.elf_layout import section_names
from agent.formats.go_buildinfo import SECTION, build_info
from agent.host.errors import LimitReached, gap
from agent.inventory.languages import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.host.found import Found
    from agent.model.records import Gap

NAMES: frozenset[str] = frozenset()
ENDINGS: tuple[str, ...] = ()
FORMS = frozenset(("elf",))

_RELEASE = re.compile(r"go(\d[\w.]*)")
"""A released Go, behind which options and a distribution's own words may stand; one of development has no version."""


def packages(found: Found) -> Iterator[Finding | Gap]:
    """Give the modules of a program, its own first, and Go's library as stdlib, which advisories call it."""
    try:
        names = section_names(found.read_at)
        if not names or SECTION + b"\0" in names:
            yield from _modules(found)
    except (OSError, LimitReached, ValueError) as error:
        yield gap(found.path, error, found.path)


def _modules(found: Found) -> Iterator[Finding]:
    built = build_info(found.read_at)
    if built:
        for path, version in built.modules:
            namespace, _, name = path.rpartition("/")
            yield Finding("golang", namespace or None, name, version, None, None, found.path)
        release = _RELEASE.match(built.go)
        yield Finding("golang", None, "stdlib", release.group(1) if release else None, None, None, found.path)
