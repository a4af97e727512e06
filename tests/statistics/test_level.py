"""Levels of several looks: what all of them together speak falsely, by simulation and through the claims themselves."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, t

from optbench.statistics import at_look
from optbench.statistics.claims import decide, judge, judge_all, least_pairs
from optbench.statistics.interactions import interactions
from optbench.statistics.level import FIXED, NO_LOOK, Level, first_seeds, level_of
from optbench.statistics.paired import paired_effect

LOOKS = (6, 9, 14, 20, 30, 46, 68, 100)


def test_all_looks_together_are_wrong_in_one_case_of_twenty():
    """The oracle: sums of normal numbers, looked at with nothing but these levels."""
    rng = np.random.default_rng(0)
    sums = rng.normal(size=(100_000, LOOKS[-1])).cumsum(axis=1)[:, np.array(LOOKS) - 1]
    z = sums / np.sqrt(LOOKS)
    levels = [at_look(LOOKS, n) for n in LOOKS]
    two = np.any(2 * norm.sf(np.abs(z)) <= [one.difference for one in levels], axis=1).mean()
    one_sided = np.any(norm.sf(z) <= [one.equality for one in levels], axis=1).mean()
    assert two == pytest.approx(0.05, abs=0.003)
    assert one_sided == pytest.approx(0.05, abs=0.003)
    assert np.any(2 * norm.sf(np.abs(z)) <= 0.05, axis=1).mean() > 0.2  # what a test that knows of no looks would do


def test_a_single_look_is_a_test_of_fixed_seeds():
    one = at_look((10,), 10)
    assert (one.difference, one.equality) == pytest.approx((0.05, 0.05))
    assert one.confidence == pytest.approx(0.95)
    assert level_of({}) is FIXED
    assert level_of({"looks": [6, 9], "seeds": 0}) == Level(0.0, 0.0, 0)
    with pytest.raises(ValueError, match="a planned look"):
        at_look((6, 9), 7)


def test_so_many_pairs_are_the_least():
    for alpha in (0.05, 0.025, 0.0049, 0.03125):
        n = least_pairs(alpha)
        assert 2 / 2**n <= alpha < 2 / 2 ** (n - 1)


@pytest.mark.parametrize("workloads", [1, 4])
def test_claims_of_equals_looked_at_again_and_again(workloads):
    rng = np.random.default_rng(workloads)
    wrong, naive, samples = 0, 0, 500
    for _ in range(samples):
        d = rng.exponential(size=(workloads, 46)) - rng.exponential(size=(workloads, 46))
        words = []
        for n in LOOKS[:6]:
            for level in (at_look(LOOKS[:6], n), FIXED):
                groups = list(d[:, :n])
                words.append(decide({}, groups, paired_effect(groups, level.confidence), level.difference)[0])
        wrong += any(word != "undecided" for word in words[::2])
        naive += any(word != "undecided" for word in words[1::2])
    assert wrong / samples <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / samples)
    assert naive / samples > 0.1


def table(values, metric="steps_to_target"):
    """Final runs of candidates by name, on workload "w": one number a seed."""
    rows = [
        {
            "workload": "w", "candidate": name, "phase": "final", "study": 0, "number": s, "seed": 10 + s,
            "key": f"{name}{s}", "outcome": "done", "target_metric": "train_loss", "steps": 1000, "gradients": 1000,
            "epochs": 10.0, "seconds_per_step": 1.0, "metric": "accuracy", "variant_of": None, metric: float(value),
            "final_test_metric": 0.9, "final_validation_metric": np.nan, "final_train_loss": np.nan,
        }
        for name, each in values.items() for s, value in enumerate(each)
    ]  # fmt: skip
    return pd.DataFrame(rows)


CLAIM = {"statement": "a first", "better": "a", "worse": "b", "metric": "steps_to_target", "workloads": ["w"]}
NOISE = norm.ppf((np.arange(20) + 0.5) / 20)[np.random.default_rng(0).permutation(20)]
#: 20 numbers of which Student's test says that their mean is not 0 with p = 0.03
CLOSE = NOISE / NOISE.std(ddof=1) + t.isf(0.015, 19) / np.sqrt(20)
EARLY = at_look((20, 100), 20)


def test_a_claim_is_judged_at_its_look_and_on_its_seeds():
    base = 100 + 3 * np.sin(np.arange(20))
    runs = table({"a": base, "b": base + CLOSE})
    margins = {"time": 1e-6}  # else equal times refute it
    fixed, look = judge(CLAIM, runs, margins), judge(CLAIM, runs, margins, EARLY)
    assert (fixed.verdict, look.verdict) == ("supported", "undecided")
    half = t.isf(EARLY.difference / 2, 19) / np.sqrt(20)
    assert (look.low, look.effect, look.high) == pytest.approx((CLOSE.mean() - half, CLOSE.mean(), CLOSE.mean() + half))
    # seeds beyond the look wait for the next one
    more = table({"a": [*(base + 9 * CLOSE), *np.full(30, 1.0)], "b": [*base, *np.full(30, 900.0)]})
    assert len(first_seeds(more, 20)) == 40
    assert first_seeds(more, None) is more
    assert judge(CLAIM, more, level=Level(0.05, 0.05, 20)).verdict == "refuted"
    assert judge(CLAIM, more).verdict == "supported"
    (row,) = judge_all([CLAIM], runs, level=Level(0.0, 0.0, 0)).to_dict("records")
    assert (row["verdict"], row["reason"]) == ("undecided", NO_LOOK)


def logs(values):
    return 100 * np.exp(np.asarray(values))


def test_equality_and_interactions_are_claimed_at_the_level_of_the_look():
    margin = np.log1p(0.05)
    near = margin - 0.01 * (CLOSE + (t.isf(0.03, 19) - t.isf(0.015, 19)) / np.sqrt(20))  # one-sided p of 0.03
    runs = table({"a": logs(near), "b": logs(0 * near)})
    same = {**CLAIM, "equal": ["a", "b"], "expect": "equivalence", "margin": 0.05}
    assert judge(same, runs).verdict == "supported"
    assert judge(same, runs, level=EARLY).verdict == "undecided"
    twofold = table({"a": logs(-0.01 * CLOSE), "b": logs(0 * CLOSE), "c": logs(0 * CLOSE), "d": logs(0 * CLOSE)})
    more = {**CLAIM, "than": ["c", "d"]}
    assert judge(more, twofold).verdict == "supported"
    assert judge(more, twofold, level=EARLY).verdict == "undecided"


def test_effects_of_crossed_components_have_a_level_too():
    cells = {"ax": 0.0, "ay": 0.0, "bx": 0.0, "by": -0.01}
    runs = table({name: logs(effect * CLOSE) for name, effect in cells.items()})
    suite = {
        "designs": {"grid": {"one": ["a", "b"], "two": ["x", "y"]}},
        "candidates": [{"name": c, "design": "grid", "levels": {"one": c[0], "two": c[1]}} for c in cells],
        "equal": {"time": 1e-4},
    }  # fmt: skip

    def row(level):
        found = interactions(suite, runs, level=level)
        return found[(found["metric"] == "steps") & (found["kind"] == "interaction")].iloc[0]

    fixed, look, none = row(FIXED), row(EARLY), row(Level(0.0, 0.0, 0))
    assert (fixed["verdict"], look["verdict"], none["verdict"]) == ("helps more", "undecided", "undecided")
    assert look["low"] < fixed["low"]
    assert none["reason"] == NO_LOOK
