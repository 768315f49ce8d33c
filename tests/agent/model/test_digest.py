"""The set digest forgets the order and nothing else."""

from __future__ import annotations

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from agent.model.digest import SetDigest


def digest_of(stables: list[bytes]) -> SetDigest:
    digest = SetDigest()
    for stable in stables:
        digest.add(stable)
    return digest


@given(st.lists(st.binary()), st.randoms())
def test_the_order_does_not_matter(stables, random):
    shuffled = list(stables)
    random.shuffle(shuffled)
    assert digest_of(shuffled).hex() == digest_of(stables).hex()


@given(st.lists(st.binary()), st.binary())
def test_what_is_added_and_removed_leaves_no_trace(stables, other):
    digest = digest_of(stables)
    digest.add(other)
    assert digest.hex() != digest_of(stables).hex()
    digest.remove(other)
    assert digest.hex() == digest_of(stables).hex()


@given(st.lists(st.binary()))
def test_a_digest_goes_on_from_its_text(stables):
    digest = SetDigest(digest_of(stables).hex())
    digest.add(b"more")
    assert digest.hex() == digest_of([*stables, b"more"]).hex()


def test_one_record_has_its_own_hash_and_none_has_zero():
    assert digest_of([b"a"]).hex() == sha256(b"a").hexdigest()
    assert digest_of([]).hex() == "0" * 64
