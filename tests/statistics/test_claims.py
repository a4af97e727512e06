"""Claims: verdicts that are known beforehand."""

import math

import numpy as np
import pandas as pd
import pytest
import scipy.stats

from optbench.statistics import paired_effect
from optbench.statistics.claims import COLUMNS, decide, judge, judge_all
from optbench.statistics.metrics import column

INF, NAN = math.inf, math.nan
BUDGET = 100.0


def arm(candidate, values, workload="w", metric="final_test_metric", **columns):
    """Final runs of a candidate, one a seed. NaN in a final metric is a diverged run; inf steps are a miss."""
    count = len(values)
    table = pd.DataFrame(
        {
            "workload": workload,
            "candidate": candidate,
            "phase": "final",
            "study": 0,
            "seed": range(count),
            "outcome": "done",
            "metric": "accuracy",
            "target_metric": "validation_accuracy",
            "steps": BUDGET,
            "gradients": 2 * BUDGET,
            "epochs": 10.0,
            "seconds_per_step": 0.01,
            metric: np.array(values, dtype=float),
        }
    )
    if metric.startswith("final"):
        table["outcome"] = np.where(table[metric].isna(), "diverged", "done")
    return table.assign(**columns)


def table(*arms):
    return pd.concat(arms, ignore_index=True)


def claim(metric="final_test_metric", **changes):
    return {
        "statement": "a beats b",
        "workload": "w",
        "better": "a",
        "worse": "b",
        "metric": metric,
        **changes,
    }


RNG = np.random.default_rng(0)
BASE = RNG.uniform(0.8, 0.9, 10)
STEP = RNG.uniform(0.02, 0.04, 10)


def test_a_clear_difference_is_supported_and_its_reverse_refuted():
    trials = table(arm("a", BASE + STEP), arm("b", BASE))
    found = judge(claim(), trials)
    assert found.verdict == "supported"
    assert found.effect == pytest.approx(STEP.mean())
    assert (found.low, found.high) == pytest.approx(
        tuple(scipy.stats.t.interval(0.95, 9, STEP.mean(), scipy.stats.sem(STEP)))
    )
    assert (found.seeds, found.unit, found.reason) == (10, "accuracy", "")
    back = judge(claim(better="b", worse="a"), trials)
    assert back.verdict == "refuted"
    assert back.effect == pytest.approx(-STEP.mean())


def test_pairs_are_made_by_seed_not_by_place():
    noisy = np.arange(10) / 10  # differs much from seed to seed, and the difference little
    trials = table(arm("a", noisy + STEP), arm("b", noisy)).sample(frac=1, random_state=1)
    assert judge(claim(), trials).verdict == "supported"
    assert judge(claim(), trials).seeds == 10


@pytest.mark.parametrize(
    ("metric", "direction", "sign"),
    [
        ("final_test_metric", None, 1),
        ("final_test_accuracy", None, 1),
        ("final_validation_r2", None, 1),
        ("final_train_loss", None, -1),
        ("generalization_gap", None, -1),
        ("steps_to_target", None, -1),
        ("metric.norm", "lower", -1),
        ("metric.norm", "higher", 1),
        ("final_test_metric", "lower", -1),
    ],
)
def test_the_effect_is_positive_as_claimed(metric, direction, sign):
    values = np.arange(10.0)
    trials = table(
        arm("a", values + 2 + STEP, metric=column(metric)), arm("b", values, metric=column(metric))
    )
    found = judge(claim(metric, direction=direction), trials)
    assert found.effect == pytest.approx(sign * (2 + STEP.mean()))
    assert found.verdict == ("supported" if sign > 0 else "refuted")


def test_noise_is_undecided():
    found = judge(claim(), table(arm("a", BASE), arm("b", BASE[::-1])))
    assert found.verdict == "undecided"
    assert found.low < 0 < found.high
    assert "both outcomes" in found.reason


