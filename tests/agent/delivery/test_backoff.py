"""Waits are random, bounded, and outlive neither a success nor a clock that was set."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.delivery.backoff import DeliveryState, read_delivery, write_delivery

NOW = 1_800_000_000
CHANCES = st.floats(0, 1, exclude_max=True)


@given(st.integers(0, 10**6), CHANCES)
def test_a_wait_lies_under_a_clamp_that_doubles(failures, chance):
    state = DeliveryState(failures=failures).failed(NOW, "down", None, lambda: chance)
    clamp = min(900, 5 * 2 ** min(failures, 20))
    assert 0 <= state.wait(NOW) <= clamp + 1 + (120 if failures == 0 else 0)
    assert state.failures == failures + 1


@pytest.mark.parametrize(("failures", "clamp"), [(1, 10), (2, 20), (3, 40), (5, 160), (7, 640), (8, 900), (40, 900)])
def test_the_clamp_doubles_with_every_failure_and_is_reached(failures, clamp):
    state = DeliveryState(failures=failures)
    assert state.failed(NOW, "down", None, lambda: 1 - 1e-9).wait(NOW) == clamp
    assert state.failed(NOW, "down", None, lambda: 0.5).wait(NOW) == clamp // 2
    assert state.failed(NOW, "down", None, lambda: 0.0).wait(NOW) == 0


def test_the_first_retries_of_many_hosts_are_spread_over_two_minutes_more():
    assert DeliveryState().failed(NOW, "down", None, lambda: 1 - 1e-9).wait(NOW) == 5 + 120


@given(st.integers(0, 10**9), CHANCES)
def test_what_the_backend_asks_for_is_kept_with_up_to_a_quarter_more_and_at_most_a_day(asked, chance):
    wait = DeliveryState().failed(NOW, "busy", asked, lambda: chance).wait(NOW)
    assert min(asked, 86400) <= wait <= min(asked, 86400) * 1.25 + 1


@given(st.integers(-(10**9), 10**9), CHANCES)
def test_no_clock_makes_a_wait_longer_than_it_was_meant_to_be(jump, chance):
    state = DeliveryState().failed(NOW, "busy", 900, lambda: chance)
    assert state.wait(NOW + jump) <= state.wait(NOW)


def test_a_success_ends_the_waiting():
    state = DeliveryState(heartbeat_at=5).failed(NOW, "down", 900, lambda: 0.5).succeeded(NOW)
    assert (state.wait(NOW), state.failures, state.error, state.delivered_at, state.heartbeat_at) == (
        0,
        0,
        None,
        NOW,
        5,
    )


def test_the_state_is_kept_across_processes(tmp_path):
    state = DeliveryState().failed(NOW, "down", None, lambda: 0.5)
    write_delivery(str(tmp_path), state)
    assert read_delivery(str(tmp_path)) == state
