"""The files of a package, from the header that rpm's database has of it (rpm's lib/rpmfi.c)."""

from __future__ import annotations

from itertools import compress, repeat
from typing import TYPE_CHECKING, NamedTuple

from agent.formats import rpm_header as tags
from agent.formats.rpmdb import Damaged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from agent.formats.rpm_header import Header

_ALGORITHMS = {
    1: "md5",
    2: "sha1",
    8: "sha256",
    9: "sha384",
    10: "sha512",
    11: "sha224",
    12: "sha3-256",
    14: "sha3-512",
}
"""Names of OpenPGP's numbers of digests (RFC 9580, 9.5), of which rpm has one for all files of a package."""
_MD5 = 1
_CONFIGURATION, _GHOST = 1 << 0, 1 << 6
"""Flags of a file (rpmfileAttrs)."""
_DIGEST_IS_VERIFIED = 1 << 0
"""Of what is verified of a file (rpmVerifyFlags)."""
_ABSENT = bytes((1, 2, 4))
"""States of files that are not there as this package has them: replaced by another package, not installed, of another architecture."""
_TYPE, _DIRECTORY = 0o170000, 0o040000


class File(NamedTuple):
    """A file that a package installed.

    path: Absolute path.
    digest: Algorithm and hexadecimal digest of its content; None where it has none, as a link, or may have any:
        what the package does not bring (%ghost), and what it has rpm not verify (%verify(not filedigest)).
    configuration: Whether it is meant to be edited (%config).
    """

    path: str
    digest: str | None
    configuration: bool


def paths(header: Header) -> Iterator[str]:
    """Give the paths of all that a package installed and that is no directory, those that it does not bring (%ghost) too.

    Damaged where the header's lists do not fit together.
    """
    return compress(_paths(header), _installed(header))


def files(header: Header) -> Iterator[File]:
    """Give the files and directories that a package owns, the latter without a digest; Damaged where the header's lists do not fit together."""
    count = _count(header)
    algorithm = _ALGORITHMS.get(header.number(tags.FILE_DIGEST_ALGORITHM) or _MD5)
    flags = _aligned(header.numbers(tags.FILE_FLAGS), count)
    digests = header.texts(tags.FILE_DIGESTS) if header.count(tags.FILE_DIGESTS) == count else repeat("", count)
    verified = _aligned(header.numbers(tags.FILE_VERIFY_FLAGS), count, _DIGEST_IS_VERIFIED)
    for path, installed, flag, verify, digest in zip(
        _paths(header), _installed(header, directories=True), flags, verified, digests
    ):
        if installed:
            fixed = verify & _DIGEST_IS_VERIFIED and not flag & _GHOST
            yield File(path, _digest(algorithm, digest) if fixed else None, bool(flag & _CONFIGURATION))


def _paths(header: Header) -> Iterator[str]:
    """Give the paths of all files; before rpm 4 they were not taken apart into directories and names."""
    if not header.count(tags.BASE_NAMES):
        yield from header.texts(tags.OLD_FILE_NAMES)
        return
    folders = list(header.texts(tags.DIR_NAMES))
    indexes = header.numbers(tags.DIR_INDEXES)
    if len(indexes) != _count(header):
        raise Damaged("not every file of the header is in a directory")
    try:
        for index, name in zip(indexes, header.texts(tags.BASE_NAMES)):
            yield folders[index] + name
    except IndexError:
        raise Damaged("a file of the header is in a directory that is not there") from None


def _installed(header: Header, directories: bool = False) -> list[bool]:
    """Tell of each file whether it is there as this package has it, and is no directory unless they are asked for."""
    count = _count(header)
    modes = _aligned(header.numbers(tags.FILE_MODES), count)
    states = header.binary(tags.FILE_STATES) or b""
    wanted = [directories or mode & _TYPE != _DIRECTORY for mode in modes]
    if not states.strip(b"\0"):
        return wanted
    return [is_wanted and state not in _ABSENT for is_wanted, state in zip(wanted, _aligned(states, count))]


def _count(header: Header) -> int:
    return header.count(tags.BASE_NAMES) or header.count(tags.OLD_FILE_NAMES)


def _aligned(numbers: Sequence[int], count: int, default: int = 0) -> Iterable[int]:
    """Give a number for each file: the default where the header has none at all."""
    if not numbers:
        return repeat(default, count)
    if len(numbers) != count:
        raise Damaged("the lists of files of the header are of different lengths")
    return numbers


def _digest(algorithm: str | None, digest: str) -> str | None:
    if not algorithm or not digest or digest.strip("0123456789abcdef"):
        return None
    return f"{algorithm}:{digest}"