def test_a_difference_below_the_margin():
    trials = table(arm("a", BASE + STEP), arm("b", BASE))
    assert judge(claim(margin=0.01), trials).verdict == "supported"
    assert judge(claim(margin=0.03), trials).verdict == "undecided"
    assert judge(claim(margin=0.1), trials).verdict == "refuted"


def test_equivalence():
    trials = table(arm("a", BASE + STEP), arm("b", BASE))
    assert judge(claim(expect="equivalence", margin=0.05), trials).verdict == "supported"
    assert judge(claim(expect="equivalence", margin=0.03), trials).verdict == "undecided"
    assert judge(claim(expect="equivalence", margin=0.01), trials).verdict == "refuted"
    same = table(arm("a", BASE), arm("b", BASE))
    assert judge(claim(expect="equivalence", margin=1e-9), same).verdict == "supported"
    # no direction is needed: how far apart is the same both ways
    norms = table(arm("a", BASE, metric="metric.norm"), arm("b", BASE, metric="metric.norm"))
    assert judge(claim("metric.norm", expect="equivalence", margin=0.1), norms).verdict == "supported"


def test_differences_without_spread():
    constant = judge(claim(), table(arm("a", BASE * 0 + 0.75), arm("b", BASE * 0 + 0.5)))
    assert constant.verdict == "supported"
    assert constant.low == constant.effect == constant.high == 0.25
    none = judge(claim(), table(arm("a", BASE), arm("b", BASE)))
    assert (none.verdict, none.effect) == ("refuted", 0)
    assert "do not differ" in none.reason


def test_few_seeds_cannot_decide():
    few = judge(claim(), table(arm("a", BASE[:5] + STEP[:5]), arm("b", BASE[:5])))
    assert few.verdict == "undecided"
    assert "5 pairs are too few" in few.reason
    assert few.low > 0  # although the interval alone would say so
    one = judge(claim(), table(arm("a", [0.9]), arm("b", [0.8])))
    assert (one.verdict, one.seeds) == ("undecided", 1)
    assert one.effect == pytest.approx(0.1)


def test_students_interval_alone_does_not_decide():
    # above 0 with t = 4.7; but of the 64 patterns of signs 4 give as large a mean, which is more than 5 %
    found = judge(claim(), table(arm("a", 0.5 + np.array([1, 1, 1, 1, 1, -0.05]) / 10), arm("b", [0.5] * 6)))
    assert found.low > 0
    assert found.verdict == "undecided"
    assert "sign-flip" in found.reason


# --------------------------------------------------------------------------------------------- failures and misses


def test_diverged_runs_count_as_the_worst():
    trials = table(arm("a", BASE), arm("b", [NAN] * 10))
    found = judge(claim(), trials)
    assert found.verdict == "supported"
    assert found.effect == pytest.approx(BASE.mean())  # accuracy 0, although no run had less than 0.8


def test_the_worst_loss_is_that_of_any_run_on_the_workload():
    trials = table(
        arm("a", BASE, metric="final_test_loss"),
        arm("b", [NAN] * 10, metric="final_test_loss"),
        arm("c", [5.0], metric="final_test_loss", phase="tune"),
        arm("c", [50.0], metric="final_test_loss", workload="other"),
    )
    assert judge(claim("final_test_loss"), trials).effect == pytest.approx(5 - BASE.mean())


def test_a_miss_counts_as_a_step_beyond_the_budget():
    trials = table(
        arm("a", [10.0] * 9 + [INF], metric="steps_to_target"),
        arm("b", [60.0] * 5 + [INF] * 5, metric="steps_to_target"),
    )
    found = judge(claim("steps_to_target"), trials)
    assert found.effect == pytest.approx((5 * 50 + 4 * (101 - 10) + 0) / 10)
    assert found.verdict == "supported"
    assert "6 of 20 runs on w missed the target" in found.reason
    assert found.unit == "steps"


@pytest.mark.parametrize(
    ("metric", "beyond"),
    [
        ("gradients_to_target", 201),
        ("epochs_to_target", 10.1),
        ("seconds_to_target", 1.01),
    ],
)
def test_budgets_of_other_times(metric, beyond):
    trials = table(arm("a", [0.5] * 8, metric=metric), arm("b", [INF] * 8, metric=metric))
    found = judge(claim(metric), trials)
    assert found.effect == pytest.approx(beyond - 0.5)
    assert found.verdict == "supported"


