"""Software that lies on the file systems: packages of languages, and programs that no package owns, in one walk."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from agent.databases.owners import owners
from agent.host.errors import gap
from agent.host.walk import USUAL, TreeWalk
from agent.inventory.executables import FORMS, Program, executables
from agent.inventory.language_package import LanguagePackages, file_of
from agent.inventory.unowned import Unowned
from agent.inventory.unseen import Unseen
from agent.model.parts import EXECUTABLES, LICENSES
from agent.model.records import Gap, Walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agent.databases import Database
    from agent.host.fixed_mounts import FixedMounts
    from agent.host.found import Found
    from agent.host.root import HostRoot
    from agent.host.walk import Budget
    from agent.inventory.languages import Finding
    from agent.inventory.shown import Parsers
    from agent.model.records import LanguagePackage, Record

_BATCH = 20_000
"""Findings and executables whose owners are looked for at once: the lists of all packages are read for each batch."""


class Software:
    """One walk over a root for all that is asked for.

    databases: Package databases whose lists tell who owns a file.
    parts: Parts of the section that are asked for, of those that a walk can tell of.
    """

    def __init__(self, root: HostRoot, databases: Sequence[Database], parsers: Parsers, parts: tuple[str, ...]) -> None:
        self._root = root
        self._databases = databases
        self._parsers = parsers
        self._packages = LanguagePackages(LICENSES in parts)
        self._parts = parts
        self._asked_for_programs = EXECUTABLES in parts
        self._findings: list[Finding] = []
        self._programs: list[Program] = []
        self._unowned = Unowned()
        self._unseen = Unseen()

    def records(self, budget: Budget = USUAL, mounts: FixedMounts | None = None) -> Iterator[Record]:
        """Give the packages of languages as they are met, then the programs, then the record of the walk itself.

        What the walk does not reach is a gap that hides the keys of all that may be there.

        mounts: The mounts below the root, where they were read before.
        """
        started_at = int(time.time())
        try:
            walk = TreeWalk(self._root, self._parsers.wanted, budget, self._unseen.add, mounts)
        except (OSError, ValueError) as error:
            yield gap("file tree", error, "/")
            return
        with walk:
            yield from self._of_files(walk)
            yield from self._of_programs(walk)
        excluded = tuple(sorted(walk.excluded))
        yield Walk(walk.entries, walk.directories, walk.reads.count, excluded, started_at, self._parts)

    def _of_files(self, walk: TreeWalk) -> Iterator[Record]:
        for found in walk.files():
            form = self._form(found)
            if form is None:
                continue
            if self._asked_for_programs and form in FORMS:
                self._programs.append(Program(found.path, found.size, form))
            for outcome in self._parsers.packages(found, form):
                self._take(outcome)
                if len(self._findings) >= _BATCH:
                    yield from self._batch()
            if len(self._programs) >= _BATCH:
                yield from self._batch()
            yield from self._unseen.taken()
        yield from self._batch()
        yield from self._unseen.taken()

    def _form(self, found: Found) -> str | None:
        """Tell what an executable is, empty for all other files; None where it cannot be read."""
        if not found.executable:
            return ""
        try:
            return found.form()
        except FileNotFoundError:
            return None
        except OSError as error:
            self._unseen.add(gap(found.path, error, found.path))
            return None

    def _take(self, outcome: Finding | Gap) -> None:
        if isinstance(outcome, Gap):
            self._unseen.add(outcome)
        else:
            self._findings.append(outcome)

    def _batch(self) -> Iterator[LanguagePackage]:
        """Look for the owners of what was gathered and give the packages; programs without an owner wait for the end."""
        findings, self._findings = self._findings, []
        programs, self._programs = self._programs, []
        paths = [file_of(finding) for finding in findings]
        paths += (program.path for program in programs)
        owned = owners(self._databases, self._root, paths, self._unseen.add) if paths else {}
        self._unowned.add(program for program in programs if program.path not in owned)
        for finding in findings:
            owner = owned.get(file_of(finding))
            if self._asked_for_programs and owner is None:
                self._unowned.claim(finding.claims)
            yield self._packages.record(finding, owner)

    def _of_programs(self, walk: TreeWalk) -> Iterator[Record]:
        yield from self._unowned.limits()
        yield from executables(self._unowned.programs(), walk)
