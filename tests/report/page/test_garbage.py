import gc

import pytest

from optbench.report.page.garbage import seldom


def test_the_collector_is_as_before_whatever_happens():
    before = gc.get_threshold()
    seen = []
    with pytest.raises(KeyboardInterrupt), seldom():
        interrupted(seen)
    assert seen[0][0] > before[0]
    assert gc.get_threshold() == before


def interrupted(seen):
    seen.append(gc.get_threshold())
    raise KeyboardInterrupt


def test_cycles_are_still_collected():
    class Cycle:
        alive = 0

        def __init__(self):
            Cycle.alive += 1
            self.own = self

        def __del__(self):
            Cycle.alive -= 1

    with seldom():
        for _ in range(100_000):
            Cycle()
        assert Cycle.alive < 100_000