def test_a_shorter_budget_is_no_advantage():
    # full batches: 10 steps in which nothing was reached; mini-batches: reached after 60 of 100
    trials = table(
        arm("a", [INF] * 8, metric="steps_to_target", steps=10.0),
        arm("b", [60.0] * 8, metric="steps_to_target"),
    )
    assert judge(claim("steps_to_target"), trials).effect == 0
    # but runs that diverged at once have missed the whole budget
    trials.loc[trials["candidate"] == "a", "outcome"] = "diverged"
    found = judge(claim("steps_to_target"), trials)
    assert found.effect == pytest.approx(60 - 101)
    assert found.verdict == "refuted"


@pytest.mark.parametrize(
    ("trials", "metric", "reason"),
    [
        (table(arm("a", BASE)), "final_test_metric", "b has no final run on w"),
        (table(arm("a", BASE), arm("b", BASE, phase="tune")), "final_test_metric", "b has no final run"),
        (table(arm("a", BASE), arm("b", BASE, seed=range(20, 30))), "final_test_metric", "no seed on w"),
        (table(arm("a", BASE), arm("b", BASE)), "metric.norm", "nothing says whether"),
        (table(arm("a", BASE), arm("b", BASE)), "final_test_loss", "no run recorded final_test_loss"),
        (
            table(*(arm(c, [INF] * 10, metric="steps_to_target") for c in "ab")),
            "steps_to_target",
            "no run of either candidate reached",
        ),
        (
            table(*(arm(c, [NAN] * 10, metric="steps_to_target", target_metric=None) for c in "ab")),
            "steps_to_target",
            "w has no target",
        ),
        (
            table(*(arm(c, [NAN] * 10, metric="seconds_to_target") for c in "ab")),
            "seconds_to_target",
            "calibrated seconds",
        ),
    ],
)
def test_missing_data_are_undecided_and_say_what_is_missing(trials, metric, reason):
    found = judge(claim(metric), trials)
    assert found.verdict == "undecided"
    assert reason in found.reason
    assert math.isnan(found.effect)


# ------------------------------------------------------------------------------------------------ several workloads


def several(*effects, scale=(1, 1000)):
    arms = []
    for name, effect, size in zip(("w", "v"), effects, scale, strict=False):
        arms.append(arm("a", size * (BASE - effect * STEP), name, "final_test_loss"))
        arms.append(arm("b", size * BASE, name, "final_test_loss"))
    return table(*arms)


def test_losses_of_several_workloads_are_relative():
    found = judge(claim("final_test_loss", workload=None, workloads=["w", "v"]), several(1, 1))
    assert found.verdict == "supported"
    one = STEP.mean() / np.mean([BASE, BASE - STEP])
    assert found.effect == pytest.approx(one)  # the same on both, whatever their scales
    assert found.unit == "relative"
    assert found.seeds == 10


def test_a_workload_that_says_the_opposite_leaves_a_claim_undecided():
    found = judge(claim("final_test_loss", workload=None, workloads=["w", "v"]), several(5, -1))
    assert found.low > 0
    assert found.verdict == "undecided"
    assert "refuted on v" in found.reason


def test_without_workloads_all_that_both_ran_count():
    trials = table(several(1, 1), arm("a", BASE, "only-a", "final_test_loss"))
    rows = judge_all([claim("final_test_loss", workload=None, workloads=[])], trials)
    assert rows["workload"].tolist() == ["w, v"]
    assert (
        judge(claim(workload=None, better="x"), trials).reason
        == "no workload has final runs of both candidates"
    )


