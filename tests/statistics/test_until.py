"""Answers of a run that adds seeds: each stays, follows from plan and runs alone, and studies are no witnesses."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optbench.statistics import Paired, decide, seed_pairs
from optbench.statistics.telling import ALL, comparisons, least_table, seeds_until_decided
from optbench.statistics.until import Aim, aim, answer_of, answered, answers_table, measured

ORDER = ("a", "b", "c", "w0", "w1")


def trials(seed=0, effects=(0.0, 0.0, -0.5), seeds=14, works=2, studies=1, noise=0.1, result=(0.9, 0.9, 0.9)):
    """The trials' table of candidates a, b, c with log-normal times and normal results."""
    rng = np.random.default_rng(seed)
    rows = [
        {
            "workload": f"w{w}", "candidate": name, "phase": "final", "study": study, "number": number,
            "seed": number + 1, "key": f"{w}{name}{study}{number}", "outcome": "done", "target_metric": "train_loss",
            "steps_to_target": float(np.exp(4 + effect + noise * rng.normal())), "steps": 1000, "gradients": 1000,
            "epochs": 10.0, "seconds_per_step": 1.0, "metric": "accuracy", "variant_of": None,
            "final_test_metric": final + 0.01 * rng.normal(), "final_validation_metric": np.nan,
            "final_train_loss": np.nan,
        }
        for w in range(works)
        for name, effect, final in zip("abc", effects, result, strict=False)
        for study in range(studies)
        for number in range(seeds)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def played(table, plan, draws=400):
    """Look by look, as a run does."""
    found = []
    for seeds in plan.looks:
        found = answered(table, plan, seeds, found, draws)
        yield seeds, found


def test_looks_and_questions():
    assert aim(20).looks == (6, 9, 14, 20)
    assert aim(4).looks == (4,)
    names = ["a", "b", "c", "d"]
    assert aim().asked(names) == list(combinations(names, 2))
    assert Aim((6,), focus=("c",)).asked(names) == [("c", "a"), ("c", "b"), ("c", "d")]
    assert Aim((6,), focus=("c", "a")).asked(names) == [("c", "a"), ("c", "b"), ("c", "d"), ("a", "b"), ("a", "d")]
    assert Aim((6,), focus=("gone",)).asked(names) == list(combinations(names, 2))
    with pytest.raises(ValueError, match="planned look"):
        answered(trials(), aim(14), 7)


@given(seed=st.integers(0, 50), studies=st.integers(1, 2))
@settings(max_examples=8)
def test_answers_stay_and_follow_from_what_was_seen(seed, studies):
    """Shuffled rows, later seeds, and going on from a record change nothing."""
    table, plan = trials(seed, studies=studies), aim(14, ORDER)
    mixed = table.sample(frac=1.0, random_state=seed)
    before = {}
    for (seeds, found), (_, again) in zip(played(table, plan), played(mixed, plan), strict=True):
        assert found == again
        assert answered(table[table["seed"] <= seeds], plan, seeds, list(before.values()), 400) == found
        assert [answer_of(one.record()) for one in found] == found
        for one in found:
            then = before.get(one.question)
            assert then is None or then.open or then == one
            assert one.open == (one.word == "undecided")
            assert one.seeds in (0, *plan.looks[: plan.looks.index(seeds) + 1])
        before = {one.question: one for one in found}


def test_words_are_those_of_the_looks_on_seed_pairs():
    """Of one study, at once: `decide` on `seed_pairs`, which has tests of its own."""
    table, plan = trials(3), aim(14, ORDER)
    *_, (_, found) = played(table, plan)
    for kind, by in (("time", "steps"), ("result", "final")):
        pairs = seed_pairs(table, by)
        then = decide(pairs, plan.asked(pairs.candidates), plan.plan(kind), 400).decisions
        mine = [(one.candidate, one.against, one.word, one.seeds) for one in found if one.kind == kind]
        assert mine == [(d.candidate, d.against, d.word, d.seeds) for d in then]
    words = {(one.candidate, one.against): one.word for one in found if one.kind == "time"}
    assert words["a", "c"] == words["b", "c"] == "slower"


def test_a_seed_is_one_pair_however_many_studies():
    """Studies that repeat each other add nothing; of others the pair is their mean."""
    one = trials(5)
    twice = pd.concat([one, one.assign(study=1)])
    for seeds, found in played(one, aim(14, ORDER)):
        again = answered(twice, aim(14, ORDER), seeds, (), 400)
        assert [(x.question, x.word) for x in again] == [
            (x.question, x.word) for x in answered(one, aim(14, ORDER), seeds, (), 400)
        ]
        assert len(found) == len(again)
    several = trials(6, studies=3)
    pairs = measured(several, ORDER)["time"]
    logs = np.log(several.set_index(["candidate", "workload", "seed"])["steps_to_target"])
    logs = logs.groupby(level=[0, 1, 2]).mean()
    for a, b in combinations(range(3), 2):
        x, y = (logs["abc"[i]].unstack("seed").to_numpy() for i in (a, b))
        np.testing.assert_allclose(pairs.table(a, b), x - y, atol=1e-12)


def test_without_targets_there_are_results_alone_whatever_the_studies():
    for studies in (1, 2):
        table = trials(2, studies=studies).assign(target_metric=None, steps_to_target=np.nan)
        assert list(measured(table, ORDER)) == ["result"]


def test_missed_by_both_is_no_question_that_waits():
    table = trials(1)
    table.loc[table["candidate"].isin(["a", "b"]), "steps_to_target"] = np.inf
    found = {one.question: one for one in answered(table, aim(14, ORDER), 14, (), 400)}
    lost = found["time", "a", "b"]
    assert (lost.word, lost.missed, lost.open) == ("undecided", True, False)
    assert found["time", "a", "c"].word == "slower"
    assert not found["time", "a", "c"].missed


@pytest.mark.slow
def test_false_answers_are_rare():
    """Three level candidates, both questions, every look: any word of difference is false (5 % a question)."""
    plan, samples = aim(14, ORDER), 30
    wrong = {"time": 0, "result": 0}
    for seed in range(samples):
        *_, (_, found) = played(trials(1000 + seed, effects=(0.0,) * 3), plan, 200)
        for kind in wrong:
            wrong[kind] += any(one.word not in ("equal", "undecided") for one in found if one.kind == kind)
    assert max(wrong.values()) <= 5  # at 5 % more than 5 of 30 come once in 300 times


def test_effects_after_stopping_are_in_the_units_of_the_question():
    table, plan = trials(2, effects=(0.0, 0.0, -0.5)), aim(14, ORDER)
    *_, (seeds, found) = played(table, plan)
    rows = answers_table(table, plan, found, seeds).set_index(["question", "candidate", "against"])
    row = rows.loc["time", "a", "c"]
    assert row["unit"] == "ratio"
    assert row["low"] < np.exp(0.5) < row["high"]
    logs = np.log(table["steps_to_target"]).groupby([table["candidate"]]).mean()
    assert row["seen"] == pytest.approx(np.exp(logs["a"] - logs["c"]))
    assert list(rows.index) == [one.question for one in found]


def test_what_a_run_can_tell():
    """The noise that it was made with; more seeds and fewer comparisons tell less; workloads together most."""
    table = trials(0, effects=(0.0,) * 3, seeds=400, noise=0.1)
    pairs = measured(table, ORDER)
    found = least_table(pairs, 10, 3).set_index(["question", "workload"])
    assert found.loc[("time", "w0"), "noise"] == pytest.approx(0.1 * np.sqrt(2), rel=0.1)
    assert found.loc[("result", "w1"), "noise"] == pytest.approx(0.01 * np.sqrt(2), rel=0.1)
    assert found.loc[("time", ALL), "least"] < found.loc[("time", "w0"), "least"]
    for seeds, compared, less in ((40, 3, True), (10, 1, True), (10, 10, False)):
        other = least_table(pairs, seeds, compared).set_index(["question", "workload"])["least"]
        assert ((other < found["least"]) == less).all()
    assert comparisons(aim(), list("abcd")) == 6
    assert comparisons(Aim((6,), focus=("a",)), list("abcd")) == 3
    empty = least_table(pairs, 10, 3, only=["w0", "elsewhere"]).set_index(["question", "workload"])
    assert np.isnan(empty.loc[("time", "elsewhere"), "least"])
    assert empty.loc[("time", ALL), "least"] == pytest.approx(empty.loc[("time", "w0"), "least"])


def test_seeds_until_decided():
    near, far = trials(0, effects=(0.0, 0.3, 0.6)), trials(0, effects=(0.0, 0.0, 0.6), noise=0.4)
    plan, short = Aim((6, 9, 14, 20, 30, 100), ORDER), Aim((6, 9), ORDER)
    names = ("a", *(f"c{i}" for i in range(40)))
    many = {"time": Paired(list(names), ["w"], np.zeros((41, 1, 6)), np.zeros((41, 1, 6), dtype=bool), True)}
    assert seeds_until_decided(many, plan) is None
    assert seeds_until_decided(many, Aim(plan.looks, focus=("a",))) == (14, 0)  # fewer pairs cannot tell at 5 % / 40
    assert seeds_until_decided({}, plan) is None
    only = {"time": measured(near, ORDER)["time"]}, {"time": measured(far, ORDER)["time"]}
    assert seeds_until_decided(only[0], plan) == (6, 0)
    assert seeds_until_decided(only[1], short) == (9, 1)
    assert seeds_until_decided(only[1], plan)[0] > 9
