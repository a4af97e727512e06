"""A study: equal treatment, the right trials, and the best of them on fresh seeds."""

import itertools
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optbench.contract.hyperparameters import walk
from optbench.trials.confirmation import confirming, confirming_seeds
from optbench.trials.seeds import tuning_seed
from optbench.tuning import planned, study, work
from optbench.tuning.scales import to_unit
from optbench.tuning.space import space


def drive(suite, registry, run_of, candidate, workload="digits", number=0, score=None):
    """Runs a study, where `score` (of a trial) is the accuracy that every run ends with."""
    generator = study(suite, suite.workload(workload), suite.candidate(candidate), number, registry)
    batches, runs = [], None
    while True:
        try:
            batch = next(generator) if runs is None else generator.send(runs)
        except StopIteration as end:
            return batches, end.value
        batches.append(batch)
        runs = {
            a.trial.key: run_of((0, 0.0, 1.0), (10, score(a.trial) if score else 0.5, 0.5))
            for a in batch.assignments
        }


def points(suite, batch, candidate, workload="digits"):
    """The tried settings as points of the unit cube."""
    found = space(suite.candidate(candidate), suite.workload(workload), suite.tuning)
    rows = []
    for assignment in batch.assignments:
        flat = dict(walk(assignment.trial.components))
        rows.append([to_unit(hyper, flat[path]) for path, hyper in found.items()])
    return rows


def lr(trial):
    return trial.components["optimizer"]["lr"]


def test_tuning_then_fresh_seeds(suite, registry, run_of):
    batches, selected = drive(suite, registry, run_of, "sgd", score=lambda t: -abs(lr(t) - 0.05))
    tune, final = batches
    assert (tune.phase, final.phase) == ("tune", "final")
    assert (len(tune.assignments), len(final.assignments)) == (9, 3)
    assert {a.trial.seed for a in tune.assignments} == {tuning_seed(0)}
    assert [a.trial.seed for a in final.assignments] == [1, 2, 3]
    assert [a.number for a in tune.assignments] == list(range(9))
    assert [a.number for a in final.assignments] == [0, 1, 2]
    assert selected is final.selected
    best = min(tune.assignments, key=lambda a: abs(lr(a.trial) - 0.05))
    assert selected is best
    assert tune.selected is None
    for assignment in final.assignments:
        assert assignment.trial == replace(best.trial, seed=assignment.trial.seed)


def test_a_trial_says_everything(suite, registry, run_of):
    batches, _ = drive(suite, registry, run_of, "crossed")
    trial = batches[0].assignments[0].trial
    assert trial.workload["network"] == {"name": "mlp", "hidden": [64, 32]}
    assert trial.workload["epochs"] == 20
    assert not {"optimizer", "schedule", "initializer", "normalizers", "regularizers"} & set(trial.workload)
    components = trial.components
    assert components["optimizer"]["inner"]["window"] == 4
    assert set(components["optimizer"]) == {"name", "inner", "steps"}
    assert components["normalizers"] == [{"name": "standardize"}]  # the workload's
    assert [r["name"] for r in components["regularizers"]] == ["l2"]  # its own
    assert trial.providers == dict.fromkeys(
        ["optimizer:lookahead", "optimizer:adam", "schedule:inverse-time", "initializer:glorot-uniform",
         "normalizer:standardize", "regularizer:l2", "dataset:digits", "network:mlp"],
        "fakes 1.2",
    )  # fmt: skip
    assert "search" not in json.dumps(trial.components)
    assert len(trial.key) == 32
    sizes = {a.trial.workload["batch_size"] for a in batches[0].assignments}
    assert sizes == {16, 64, "full"}


def test_what_is_not_searched_is_the_candidates_or_the_components(suite, registry, run_of):
    batches, selected = drive(suite, registry, run_of, "fixed")
    assert [b.phase for b in batches] == ["final"]
    assert selected is None
    trial = batches[0].assignments[0].trial
    assert trial.components["optimizer"] == {"name": "adam", "beta1": 0.9, "lr": 0.001, "window": 5}
    assert trial.workload["batch_size"] == 32
    on_function = drive(suite, registry, run_of, "fixed", "bowl")[0][0].assignments[0].trial
    assert on_function.workload["batch_size"] == 64


def test_candidates_get_the_same_points_where_they_have_as_many_dimensions(suite, registry, run_of):
    sgd = drive(suite, registry, run_of, "sgd")[0][0]
    rate = drive(suite, registry, run_of, "rate")[0][0]
    for one, other in zip(points(suite, sgd, "sgd"), points(suite, rate, "rate"), strict=True):
        assert one == pytest.approx(other)


