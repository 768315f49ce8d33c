"""To which packages of languages a file belongs: asked from the file, so that nothing but what lies around it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from agent.model.records import LanguagePackage


class Part(NamedTuple):
    """A package that a file is a part of.

    package: Its record, as the section packages has it but for the owner, which is not looked for.
    through: The file itself where it holds more than this package: a program that a module was built into, an archive
        with archives in it.
    """

    package: LanguagePackage
    through: str | None = None
