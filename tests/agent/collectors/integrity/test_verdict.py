from __future__ import annotations

import pytest

from agent.collectors.integrity.verdict import Candidate, algorithms, compared

ACTUAL = {"sha256": "22", "md5": "11"}
SAME, OTHER, UNKNOWN = Candidate("a", "md5:11", False), Candidate("b", "md5:99", False), Candidate("c", None, False)
EDITED = Candidate("d", "md5:99", True)


@pytest.mark.parametrize(
    ("candidates", "verdict"),
    [
        ((SAME,), ("packaged", "a")),
        ((Candidate("a", "sha256:22", True),), ("packaged", "a")),
        ((OTHER,), ("contradicts", "b")),
        ((EDITED,), ("configured", "d")),
        ((UNKNOWN,), (None, "c")),
        ((Candidate("a", "sha3-256:22", False),), (None, "a")),
        ((OTHER, SAME), ("packaged", "a")),
        ((UNKNOWN, SAME), ("packaged", "a")),
        ((OTHER, UNKNOWN), (None, "c")),
        ((EDITED, OTHER), ("contradicts", "b")),
        ((OTHER, EDITED), ("contradicts", "b")),
    ],
)
def test_a_file_is_what_one_of_its_packages_shipped_or_else_what_all_of_them_allow(
    candidates: tuple[Candidate, ...], verdict: tuple[str | None, str]
) -> None:
    assert compared(candidates, ACTUAL) == verdict


def test_a_file_that_was_not_read_has_an_owner_and_no_verdict() -> None:
    assert compared((OTHER,), {}) == (None, "b")


def test_besides_sha256_the_algorithms_are_those_that_packages_used_and_that_are_computed() -> None:
    digests = ("md5:1", "sha1:1", "sha256:1", "sha3-256:1", None)
    assert algorithms(tuple(Candidate("a", digest, False) for digest in digests)) == {"md5", "sha1"}
    assert algorithms(()) == frozenset()