def test_studies_have_other_points_and_another_seed(suite, registry, run_of):
    first, second = (drive(suite, registry, run_of, "sgd", number=n)[0] for n in (0, 1))
    assert not {lr(a.trial) for a in first[0].assignments} & {lr(a.trial) for a in second[0].assignments}
    assert {a.trial.seed for a in second[0].assignments} == {tuning_seed(1)} != {tuning_seed(0)}
    assert {a.study for b in second for a in b.assignments} == {1}
    assert [a.trial.seed for a in second[1].assignments] == [1, 2, 3]


def test_a_study_repeats_itself_exactly(suite, registry, run_of):
    keys = [
        [a.trial.key for b in drive(suite, registry, run_of, "crossed")[0] for a in b.assignments]
        for _ in range(2)
    ]
    assert keys[0] == keys[1]
    assert len(set(keys[0])) == len(keys[0])


@pytest.mark.parametrize("method", ["random", "quasirandom", "grid", "halving"])
@pytest.mark.parametrize("candidate", ["sgd", "rate", "crossed"])
@pytest.mark.parametrize("workload", ["digits", "bowl"])
def test_no_method_spends_more_than_the_budget(suite_of, registry, run_of, method, candidate, workload):
    suite = suite_of(f'trials = 8\nmethod = "{method}"')
    batches, _ = drive(suite, registry, run_of, candidate, workload)
    unit, full = ("epochs", 20) if workload == "digits" else ("steps", 500)
    spent = sum(a.trial.workload[unit] for b in batches if b.phase == "tune" for a in b.assignments)
    assert spent <= 8 * full
    assert spent == 8 * full or method in ("grid", "halving")
    assert all(a.trial.workload[unit] == full for a in batches[-1].assignments)


def test_no_method_gets_the_defaults_for_free(suite_of, registry, run_of):
    for method in ("random", "quasirandom", "grid", "halving"):
        batches, _ = drive(suite_of(f'method = "{method}"'), registry, run_of, "sgd")
        assert 0.1 not in [lr(a.trial) for a in batches[0].assignments]


def test_none_tries_nothing(suite_of, registry, run_of):
    batches, selected = drive(suite_of('method = "none"'), registry, run_of, "sgd")
    assert [b.phase for b in batches] == ["final"]
    assert selected is None
    assert lr(batches[0].assignments[0].trial) == 0.1


def test_halving_keeps_the_best_third_for_longer(suite_of, registry, run_of):
    suite = suite_of('trials = 9\nmethod = "halving"')
    batches, selected = drive(suite, registry, run_of, "sgd", score=lambda t: -abs(lr(t) - 0.05))
    assert [(b.phase, len(b.assignments)) for b in batches] == [
        ("tune", 27),
        ("tune", 9),
        ("tune", 3),
        ("final", 3),
    ]
    assert [b.assignments[0].trial.workload["epochs"] for b in batches] == [2, 6, 20, 20]
    rates = [[lr(a.trial) for a in b.assignments] for b in batches]
    for short, long in itertools.pairwise(rates[:3]):
        assert long == sorted(short, key=lambda rate: abs(rate - 0.05))[: len(long)]
    assert selected in batches[2].assignments
    assert [a.number for b in batches[:3] for a in b.assignments] == list(range(39))
    # evaluation points stay where they are, so that rungs see the same steps of a function
    bowl = drive(suite, registry, run_of, "sgd", "bowl")[0]
    assert {a.trial.workload["evaluate_every"] for b in bowl for a in b.assignments} == {5}


def test_the_best_few_are_trained_again_and_the_best_of_these_over_all_seeds_is_selected(suite_of, registry, run_of):
    """The search ranks by the distance of the rate from 0.05; on further seeds its third is best by far."""
    suite = suite_of("trials = 9\nstudies = 2\nfinalists = 3\nconfirm = 2")
    for number, candidate in ((0, "sgd"), (1, "rate")):
        distance = {}

        def score(trial, distance=distance, number=number):
            away = abs(lr(trial) - 0.05)
            if trial.seed == tuning_seed(number):
                distance[lr(trial)] = away
                return 0.5 - away / 100
            return 0.8 if lr(trial) == sorted(distance, key=distance.get)[2] else 0.1

        batches, selected = drive(suite, registry, run_of, candidate, number=number, score=score)
        tune, again, final = batches
        assert [(b.phase, len(b.assignments)) for b in batches] == [("tune", 3), ("tune", 6), ("final", 3)]
        assert [a.number for b in (tune, again) for a in b.assignments] == list(range(9))
        assert {a.trial.seed for a in again.assignments} == set(confirming_seeds(number, 2))
        assert selected in tune.assignments
        assert lr(selected.trial) == sorted(distance, key=distance.get)[2]
        assert all(replace(a.trial, seed=selected.trial.seed) == selected.trial for a in final.assignments)


