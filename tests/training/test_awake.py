"""Seconds that a process ran."""

import math

import pytest

from optbench.training import awake
from optbench.training.awake import SLICE, TICK, AwakeClock


class Clocks:
    """Two clocks by hand: that of the wall and that of the processor."""

    wall = busy = 0.0

    def pass_by(self, seconds, share=1.0):
        self.wall += seconds
        self.busy += share * seconds


@pytest.fixture
def clocks():
    return Clocks()


@pytest.fixture
def clock(clocks):
    return AwakeClock(lambda: clocks.wall, lambda: clocks.busy)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_process_that_is_looked_at_counts_whole(clocks, clock, share):
    """Also one that only waits."""
    for _ in range(100):
        clocks.pass_by(TICK, share)
        clock.look()
    assert clock.now() == pytest.approx(100 * TICK)


def test_hours_of_sleep_are_a_slice(clocks, clock):
    clocks.pass_by(0.5)
    clock.look()
    clocks.pass_by(10_000, share=0)
    assert clock.now() == pytest.approx(0.5 + SLICE)
    clock.look()
    clocks.pass_by(0.25)
    assert clock.now() == pytest.approx(0.75 + SLICE)


def test_a_call_that_lets_no_other_thread_run_counts_whole(clocks, clock):
    clocks.pass_by(30, share=0.9)
    assert clock.now() == pytest.approx(27)


def test_deadlines():
    assert awake.after(None) == math.inf
    assert not awake.expired(math.inf)
    assert not awake.expired(awake.after(1e6))
    assert awake.expired(awake.after(1e-9))
