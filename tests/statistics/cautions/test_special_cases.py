"""A candidate behind its special case: significantly, or by the median, and never where it is ahead."""

import pytest

from optbench.registry.registry import registry
from optbench.statistics.cautions.special_cases import declared_cases, special_cases

CASES = {"momentum": (("sgd", {"beta": 0.0}),), "ema": (("inner", {"beta": 0.0}),)}
SLOW, QUICK = [20, 22, 21, 24, 23, 25], [10, 11, 12, 10, 12, 11]


def pair(make, **fields):
    search = {"lr": make.LR, "beta": make.BETA}
    general = make.candidate("general", optimizer=make.optimizer("momentum", beta=0.9, search=search), **fields)
    return general, make.candidate("special")


def found(make, general, special, trials, equal=None, **tuning):
    return list(special_cases({**make.suite(general, special, **tuning), "equal": equal}, trials, CASES))


def test_significantly(make):
    general, special = pair(make)
    trials = make.trials(make.rows("general", steps=SLOW), make.rows("special", steps=QUICK))
    (caution,) = found(make, general, special, trials)
    assert (caution.kind, caution.workload, caution.candidate) == ("special-case", "w", "general")
    assert caution.message.startswith("loses to special, its special case at beta = 0.0".removesuffix(".0"))
    assert "significantly: 11.5 [" in caution.message  # 22.5 - 11 steps
    assert caution.message.endswith("its range of beta, 0.5 … 0.99, leaves that out")


def test_what_the_suite_leaves_unsearched_is_told(make):
    trials = make.trials(make.rows("general", steps=SLOW), make.rows("special", steps=QUICK))
    (caution,) = found(make, *pair(make), trials, first=1)
    assert caution.message.endswith("; beta was not searched")


@pytest.mark.parametrize(("margin", "cautions"), [(0.05, 1), (0.2, 0)])
def test_equals_have_not_lost_to_each_other(make, margin, cautions):
    """A tenth slower on every seed: within a margin of a fifth, whatever the medians say."""
    steps = [200, 220, 210, 240, 230, 250]
    trials = make.trials(
        make.rows("general", steps=[1.1 * t for t in steps]),
        make.rows("special", steps=[t + n for t, n in zip(steps, [1, -1, 2, -2, 1, -1], strict=True)]),
    )
    assert len(found(make, *pair(make), trials, {"time": margin})) == cautions


@pytest.mark.parametrize(("margin", "cautions"), [(0.05, 1), (0.2, 0)])
def test_by_the_median_less_than_the_margin_is_level(make, margin, cautions):
    trials = make.trials(make.rows("general", steps=[110] * 3), make.rows("special", steps=[100] * 3))
    assert len(found(make, *pair(make), trials, {"time": margin})) == cautions


def test_over_several_workloads_it_is_relative(make):
    general, special = pair(make)
    trials = make.trials(
        *(make.rows("general", w, steps=SLOW[:3]) for w in "uvw"), *(make.rows("special", w, QUICK[:3]) for w in "uvw")
    )
    (caution,) = found(make, general, special, trials)
    assert caution.workload == ""
    assert "%" in caution.message
    assert "over 3 workloads" in caution.message


def test_by_the_median_where_seeds_do_not_suffice(make):
    general, special = pair(make)
    trials = make.trials(make.rows("general", steps=SLOW[:3]), make.rows("special", steps=QUICK[:3]))
    (caution,) = found(make, general, special, trials)
    assert "behind special" in caution.message
    assert "by the median steps to target (not significant)" in caution.message


@pytest.mark.parametrize("steps", [QUICK, [5] * 6])
def test_not_where_it_is_level_or_ahead(make, steps):
    general, special = pair(make)
    trials = make.trials(make.rows("general", steps=steps), make.rows("special", steps=QUICK))
    assert not found(make, general, special, trials)


def test_ahead_on_most_workloads_is_not_behind(make):
    general, special = pair(make)
    trials = make.trials(
        *(make.rows("general", w, steps=s) for w, s in zip("uvw", ([9] * 3, [9] * 3, [12] * 3), strict=True)),
        *(make.rows("special", w, steps=[10] * 3) for w in "uvw"),
    )
    assert not found(make, general, special, trials)


def test_a_miss_is_behind_any_time(make):
    general, special = pair(make)
    trials = make.trials(make.rows("general", steps=[float("inf")] * 3), make.rows("special", steps=[90] * 3))
    assert len(found(make, general, special, trials)) == 1
    # nobody reached the target: nothing can be said
    trials = make.trials(*(make.rows(name, steps=[float("inf")] * 3) for name in ("general", "special")))
    assert not found(make, general, special, trials)


def test_without_a_target_the_loss_decides(make):
    general, special = pair(make)
    trials = make.trials(
        make.rows("general", target_metric=None, steps_to_target=float("nan"), final_validation_loss=0.3),
        make.rows("special", target_metric=None, steps_to_target=float("nan"), final_validation_loss=0.2),
    )
    (caution,) = found(make, general, special, trials)
    assert "more final validation loss" in caution.message


def test_other_components_make_another_comparison(make):
    general, special = pair(make, schedule={"name": "cosine", "search": {}})
    trials = make.trials(make.rows("general", steps=SLOW), make.rows("special", steps=QUICK))
    assert not found(make, general, special, trials)


def test_a_wrapper_contains_what_it_wraps(make):
    wrapped = {"name": "ema", "beta": 0.9, "inner": {"name": "sgd", "lr": 0.1}, "search": {"inner.lr": make.LR}}
    trials = make.trials(make.rows("general", steps=SLOW), make.rows("special", steps=QUICK))
    (caution,) = found(make, make.candidate("general", optimizer=wrapped), make.candidate("special"), trials)
    assert caution.message.endswith("beta was not searched")
    other = make.candidate("special", optimizer=make.optimizer("adam"))
    assert not found(make, make.candidate("general", optimizer=wrapped), other, trials)
    # fixed at the special case it is the same method
    same = make.candidate("general", optimizer={**wrapped, "beta": 0.0})
    assert not found(make, same, make.candidate("special"), trials)


def test_cases_are_those_that_components_declare(make):
    suite = make.suite(
        make.candidate("a", optimizer=make.optimizer("momentum")),
        make.candidate("b", optimizer=make.optimizer("sgd")),
        make.candidate("c", optimizer=make.optimizer("not-installed")),
    )
    assert declared_cases(suite, registry()) == {"momentum": (("sgd", {"beta": 0.0}),)}
