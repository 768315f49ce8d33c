"""A deadline ends any waiting, and leaves a timer that was running before as it found it."""

from __future__ import annotations

import os
import signal

import pytest

from agent.delivery.deadline import TooSlow, deadline


class Outer(Exception):
    pass


@pytest.fixture
def endless():
    reader, writer = os.pipe()
    yield lambda: os.read(reader, 1)
    os.close(reader)
    os.close(writer)


@pytest.fixture
def outer_timer():
    def ring(*_):
        raise Outer

    before = signal.signal(signal.SIGALRM, ring)
    yield lambda seconds: signal.setitimer(signal.ITIMER_REAL, seconds)
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def test_waiting_ends_at_the_deadline(endless):
    with pytest.raises(TooSlow), deadline(0.01):
        endless()
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_what_ends_in_time_is_left_alone():
    with deadline(60):
        pass
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_the_limit_of_the_process_acts_when_it_ends_first(endless, outer_timer):
    outer_timer(0.01)
    with pytest.raises(Outer), deadline(60):
        endless()


def test_the_limit_of_the_process_goes_on_after_the_deadline(endless, outer_timer):
    outer_timer(0.05)
    with pytest.raises(TooSlow), deadline(0.01):
        endless()
    with pytest.raises(Outer):
        endless()
