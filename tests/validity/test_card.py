"""The card of made-up results: its tau is scipy's of plain means, and what cannot be compared is named."""

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import kendalltau

from optbench.contract.errors import OptbenchError
from optbench.referee.synthetic import synthetic_store
from optbench.registry.registry import registry
from optbench.results.results import Results
from optbench.suite import load

METHODS = ["adamw", "nadamw", "shampoo-grafted", "schedule-free-adamw", "amos", "caspr", "muon"]


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made-up")
    synthetic_store(folder, METHODS, workloads=4, seeds=4, trials=2, seed=5)
    return Results(folder)


@pytest.fixture(scope="module")
def rows(results):
    from validity.card import card
    from validity.published import published

    return card(results, published())


def paces(results):
    """Mean logarithms of times by candidate and workload, by pandas alone; a miss is a step beyond the budget."""
    final = results.trials[results.trials["phase"] == "final"]
    times = final["steps_to_target"].where(np.isfinite(final["steps_to_target"]), final["steps"].max() + 1)
    return np.log(times).groupby([final["candidate"], final["workload"]]).mean().unstack()


def test_tau_in_all_and_on_each_workload(results, rows):
    pace = paces(results)
    methods = ["shampoo-grafted", "schedule-free-adamw", "nadamw", "amos", "caspr"]
    scores = dict(zip(methods, [0.7784, 0.7077, 0.5707, 0.4918, 0.4722], strict=True))
    mine = [row for row in rows if row.published == "algoperf-0.5-external" and row.quantity == "time"]
    assert [row.workload for row in mine] == ["all", *results.trials["workload"].unique()]
    for row in mine:
        assert row.methods.split() == list(scores)
        ours = (pace.mean(axis=1) if row.workload == "all" else pace[row.workload])[list(scores)]
        expected = kendalltau(-ours, list(scores.values()))
        assert row.value == pytest.approx(expected.statistic)
        if ours.is_unique:  # with ties scipy's p is of large samples
            assert row.p == pytest.approx(expected.pvalue)
        assert -1 <= row.low <= row.high <= 1


def test_fewer_than_four_methods_in_common_are_named_without_a_tau(rows):
    (row,) = [row for row in rows if row.published == "algoperf-2026-self-tuning" and row.quantity == "final"]
    assert row.methods.split() == ["schedule-free-adamw", "nadamw", "muon"]
    assert np.isnan(row.value)
    assert row.note == "3 methods in common, 4 are asked for"


def test_a_ratio_is_of_geometric_means_beside_what_is_published(results, rows):
    pace = paces(results)
    mine = {row.workload: row for row in rows if row.published == "nanogpt-muon"}
    expected = np.exp((pace.loc["muon"] - pace.loc["adamw"]).mean())
    assert mine["all"].value == pytest.approx(expected)
    assert mine["all"].low < mine["all"].value < mine["all"].high
    assert mine["all"].note == "0.58 to 0.66"
    (absent,) = [row for row in rows if row.published == "pretraining-soap"]
    assert absent.note == "not run: soap"


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (0.6, 0.7, "not told apart"),
        (0.3, 0.5, "faster than published"),
        (0.7, 0.9, "slower than published"),
        (1.1, 1.2, "slower than published, and than 1"),
        (float("nan"), float("nan"), ""),
    ],
)
def test_words_on_ratios(low, high, word):
    from validity.card import compared
    from validity.published import Ratio

    assert compared(low, high, Ratio("a", "A", "muon", "adamw", 0.62, "b", (), low=0.58, high=0.66)) == word


def test_other_submissions_of_a_method_move_tau():
    from validity.orders import Ours, spread
    from validity.published import published

    order = next(o for o in published().orders if o.name == "algoperf-2026-self-tuning")
    methods = ["schedule-free-adamw", "ademamix", "nadamw", "muon", "cautious", "lion"]
    best = [order.submissions(methods)[name][0] for name in methods]
    assert [entry.score for entry in best] == sorted((entry.score for entry in best), reverse=True)
    found = Ours(methods, ["w"], np.arange(6.0)[:, None, None], "time")
    low, high = spread(found, order.choices(methods))
    assert high == 1.0
    assert low < 0.7  # the weaker Muon and AdEMAMix are behind the cautious one


def test_published_data_name_a_source_and_our_components():
    from validity.published import published

    data = published()
    known = {candidate.name for candidate in load("standard", registry()).candidates} | {"lion"}  # a plugin
    for order in data.orders:
        assert "http" in order.source
        assert order.caveats
        assert order.entries == tuple(sorted(order.entries, key=order.cost)), order.name
        assert all(entry.difference for entry in order.entries)
        assert {entry.ours for entry in order.entries} - {None} <= known
    for ratio in data.ratios:
        assert ratio.ends[0] <= ratio.ratio <= ratio.ends[1]
        assert {ratio.ours, ratio.against} <= known
        assert ratio.range


def test_a_wrong_table_is_named(tmp_path):
    from validity.published import published

    file = tmp_path / "wrong.toml"
    file.write_text('[[ratios]]\nname = "a"\ntitle = "A"\nratoi = 1.0\n')
    with pytest.raises(OptbenchError, match=r"wrong.toml: ratios\[0\] a: .*ratoi"):
        published(file)


def test_the_command_fills_a_page_and_a_table(results, rows, tmp_path, capsys):
    from validity.card import BEGIN, END, main

    page, table = tmp_path / "page.md", tmp_path / "card.csv"
    page.write_text(f"Before.\n\n{BEGIN}\nstale words\n{END}\n\nAfter.\n")
    assert main([str(results.folder), "--into", str(page), "--csv", str(table)]) == 0
    text = page.read_text()
    assert text.startswith("Before.\n")
    assert text.endswith("After.\n")
    assert "stale words" not in text
    named = "shampoo-grafted, schedule-free-adamw, nadamw, amos, caspr"
    assert f"| AlgoPerf v0.5, external tuning | time | {named} |" in text
    shown = next(row for row in rows if row.published == "nanogpt-muon" and row.workload == "digits-cnn")
    told = f"| digits-cnn | {shown.value:.2f} [{shown.low:.2f}, {shown.high:.2f}] |"
    assert "| workload | muon / adamw | shampoo-grafted / adamw |\n" in text
    assert told in text
    with table.open() as stream:
        written = list(csv.DictReader(stream))
    assert [row["methods"] for row in written] == [row.methods for row in rows]
    plain = tmp_path / "plain.md"
    plain.write_text("No marks.\n")
    assert main([str(results.folder), "--into", str(plain)]) == 2
    assert "no marks" in capsys.readouterr().err
    assert plain.read_text() == "No marks.\n"


def test_the_page_has_what_is_published_and_both_marks():
    from validity.published import published

    from validity import card, sizes

    page = (Path(__file__).resolve().parents[2] / "docs" / "validity.md").read_text(encoding="utf-8")
    for mark in (card.BEGIN, card.END, sizes.BEGIN, sizes.END):
        assert page.count(mark) == 1
    for order in published().orders:
        assert order.source in page
        for entry in order.entries:
            assert f"| {entry.published} | {entry.score:.3f} | {entry.ours or 'none'}" in page
    for ratio in published().ratios:
        assert f"{ratio.title}: {ratio.ratio:.2f}" in page
        assert ratio.source in page
