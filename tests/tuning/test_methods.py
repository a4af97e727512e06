"""Laws of the methods: equal budgets, points in the cube, even coverage."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optbench.contract.hyperparameters import Hyper
from optbench.tuning import grid, halving, quasirandom, random
from optbench.tuning.grid import counts
from optbench.tuning.halving import ETA, rungs

REAL = Hyper(0.5, 0.0, 1.0)
METHODS = {"random": random.points, "quasirandom": quasirandom.points, "grid": grid.points}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("trials", "dimensions"), [(1, 1), (8, 1), (8, 2), (9, 2), (8, 5), (50, 3)])
def test_points_lie_in_the_cube_and_within_the_budget(method, trials, dimensions):
    points = METHODS[method](trials, [REAL] * dimensions, np.random.default_rng(0))
    assert points.shape[1] == dimensions
    assert 1 <= len(points) <= trials
    assert method == "grid" or len(points) == trials
    assert ((points >= 0) & (points <= 1)).all()
    assert len(np.unique(points, axis=0)) == len(points)


@pytest.mark.parametrize("method", ["random", "quasirandom"])
def test_a_generator_decides_the_points(method):
    draw = METHODS[method]
    first, again, other = (draw(8, [REAL] * 2, np.random.default_rng(s)) for s in (1, 1, 2))
    assert (first == again).all()
    assert not np.isclose(first, other).any()


@pytest.mark.parametrize(("trials", "dimensions"), [(0, 1), (1, 0), (1, 1), (8, 2), (1000, 3), (33, 40)])
def test_quasi_random_points_are_those_of_scipy_to_the_bit(trials, dimensions):
    from scipy.stats import qmc

    ours, theirs = np.random.default_rng(trials), np.random.default_rng(trials)
    for _ in range(2):
        points = quasirandom.points(trials, [REAL] * dimensions, ours)
        expected = qmc.Halton(dimensions, scramble=True, rng=theirs).random(trials)
        assert points.shape == expected.shape
        assert (points == expected).all()
    assert ours.bit_generator.state == theirs.bit_generator.state


def test_quasi_random_points_fall_into_different_parts():
    for seed in range(5):
        points = quasirandom.points(8, [REAL], np.random.default_rng(seed))
        assert sorted((points[:, 0] * 8).astype(int)) == list(range(8))
        points = quasirandom.points(9, [REAL] * 2, np.random.default_rng(seed))
        assert sorted((points[:, 1] * 9).astype(int)) == list(range(9))


@pytest.mark.parametrize(
    ("trials", "most", "expected"),
    [
        (9, [math.inf, math.inf], [3, 3]),
        (8, [math.inf, math.inf], [4, 2]),
        (7, [math.inf, math.inf], [3, 2]),
        (8, [math.inf] * 3, [2, 2, 2]),
        (8, [math.inf] * 4, [2, 2, 2, 1]),
        (8, [math.inf], [8]),
        (8, [2, math.inf], [2, 4]),
        (8, [2, 2], [2, 2]),
        (1, [math.inf] * 2, [1, 1]),
        (8, [], []),
    ],
)
def test_a_grid_is_as_even_as_the_budget_allows(trials, most, expected):
    assert counts(trials, most) == expected


@given(st.integers(1, 500), st.lists(st.one_of(st.just(math.inf), st.integers(1, 9)), min_size=1, max_size=6))
def test_a_grid_uses_what_it_can_of_the_budget(trials, most):
    found = counts(trials, most)
    total = math.prod(found)
    assert total <= trials
    for n, limit in zip(found, most, strict=True):
        assert 1 <= n <= limit
        # nothing can be divided more finely
        assert n == limit or total // n * (n + 1) > trials


def test_a_grid_is_full_and_in_the_middle_of_equal_parts():
    points = grid.points(6, [REAL, REAL], np.random.default_rng(0))
    assert points.tolist() == [[1/6, .25], [1/6, .75], [.5, .25], [.5, .75], [5/6, .25], [5/6, .75]]  # fmt: skip


@given(st.integers(1, 1000), st.integers(1, 5000))
def test_halving_costs_no_more_than_the_same_number_of_full_trainings(trials, budget):
    ladder = rungs(trials, budget)
    assert sum(r.count * r.budget for r in ladder) <= trials * budget
    assert ladder[-1].budget == budget
    assert all(r.count >= 1 and r.budget >= 1 for r in ladder)
    for short, long in itertools.pairwise(ladder):
        assert short.budget < long.budget
        assert long.count == short.count // ETA


@given(st.integers(1, 1000), st.sampled_from([9, 27, 90, 900, 9000]))
def test_halving_uses_nearly_the_whole_budget(trials, budget):
    # Whole settings only: each rung may leave up to one of its own trainings unused.
    ladder = rungs(trials, budget)
    assert sum((r.count + 1) * r.budget for r in ladder) >= trials * budget - budget


@pytest.mark.parametrize(
    ("trials", "budget", "expected"),
    [
        (9, 90, [(27, 10), (9, 30), (3, 90)]),
        (8, 20, [(24, 2), (8, 6), (2, 20)]),
        (8, 5, [(12, 1), (4, 5)]),
        (2, 90, [(3, 30), (1, 90)]),
        (1, 90, [(1, 90)]),
        (8, 2, [(8, 2)]),
    ],
)
def test_rungs(trials, budget, expected):
    assert [(r.count, r.budget) for r in halving.rungs(trials, budget)] == expected
