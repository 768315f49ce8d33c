from __future__ import annotations

from agent.inventory.unseen import Unseen
from agent.model.records import Gap


def test_a_gap_hides_the_keys_of_what_may_be_there() -> None:
    unseen = Unseen()
    unseen.add(Gap("/opt/app-1.2", "denied", "x", "/opt/app-1.2/"))
    unseen.add(Gap("owners", "denied", "x", None))
    assert [gap.hides for gap in unseen.taken()] == ["/opt/app-", None]
    assert list(unseen.taken()) == []


def test_beyond_a_thousand_the_rest_is_one_gap_that_hides_everything() -> None:
    unseen = Unseen()
    for number in range(5000):
        unseen.add(Gap(f"/{number}", "denied", "x", f"/{number}/"))
    gaps = list(unseen.taken())
    assert len(gaps) == 1001
    assert [(gap.subject, gap.hides) for gap in gaps[-2:]] == [("/999", "/"), ("file tree", "/")]