def test_a_row_a_claim():
    trials = table(arm("a", BASE + STEP), arm("b", BASE))
    rows = judge_all([claim(topic="T", source="a paper"), claim(better="b", worse="a")], trials)
    assert tuple(rows) == COLUMNS
    assert rows["verdict"].tolist() == ["supported", "refuted"]
    assert rows.loc[0, ["topic", "source", "workload", "expect", "margin"]].tolist() == [
        "T",
        "a paper",
        "w",
        "difference",
        0,
    ]
    assert tuple(judge_all([], trials)) == COLUMNS


# ------------------------------------------------------------------------------------------------ the referee itself


@pytest.mark.parametrize("draw", ["normal", "exponential"])
def test_one_candidate_under_two_names_is_rarely_told_apart(draw):
    rng = np.random.default_rng(0)
    trials = 1000
    wrong = 0
    for _ in range(trials):
        a, b = getattr(rng, draw)(size=(2, 10))
        wrong += decide({}, [a - b], paired_effect([a - b]))[0] != "undecided"
    assert wrong / trials < 0.05 + 2 * math.sqrt(0.05 * 0.95 / trials)


def studies(candidate, rows, **columns):
    """Final runs, a list of values a study."""
    parts = [arm(candidate, values, study=number, **columns) for number, values in enumerate(rows)]
    return table(*parts)


def test_studies_are_pairs_of_means_where_a_claim_says_so():
    # Within a study all seeds agree to a hundredth; the studies themselves differ in sign.
    effects = np.array([0.05, -0.02, 0.06, -0.03, 0.04, 0.01])
    noise = RNG.uniform(-0.005, 0.005, (6, 10))
    trials = table(studies("a", 0.8 + effects[:, None] + noise), studies("b", np.full((6, 10), 0.8)))
    by_seed = judge(claim(), trials)
    by_study = judge(claim(pairs="studies"), trials)
    assert (by_seed.verdict, by_seed.seeds) == ("supported", 60)
    assert (by_study.verdict, by_study.seeds) == ("undecided", 6)
    expected = effects + noise.mean(axis=1)
    interval = scipy.stats.t.interval(0.95, 5, expected.mean(), scipy.stats.sem(expected))
    assert (by_study.low, by_study.high) == pytest.approx(interval)
    assert by_seed.effect == pytest.approx(by_study.effect)


def test_times_of_studies_are_means_too():
    rows = [[10.0, 20.0], [30.0, 50.0], [10.0, INF]]
    trials = table(
        studies("a", rows, metric="steps_to_target"),
        studies("b", [[60.0, 60.0]] * 3, metric="steps_to_target"),
    )
    found = judge(claim("steps_to_target", pairs="studies"), trials)
    # a miss is 101 steps: [50, 40], [30, 10], [50, -41]
    assert found.effect == pytest.approx(np.mean([45.0, 20.0, 4.5]))
    assert found.seeds == 3


def test_a_shorter_time_is_refuted_where_times_are_equal(noisy):
    table = noisy({"a": 1.0, "b": 1.0}, seeds=60, spread=0.05).assign(epochs=1.0)
    claimed = {"better": "a", "worse": "b", "workloads": [f"w{i}" for i in range(4)], "metric": "steps_to_target"}
    found = judge(claimed, table)
    assert found.low < 0 < found.high
    assert (found.verdict, found.reason) == ("refuted", "their times are equal within 5 %")
    assert judge(claimed, table, {"time": 0.001}).verdict == "undecided"
    assert judge({**claimed, "margin": 0.01}, table).verdict != "supported"


def test_of_a_ladder_the_targets_that_were_met_count(trials):
    """A run that missed the hardest took no less than what it is known to have taken, not the whole budget."""
    rows = [("w", name, s, math.inf if name == "b" else 20.0, 0.9) for name in "ab" for s in range(8)]
    table = trials(rows).assign(epochs=1.0)
    table["steps_to_target.1"] = np.where(table["candidate"] == "b", 10.0, 10.0)
    table["steps_to_target.2"] = np.where(table["candidate"] == "b", math.inf, 40.0)
    table["steps"] = 80.0
    found = judge({"better": "a", "worse": "b", "workload": "w", "metric": "steps_to_target"}, table)
    assert found.effect == pytest.approx((10 * 81) ** 0.5 - 20)
