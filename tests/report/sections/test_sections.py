"""Which sections there are, and what they rest on."""

from types import SimpleNamespace

import numpy as np
import pandas as pd

from optbench.report.page.run import verdict
from optbench.report.pictures.style import candidate_styles
from optbench.report.sections import Context, context, sections
from optbench.report.sections.speed import differs
from optbench.report.tables.sensitivity import sensitivities


def by_id(results):
    return {part.id: part for part in sections(context(results))}


def test_the_table_of_comparisons_is_what_the_headline_says(judged):
    about = context(judged)
    part = by_id(judged)["versus"]
    table = part.tables[0]
    assert len(table.rows) == 3
    columns = [column.name for column in table.columns]
    told = [row.cells[columns.index(f"{name}_word")].text for row in table.rows for name in ("time", "result")]
    decided = len(told) - told.count("undecided")
    assert part.gist == f"{decided} of 6 comparisons are decided"
    assert about.order == list(about.standing.candidates)
    headline, sentences = verdict(about)
    assert headline == about.standing.headline()
    assert sentences[: len(about.standing.sentences())] == about.standing.sentences()


def test_every_section_of_the_contents_belongs_to_a_known_group(judged):
    from optbench.report.parts import GROUPS

    parts = sections(context(judged))
    assert {part.group for part in parts} <= set(GROUPS)
    assert len({part.id for part in parts}) == len(parts)
    pictures, tables = ([x.name for part in parts for x in getattr(part, of)] for of in ("pictures", "tables"))
    assert len(pictures) == len(set(pictures))  # names of files
    assert len(tables) == len(set(tables))


def test_gradients_have_a_figure_only_where_they_are_not_the_steps(judged):
    pictures = [p.name for p in by_id(judged)["time-to-target"].pictures]
    assert pictures == ["time-to-target", "seconds-to-target"]
    assert [p.name for p in by_id(judged)["targets"].pictures] == ["target-ecdf", "target-ecdf-seconds"]
    twice = judged.trials.assign(gradients_to_target=2 * judged.trials["steps_to_target"])
    assert differs(twice)
    assert not differs(judged.trials)
    assert not differs(judged.trials.assign(gradients_to_target=np.inf, steps_to_target=np.inf))


def test_without_targets_ranks_are_of_results_and_there_is_no_profile(judged, make_results):
    results = make_results(["sgd", "adam"], ["digits-mlp", "moons-mlp"], seeds=2, tune=2, points=4)
    results.trials = results.trials.assign(
        target_metric=None, target_value=np.nan, steps_to_target=np.nan, seconds_to_target=np.nan
    )
    parts = by_id(results)
    assert "profile" not in parts
    assert "mean final result" in parts["ranks"].text
    assert parts["ranks"].tables[0].columns[2].heading == "Difference"


def test_one_workload_has_no_ranks(make_results):
    assert "ranks" not in by_id(make_results(["sgd", "adam"], ["digits-mlp"], seeds=2, tune=2, points=4))


def test_sensitivity_is_of_the_trials_own_rates(judged):
    about = context(judged)
    table = sensitivities(about.trials, about.order)
    assert len(table.rows) == 6
    tuned = judged.trials[judged.trials["phase"] == "tune"]
    for record in table.source.to_dict("records"):
        rows = tuned[(tuned["candidate"] == record["candidate"]) & (tuned["workload"] == record["workload"])]
        best = rows.loc[rows["final_validation_metric"].idxmax(), "hyperparameters"]
        assert f'"optimizer.lr": {record["best_rate"]!r}'[:24] in best


def test_held_out_variants_have_a_table_and_are_no_workloads_of_the_rest(judged):
    variant = judged.trials[(judged.trials["workload"] == "moons-mlp") & (judged.trials["phase"] == "final")]
    variant = variant.assign(workload="moons-wide", variant_of="moons-mlp")
    table = pd.DataFrame(
        {
            "workload": "moons-wide", "variant_of": "moons-mlp", "candidate": ["sgd", "adam"],
            "steps_to_target": [9.0, 5.0], "qualified": [False, True],
        }
    )  # fmt: skip

    class Varied:
        trials = pd.concat([judged.trials.assign(variant_of=None), variant], ignore_index=True)
        curves, suite, environment, problems = judged.curves, judged.suite, {}, []
        leaderboard, claims, workload_table = judged.leaderboard, judged.claims, judged.workload_table
        variants = staticmethod(lambda: table)

    about = context(Varied())
    (part,) = [p for p in sections(about) if p.id == "variants"]
    assert part.gist == "1 of 2 candidates do not carry over"
    assert [row.cells[-1].text for row in part.tables[0].rows] == ["no", "yes"]
    assert list(about.steps.columns) == ["digits-mlp", "moons-mlp"]
    figure = part.pictures[0].draw()
    assert [t.get_text() for t in figure.axes[0].get_xticklabels()] == ["moons-wide"]


def test_ranks_against_the_budget_and_who_overtakes_whom(make_results, monkeypatch):
    from optbench.statistics import budget_changes, budget_ranks

    results = make_results(["sgd", "adam", "momentum"], ["digits-mlp", "moons-mlp"], seeds=2, tune=5, points=4)
    part = by_id(results)["budget-ranks"]
    (found,) = part.tables
    assert [c.name for c in found.columns] == ["candidate", "rank_1", "rank_2", "rank_4", "rank_5", "overtakes"]
    ranks = budget_ranks(results.trials)
    last = ranks[ranks["k"] == 5].set_index("candidate")["rank"]
    assert {row.cells[0].text: row.cells[4].value for row in found.rows} == last.to_dict()
    changes = budget_changes(ranks)
    assert part.gist.startswith(str(len(changes)) if len(changes) else "the same")
    said = []
    for number in (1, 2, 0):
        made = pd.DataFrame([(2, "adam", "sgd")] * number, columns=changes.columns)
        monkeypatch.setattr("optbench.statistics.budget_changes", lambda ranks, made=made: made)
        said.append(by_id(results)["budget-ranks"].gist)
    assert said == ["1 change of places", "2 changes of places", "the same order for every k"]
    for row in changes.itertuples():
        (cells,) = (r.cells for r in found.rows if r.cells[0].text == row.ahead)
        assert f"{row.behind} from k = {row.k}" in cells[-1].text
    lines = part.pictures[0].draw().axes[0].get_lines()
    assert len([line for line in lines if len(line.get_xdata()) == 5]) == 3


def test_one_tuning_trial_has_no_ranks_against_the_budget(make_results):
    results = make_results(["sgd", "adam"], ["moons-mlp"], seeds=2, tune=1, points=4)
    assert "budget-ranks" not in by_id(results)


def test_of_many_candidates_the_baseline_and_the_best_are_picked_out():
    names = [f"c{i}" for i in range(20)]

    def drawn(order):
        about = Context(
            SimpleNamespace(baseline="c15", suite={}), pd.DataFrame(), pd.DataFrame(), pd.DataFrame(),
            candidate_styles(names), order,
        )  # fmt: skip
        return [name for name, look in about.lines["styles"].items() if not look.faint]

    assert drawn(names) == [*names[:7], "c15"]
    assert drawn(names[:12]) == names  # twelve can be told apart
