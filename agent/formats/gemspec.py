"""Specifications of installed gems, which RubyGems generates: read as text, never evaluated.

RubyGems writes one assignment a line, strings as Ruby literals (lib/rubygems/specification.rb, to_ruby), and since 2.2
a line `# stub: name version platform require_paths` that it reads itself instead of evaluating the rest.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from agent.formats.manifest import license_in, name_in, some_of, text

if TYPE_CHECKING:
    from agent.formats.license import License

_STRING = re.compile(r'(?:"|%q\{)([^"}]*)["}]')
_NAMES_LIMIT = 1000


class Gem(NamedTuple):
    """An installed gem.

    name: Its name.
    version: Its version, without the platform.
    license: Its licence.
    executables: Names of the commands that it installs.
    """

    name: str
    version: str | None
    license: License
    executables: tuple[str, ...]


def parse(content: bytes) -> Gem:
    """Read a generated specification; ValueError when it has no name or one that cannot be one."""
    source = content.decode("utf-8", "replace")
    stub = _line(source, "# stub: ").split()
    if len(stub) < 2:
        stub = [*(_strings(source, "name") or [""])[:1], *(_strings(source, "version") or [""])[:1]]
    licenses = some_of(map(license_in, _strings(source, "licenses")))
    return Gem(name_in(stub[0]), text(stub[1]), licenses, tuple(_strings(source, "executables")))


def _strings(source: str, attribute: str) -> list[str]:
    """Give the string literals that are assigned to an attribute."""
    literals = _STRING.finditer(_line(source, f"  s.{attribute} = "))
    return [literal[1] for literal in islice(literals, _NAMES_LIMIT)]


def _line(source: str, start: str) -> str:
    """Give the rest of the first line that starts so; empty without one."""
    at = source.find(f"\n{start}")
    if at < 0:
        return ""
    end = source.find("\n", at + 1)
    return source[at + 1 + len(start) : end if end >= 0 else None]