def test_a_finalist_that_fails_on_a_further_seed_is_not_selected(suite_of, registry, run_of):
    suite = suite_of("trials = 4\nfinalists = 2\nconfirm = 1")
    generator = study(suite, suite.workload("digits"), suite.candidate("sgd"), 0, registry)
    tune = next(generator)
    runs = [run_of((10, value, 1.0)) for value in (0.99, 0.91)]
    again = generator.send({a.trial.key: r for a, r in zip(tune.assignments, runs, strict=True)})
    assert [a.trial.components for a in again.assignments] == [a.trial.components for a in tune.assignments]
    bad = run_of((10, 0.99, 0.1), outcome="diverged")
    final = generator.send({a.trial.key: r for a, r in zip(again.assignments, (bad, runs[1]), strict=True)})
    assert final.selected is tune.assignments[1]


@settings(deadline=None, max_examples=60)
@given(
    method=st.sampled_from(["quasirandom", "random", "grid", "halving"]),
    few=st.just((1, 0)) | st.tuples(st.integers(2, 4), st.integers(1, 3)),
    more=st.integers(0, 9),
    number=st.integers(0, 2),
    workload=st.sampled_from(["digits", "bowl"]),
)
def test_confirmations_are_within_the_budget_and_paired(
    suite_of, registry, run_of, method, few, more, number, workload
):
    finalists, confirm = few
    trials = finalists * (confirm + 1) + more
    lines = f'method = "{method}"\ntrials = {trials}\nstudies = 3\nfinalists = {finalists}\nconfirm = {confirm}'
    suite = suite_of(lines)
    full = suite.workload(workload).steps or suite.workload(workload).epochs
    seen = {}
    for candidate in ("sgd", "rate", "crossed"):  # one, one and several dimensions
        batches, selected = drive(suite, registry, run_of, candidate, workload, number, score=lottery)
        tune = [a for b in batches[:-1] for a in b.assignments]
        assert [a.number for a in tune] == list(range(len(tune)))
        assert len({a.trial.key for a in tune}) == len(tune)
        again = [a for a in tune if confirming(a.trial.seed)]
        settings = {json.dumps(a.trial.components) + str(a.trial.workload["batch_size"]) for a in again}
        searched = [a for a in tune if a not in again]
        assert {a.trial.seed for a in searched} == {tuning_seed(number)}
        assert selected in searched
        assert len(again) == len(settings) * confirm
        assert len(settings) <= finalists
        seen[candidate] = [(a.trial.seed, a.trial.workload["steps"] or a.trial.workload["epochs"]) for a in tune]
        assert sum(budget for _, budget in seen[candidate]) <= trials * full
        assert sum(budget for _, budget in seen[candidate]) == trials * full or method in ("grid", "halving")
    assert seen["sgd"] == seen["rate"]
    assert method == "grid" or seen["sgd"] == seen["crossed"]
    asked = planned(suite) - sum(suite.studies(w) * suite.seeds for w, _ in suite.pairs())
    if method in ("quasirandom", "random"):
        assert asked == 2 * 3 * 3 * trials  # workloads, studies, tuned candidates
    assert sum(work(suite).values()) <= 3 * (20 + 500) * (3 * trials + 4 * suite.seeds)


def test_a_setting_of_a_small_space_is_not_tried_twice(suite, registry, run_of):
    raw = suite.model_dump(mode="json", exclude_none=True)
    raw["candidates"][1]["optimizer"]["search"] = {"window": {"low": 1, "high": 3}}
    from optbench.suite import validate

    small = validate(raw, "t.toml", registry)
    tune = drive(small, registry, run_of, "rate")[0][0]
    windows = [a.trial.components["optimizer"]["window"] for a in tune.assignments]
    assert sorted(windows) == [1, 2, 3]


def test_a_candidate_may_choose_its_method_but_not_its_budget(suite, registry, run_of):
    raw = suite.model_dump(mode="json", exclude_none=True)
    raw["candidates"][0]["tuning"] = {"method": "grid"}
    from optbench.suite import validate

    own = validate(raw, "t.toml", registry)
    tune = drive(own, registry, run_of, "sgd")[0][0]
    assert [row[0] for row in points(own, tune, "sgd")] == pytest.approx([(i + 0.5) / 9 for i in range(9)])


def test_when_everything_fails_something_is_still_selected(suite, registry, run_of):
    generator = study(suite, suite.workload("digits"), suite.candidate("sgd"), 0, registry)
    tune = next(generator)
    final = generator.send({a.trial.key: run_of((0, 0.1, 2.0), outcome="diverged") for a in tune.assignments})
    assert final.selected is tune.assignments[0]
    assert len(final.assignments) == 3


