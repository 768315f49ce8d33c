"""A root in which files are looked up: what was listed and parsed of it once is kept for the next file."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from agent.host.errors import LimitReached, gap
from agent.host.found import Found, Reads
from agent.host.listing import ANY_EXECUTE
from agent.host.reading import require_regular
from agent.inventory.language_package import LanguagePackages
from agent.inventory.languages import load
from agent.inventory.shown import MOST
from agent.model.records import Gap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agent.host.root import HostRoot
    from agent.inventory.languages import Finding, Parser
    from agent.model.records import LanguagePackage

_FILES = 20_000
"""Files that are parsed for one tree; the largest site-packages seen has less than a thousand."""
_DIRECTORIES = 20_000


class Described(NamedTuple):
    """A package as a file describes it.

    package: Its record, as the section packages has it but for the owner, which is not looked for.
    claims: What it says that it owns, as in Finding.
    """

    package: LanguagePackage
    claims: tuple[str, ...]


class Tree:
    """A root, with what is known of it.

    report: Is given what could not be read; the path is what the gap hides.
    """

    def __init__(self, root: HostRoot, report: Callable[[Gap], None]) -> None:
        self.root = root
        self.report = report
        self._names: dict[str, tuple[str, ...]] = {}
        self._described: dict[tuple[str, str], tuple[Described, ...]] = {}
        self._parsed_files = 0

    def names(self, folder: str) -> tuple[str, ...]:
        """Give the names in a directory, sorted; none where it is absent or cannot be listed, which is reported."""
        if folder not in self._names:
            self._names[folder] = self._listed(folder)
        return self._names[folder]

    def described(self, path: str, language: str) -> tuple[Described, ...]:
        """Give what the parser of a language says of a file; nothing for one that is absent or no regular file."""
        if (path, language) not in self._described:
            records = LanguagePackages(licenses=False)
            findings = self.findings(path, language)
            described = tuple(Described(records.record(each, None), each.claims) for each in findings)
            self._described[path, language] = described
        return self._described[path, language]

    def findings(self, path: str, language: str) -> list[Finding]:
        """Give the same as it was found, which is not kept."""
        return list(self._parsed(path, language))

    def read(self, path: str, limit: int) -> bytes:
        """Read a file; nothing where it is absent or cannot be read, which is reported."""
        try:
            return self.root.read(path, limit)
        except (FileNotFoundError, NotADirectoryError):
            return b""
        except (OSError, LimitReached) as error:
            self.report(gap(path, error, path))
            return b""

    def _listed(self, folder: str) -> tuple[str, ...]:
        try:
            if len(self._names) >= _DIRECTORIES:
                raise LimitReached(f"more than {_DIRECTORIES} directories would be listed")
            return tuple(self.root.names(folder))
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except (OSError, LimitReached) as error:
            self.report(gap(folder, error, folder))
            return ()

    def _parsed(self, path: str, language: str) -> Iterator[Finding]:
        parser = load(language)
        try:
            self._parsed_files += 1
            if self._parsed_files > _FILES:
                raise LimitReached(f"more than {_FILES} files would be parsed")
            with found_at(self.root, path) as found:
                if not _wants(parser, found):
                    return
                for number, outcome in enumerate(parser.packages(found)):
                    if number >= MOST:
                        raise LimitReached(f"it tells of more than {MOST} packages")
                    if isinstance(outcome, Gap):
                        self.report(outcome)
                    else:
                        yield outcome
        except (FileNotFoundError, NotADirectoryError):
            return
        except (OSError, LimitReached, RecursionError) as error:
            self.report(gap(path, error, path))


@contextmanager
def found_at(root: HostRoot, path: str) -> Iterator[Found]:
    """Open the regular file at a path as parsers want it; OSError as the kernel's. Its last name is no link that is followed."""
    folder, _, name = path.rpartition("/")
    with root.directory(folder or "/") as directory:
        status = directory.stat(name)
        require_regular(status.st_mode, path)
        found = Found(directory.fd, path, status.st_size, bool(status.st_mode & ANY_EXECUTE), Reads(root.observe))
        try:
            yield found
        finally:
            found.close()


def folders_above(path: str) -> Iterator[str]:
    """Give the directories above a file, the nearest first, / not among them."""
    at = path.rfind("/")
    while at > 0:
        yield path[:at]
        at = path.rfind("/", 0, at)


def _wants(parser: Parser, found: Found) -> bool:
    """Tell whether a walk would show a file to a parser."""
    name = found.name
    return name in parser.NAMES or name.lower().endswith(parser.ENDINGS) or found.form() in parser.FORMS
