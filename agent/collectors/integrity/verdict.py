"""What a file is beside what packages shipped at its path: as shipped, edited where that is meant, or neither."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

ALGORITHMS = frozenset(("md5", "sha1", "sha224", "sha256", "sha384", "sha512"))
"""Algorithms that are computed, as hashlib names them; a file that was shipped with another is not compared."""


class Candidate(NamedTuple):
    """A package that ships a path.

    owner: Key of the package's record.
    digest: Algorithm and hexadecimal digest of the file as it was shipped, md5:...; None where the database has none.
    configuration: Whether the package means it to be edited.
    """

    owner: str
    digest: str | None
    configuration: bool


def algorithms(candidates: tuple[Candidate, ...]) -> frozenset[str]:
    """Give the algorithms by which a file can be compared, besides SHA-256; names of hashlib."""
    named = {candidate.digest.partition(":")[0] for candidate in candidates if candidate.digest}
    return ALGORITHMS & named - {"sha256"}


def compared(candidates: tuple[Candidate, ...], digests: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Give the verdict on a file that packages ship, one at least, and the key of its owner.

    packaged where any shipped digest is the file's; else none while any of the packages may have shipped anything;
    else contradicts, unless all of them mean the file to be edited (one may have done so before another took it over).

    digests: Hexadecimal digests of the file by algorithm; empty for what is no regular file and what was not read.
    """
    unknown = edited = altered = None
    for owner, digest, configuration in candidates:
        algorithm, _, shipped = (digest or "").partition(":")
        actual = digests.get(algorithm)
        if actual is None:
            unknown = unknown or owner
        elif actual == shipped:
            return "packaged", owner
        elif configuration:
            edited = edited or owner
        else:
            altered = altered or owner
    if unknown:
        return None, unknown
    return ("contradicts", altered) if altered else ("configured", edited)