def test_how_many_trials_to_expect(suite, suite_of):
    # three tuned candidates on two workloads, and one that is not
    assert planned(suite) == 2 * (3 * (9 + 3) + 3)
    assert planned(suite_of("trials = 9\nstudies = 2")) == 2 * planned(suite)
    assert planned(suite_of('method = "none"')) == 2 * 4 * 3
    assert planned(suite_of('trials = 9\nmethod = "halving"')) == 2 * (3 * (39 + 3) + 3)


def test_how_often_a_workload_is_tuned_changes_no_trial(suite, registry, run_of):
    more = suite.model_copy(
        update={
            "workloads": tuple(
                w.model_copy(update={"studies": 9} if w.name == "digits" else {}) for w in suite.workloads
            )
        }
    )
    plain, _ = drive(suite, registry, run_of, "sgd")
    repeated, _ = drive(more, registry, run_of, "sgd")
    assert [a.trial.key for b in plain for a in b.assignments] == [
        a.trial.key for b in repeated for a in b.assignments
    ]
    assert planned(more) == planned(suite) + (9 - 1) * planned(suite) // 2


def lottery(trial):
    """A score that favours nothing."""
    return int(trial.key, 16) % 997


VARIANTS = """
[[workloads]]
name = "digits-wide"
variant_of = "digits"
network = { hidden = [256] }
batch_size = 128

[[workloads]]
name = "bowl-short"
variant_of = "bowl"
steps = 100
"""


@settings(deadline=None, max_examples=40)
@given(
    method=st.sampled_from(["quasirandom", "random", "grid", "halving", "none"]),
    trials=st.integers(1, 12),
    studies=st.integers(1, 2),
    candidate=st.sampled_from(["sgd", "rate", "crossed", "fixed"]),
    workload=st.sampled_from(["digits", "bowl"]),
)
def test_variants_never_appear_in_tuning(suite_of, registry, run_of, method, trials, studies, candidate, workload):
    lines = f'method = "{method}"\ntrials = {trials}\nstudies = {studies}'
    suite, plain = suite_of(lines, VARIANTS), suite_of(lines)
    for number in range(studies):
        batches, _ = drive(suite, registry, run_of, candidate, workload, number, score=lottery)
        without, _ = drive(plain, registry, run_of, candidate, workload, number, score=lottery)
        assert batches[:-1] == without[:-1]  # tuning does not know of them
        final = batches[-1].assignments
        assert final[:3] == without[-1].assignments
        (variant,) = suite.variants(suite.workload(workload))
        assert [(a.workload, a.number, a.trial.seed) for a in final[3:]] == [(variant.name, i, i + 1) for i in range(3)]
        for ours, other in zip(final[:3], final[3:], strict=True):
            assert other.trial.components == ours.trial.components  # the settings of this very study
            changed = {k for k in ours.trial.workload if ours.trial.workload[k] != other.trial.workload[k]}
            assert "variant_of" in changed
            if (candidate, workload) == ("crossed", "digits") and method != "none":  # its batch size was selected, too
                assert "batch_size" not in changed


def test_planned_counts_runs_on_variants(suite_of):
    assert planned(suite_of(more=VARIANTS)) == planned(suite_of()) + 4 * 2 * 3  # candidates x variants x seeds


@settings(deadline=None, max_examples=60)
@given(
    method=st.sampled_from(["quasirandom", "random", "halving"]),
    trials=st.integers(1, 15),
    number=st.integers(0, 3),
    workload=st.sampled_from(["digits", "bowl"]),
)
def test_budgets_are_equal_for_all_candidates_and_never_exceeded(
    suite_of, registry, run_of, method, trials, number, workload
):
    """In trials and in steps: a rung of successive halving costs what fewer full trainings do."""
    suite = suite_of(f'method = "{method}"\ntrials = {trials}\nstudies = 4')
    full = suite.workload(workload).steps or suite.workload(workload).epochs
    spent = {}
    for candidate in ("sgd", "rate", "crossed"):  # one, one and several dimensions
        batches, _ = drive(suite, registry, run_of, candidate, workload, number, score=lottery)
        settings = [a.trial.workload for b in batches[:-1] for a in b.assignments]
        spent[candidate] = [w["steps"] or w["epochs"] for w in settings]
        assert [len(b.assignments) for b in batches[-1:]] == [suite.seeds]
    assert spent["sgd"] == spent["rate"] == spent["crossed"]
    assert sum(spent["sgd"]) <= trials * full
    assert method == "halving" or spent["sgd"] == [full] * trials
