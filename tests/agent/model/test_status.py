"""Absence is proven by a complete collection, and by a partial one where no gap hides the key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.model.status import COMPLETE, PARTIAL, STATUSES, absence_is_removal

HIDES = st.lists(st.one_of(st.none(), st.text(max_size=4)), max_size=4)


@given(HIDES, st.text())
def test_a_complete_collection_proves_absence(hides, key):
    assert absence_is_removal(COMPLETE, hides, key)


@pytest.mark.parametrize("status", sorted(set(STATUSES) - {COMPLETE, PARTIAL}))
@given(HIDES, st.text())
def test_a_collection_that_failed_proves_nothing(status, hides, key):
    assert not absence_is_removal(status, hides, key)


@pytest.mark.parametrize(
    ("hides", "key", "removal"),
    [
        ([], "dpkg:a", False),
        ([None], "dpkg:a", True),
        (["dpkg:"], "dpkg:a", False),
        (["rpm:"], "dpkg:a", True),
        ([None, "dpkg:"], "dpkg:a", False),
        ([""], "dpkg:a", False),
    ],
)
def test_a_partial_collection_proves_what_no_gap_hides(hides, key, removal):
    assert absence_is_removal(PARTIAL, hides, key) is removal
