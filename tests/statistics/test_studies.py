"""Several studies: the median over studies of what each selected, and intervals that know of tuning's luck."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optbench.statistics import leaderboard, seed_pairs, workload_table
from optbench.statistics.cells import of_studies

INF = math.inf


def trials(times, workload="w"):
    """Final runs from times[candidate][study][seed]."""
    rows = [
        {
            "workload": workload, "candidate": name, "phase": "final", "study": study, "seed": seed + 1,
            "outcome": "done", "steps_to_target": float(steps), "gradients_to_target": float(steps),
            "seconds_to_target": float(steps), "epochs_to_target": float(steps), "steps": 100.0, "gradients": 100.0,
            "epochs": 10.0, "seconds_per_step": 1.0, "target_metric": "validation_accuracy", "target_value": 0.9,
            "metric": "accuracy", "variant_of": None, "final_train_loss": 0.1, "final_validation_metric": 0.9,
            "final_test_metric": 0.9, "key": f"{name}-{study}-{seed}",
        }
        for name, studies in times.items() for study, seeds in enumerate(studies) for seed, steps in enumerate(seeds)
    ]  # fmt: skip
    return pd.DataFrame(rows)


LUCKY = {"a": [[10, 11, 12], [40, 41, 42], [20, 21, 22]], "b": [[30, 30, 30]] * 3}


def test_the_median_of_each_study_then_over_studies():
    table = workload_table(trials(LUCKY)).set_index("candidate")
    assert table["steps_to_target"].to_dict() == {"a": 21, "b": 30}
    assert table["seconds_to_target"]["a"] == 21
    assert table["solved"]["a"] == 1
    board = leaderboard(trials(LUCKY), "b")
    assert board["score"].to_dict() == pytest.approx({"a": 1.0, "b": (4 - 30 / 21) / 3})
    assert board["trials"].tolist() == [9, 9]


def test_it_is_not_the_median_of_all_runs():
    # one study of three met the target with every seed, the others with one of three: pooled, most runs did
    times = {"a": [[10, 10, 10], [10, INF, INF], [10, INF, INF]], "b": [[30] * 3] * 3}
    pooled = np.median([10, 10, 10, 10, INF, INF, 10, INF, INF])
    assert pooled == 10
    assert workload_table(trials(times)).set_index("candidate")["steps_to_target"]["a"] == INF
    assert leaderboard(trials(times), "b")["score"]["a"] == 0


def test_more_seeds_do_not_hide_the_luck_of_tuning():
    """With ten times the seeds of the same studies, the interval stays as wide: the studies are the witnesses."""
    few = trials({n: s * 2 for n, s in LUCKY.items()})
    many = trials({n: [seeds * 10 for seeds in s * 2] for n, s in LUCKY.items()})
    columns = ["score", "score_low", "score_high"]
    first, second = (leaderboard(t, "b")[columns] for t in (few, many))
    assert second.to_numpy() == pytest.approx(first.to_numpy())
    assert first.loc["b", "score_high"] - first.loc["b", "score_low"] > 0.1


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.lists(st.integers(1, 99) | st.just(INF), min_size=1, max_size=4), min_size=1, max_size=4),
    st.integers(0, 100),
)
def test_against_a_loop(studies, other):
    runs = trials({"a": studies, "b": [[other + 1]] * len(studies)})
    found = of_studies(runs, "steps_to_target")
    ours = found.loc[found["candidate"] == "a", "steps_to_target"].tolist()
    if len(studies) == 1:
        assert ours == studies[0]
        return
    medians = []
    for seeds in studies:
        low, high = sorted(seeds)[(len(seeds) - 1) // 2], sorted(seeds)[len(seeds) // 2]
        medians.append((low + high) / 2)
    assert ours == medians
    assert list(found.columns) == list(runs.columns)


def test_a_pair_of_studies_is_the_mean_over_their_seeds():
    (groups,) = seed_pairs(trials(LUCKY)).differences(0, 1)
    expected = [np.mean(np.log(np.array(of) / 30)) for of in LUCKY["a"]]
    np.testing.assert_allclose(groups, expected)
    many = trials({n: [seeds * 10 for seeds in of] for n, of in LUCKY.items()})
    np.testing.assert_allclose(seed_pairs(many).differences(0, 1)[0], expected)  # more seeds are no more witnesses
    low, high = seed_pairs(trials(LUCKY)).bounds(0, 1, 0.1)[0]
    np.testing.assert_allclose(low, expected)
    np.testing.assert_allclose(high, expected)


def test_workloads_with_one_study_keep_their_seeds():
    both = pd.concat([trials(LUCKY), trials({"a": [[10, 20]], "b": [[20, 20]]}, "v")])
    pairs = seed_pairs(both)
    several, single = pairs.differences(0, 1)
    assert len(several) == 3
    np.testing.assert_allclose(single, np.log([0.5, 1.0]))
    finals = seed_pairs(both, "final").differences(0, 1)
    assert [len(of) for of in finals] == [3, 2]


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.lists(st.integers(1, 99) | st.just(INF), min_size=2, max_size=2), min_size=2, max_size=4),
    st.integers(1, 99) | st.just(INF),
)
def test_pairs_of_studies_against_pairs_of_each_study_alone(studies, other):
    runs = trials({"a": studies, "b": [[other] * 2] * len(studies)})
    (found,) = seed_pairs(runs).differences(0, 1)
    alone = [seed_pairs(runs[runs["study"] == n]).differences(0, 1)[0].mean() for n in range(len(studies))]
    np.testing.assert_allclose(found, alone, atol=1e-12)
