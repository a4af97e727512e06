"""Main effects and interactions: against loops, least squares by statsmodels, and designs whose truth is known."""

import importlib
import math
from itertools import product

import numpy as np
import pytest

from optbench.statistics.interactions import (
    COLUMNS,
    Design,
    aliases,
    designs,
    effects,
    interactions,
    levels_table,
    terms_of,
)

OPTIMIZERS, SCHEDULES, PENALTIES = ("sgd", "adam", "rmsprop"), ("constant", "warmup"), ("none", "l2")
FACTORS = {"optimizer": OPTIMIZERS, "schedule": SCHEDULES, "regularizer": PENALTIES}


def suite(factors, keep=lambda cell: True, **fields):
    """A suite whose candidates are the cells of a full cross, named by their levels."""
    cells = [cell for cell in product(*factors.values()) if keep(cell)]
    candidates = [
        {"name": "+".join(cell), "design": "grid", "levels": dict(zip(factors, cell, strict=True))} for cell in cells
    ]
    return {"designs": {"grid": factors}, "candidates": candidates, **fields}


def measured(trials, cells, log_time, workloads=("w0", "w1"), seeds=8, noise=0.05, accuracy=None):
    """Trials in which a cell takes exp(log_time(cell)) steps, with noise of seeds, workloads and runs."""
    rng = np.random.default_rng(0)
    rows = []
    for workload in workloads:
        for seed in range(seeds):
            shared = rng.normal()
            for cell in cells:
                time = math.exp(5 + shared + log_time(cell) + noise * rng.normal())
                value = 0.8 if accuracy is None else accuracy(cell) + 0.002 * rng.normal()
                rows.append((workload, "+".join(cell), seed, time, value))
    return trials(rows)


def found(table, **where):
    for column, value in where.items():
        table = table[table[column] == value]
    assert len(table) == 1, table
    return table.iloc[0]


def truth(cell):
    """Warm-up halves adam's time and no other's; l2 costs a tenth everywhere."""
    return (math.log(0.5) if cell[:2] == ("adam", "warmup") else 0.0) + (math.log(1.1) if cell[2] == "l2" else 0.0)


def test_what_is_there_is_found_with_its_size(trials):
    cells = list(product(*FACTORS.values()))
    table = interactions(suite(FACTORS), measured(trials, cells, truth))
    assert list(table.columns) == list(COLUMNS)
    here = table[table["metric"] == "steps"]
    row = found(here, kind="interaction", level="warmup", at="adam")
    assert row["verdict"] == "helps more"
    assert row["low"] < 0.5 < row["high"]
    other = found(here, kind="interaction", level="warmup", at="rmsprop")
    assert other["verdict"] in ("equal", "undecided")
    assert other["low"] < 1 < other["high"]
    assert found(here, kind="main", level="l2")["verdict"] == "slower"
    within = found(here, kind="within", level="warmup", at="adam")
    assert within["verdict"] == "faster"
    # two effects and their interaction agree
    plain = found(here, kind="within", level="warmup", at="sgd")
    assert row["effect"] == pytest.approx(within["effect"] / plain["effect"])


def test_against_loops_over_seeds(trials):
    cells = list(product(*FACTORS.values()))
    frame = measured(trials, cells, truth)
    table = interactions(suite(FACTORS), frame, "w1")
    row = found(table, metric="steps", kind="interaction", level="warmup", at="adam")
    times = frame[frame["workload"] == "w1"].set_index(["candidate", "seed"])["steps_to_target"].map(math.log)
    gains = []
    for seed in range(8):
        rest = []
        for penalty in PENALTIES:
            y = {(o, s): times[f"{o}+{s}+{penalty}", seed] for o in OPTIMIZERS for s in SCHEDULES}
            rest.append((y["adam", "warmup"] - y["adam", "constant"]) - (y["sgd", "warmup"] - y["sgd", "constant"]))
        gains.append(sum(rest) / len(rest))
    assert row["effect"] == pytest.approx(math.exp(np.mean(gains)))
    assert (row["pairs"], row["workloads"]) == (8, 1)


@pytest.mark.oracle
def test_least_squares_gives_the_same_estimates(trials):
    """On balanced data, with the seed as a factor: statsmodels, sum-coded where means over other factors are meant."""
    smf = importlib.import_module("statsmodels.formula.api")
    cells = list(product(*FACTORS.values()))
    frame = measured(trials, cells, truth, workloads=("w0",))
    data = frame.assign(y=np.log(frame["steps_to_target"]))
    data[list(FACTORS)] = data["candidate"].str.split("+", expand=True).to_numpy()
    fit = smf.ols(
        "y ~ C(optimizer, Treatment('sgd')) * C(schedule, Treatment('constant')) "
        "+ C(regularizer, Treatment('none')) + C(seed)",
        data,
    ).fit()
    table = interactions(suite(FACTORS), frame)
    for at in ("adam", "rmsprop"):
        term = f"C(optimizer, Treatment('sgd'))[T.{at}]:C(schedule, Treatment('constant'))[T.warmup]"
        row = found(table, metric="steps", kind="interaction", level="warmup", at=at)
        assert math.log(row["effect"]) == pytest.approx(fit.params[term], abs=1e-9)
    main = found(table, metric="steps", kind="main", level="l2")
    assert math.log(main["effect"]) == pytest.approx(fit.params["C(regularizer, Treatment('none'))[T.l2]"], abs=1e-9)


def test_results_are_differences_and_more_is_better(trials):
    factors = {"optimizer": ("sgd", "adam"), "schedule": SCHEDULES}
    cells = list(product(*factors.values()))
    frame = measured(
        trials, cells, lambda cell: 0.0, accuracy=lambda cell: 0.8 + 0.05 * (cell == ("adam", "warmup"))
    )
    row = found(interactions(suite(factors), frame), metric="final", kind="interaction")
    assert row["verdict"] == "helps more"
    assert row["effect"] == pytest.approx(0.05, abs=0.005)
    level = found(interactions(suite(factors), frame), metric="final", kind="within", at="sgd")
    assert level["verdict"] == "equal"


def test_the_suites_margin_counts(trials):
    factors = {"optimizer": ("sgd", "adam"), "schedule": SCHEDULES}
    cells = list(product(*factors.values()))
    frame = measured(trials, cells, lambda cell: 0.04 * (cell == ("adam", "warmup")), noise=0.01)
    for margin, word in ((0.2, "equal"), (0.01, "helps less")):
        table = interactions(suite(factors, equal={"time": margin, "result": 0.1}), frame)
        assert found(table, metric="steps", kind="interaction")["verdict"] == word


def test_a_half_fraction_says_what_it_cannot_tell(trials):
    """c = a b: the cells whose product of signs is +; a main effect comes with an interaction."""
    factors = {"optimizer": ("a", "b"), "schedule": ("c", "d"), "regularizer": ("e", "f")}
    sign = {"a": -1, "b": 1, "c": -1, "d": 1, "e": -1, "f": 1}
    half = suite(factors, lambda cell: math.prod(sign[level] for level in cell) == 1)
    cells = [tuple(c["name"].split("+")) for c in half["candidates"]]
    table = interactions(half, measured(trials, cells, lambda cell: math.log(2.0) * (cell[0] == "b"), noise=0.01))
    main = found(table, metric="steps", kind="main", factor="optimizer")
    assert main["effect"] == pytest.approx(2.0, rel=0.02)
    assert main["aliased"] == "schedule x regularizer"
    twin = found(table, metric="steps", kind="interaction", factor="regularizer", within="schedule")
    assert twin["aliased"] == "optimizer"
    assert twin["effect"] == pytest.approx(4.0, rel=0.05)  # a difference of differences is twice the main effect


def test_a_whole_cross_and_a_half_of_four_factors_alias_no_main_effect():
    four = {"optimizer": ("a", "b"), "schedule": ("c", "d"), "normalizer": ("e", "f"), "regularizer": ("g", "h")}
    sign = dict(zip("abcdefgh", (-1, 1) * 4, strict=True))
    for factors, keep in (
        (FACTORS, lambda cell: True),
        (four, lambda cell: math.prod(sign[level] for level in cell) == 1),  # I = ABCD: resolution IV
    ):
        table = suite(factors, keep)
        (design,) = designs(table, [c["name"] for c in table["candidates"]])
        for asked in effects(design, "main"):
            assert aliases(design, asked, terms_of(design, asked)) == []
    pairs = [aliases(design, asked, terms_of(design, asked)) for asked in effects(design, "interaction")]
    assert pairs[0] == ["normalizer x regularizer"]


def test_times_are_compared_where_every_cell_met_the_target(trials):
    factors = {"optimizer": ("sgd", "adam"), "schedule": SCHEDULES}
    cells = list(product(*factors.values()))
    frame = measured(trials, cells, lambda cell: 0.0)
    frame.loc[(frame["workload"] == "w0") & (frame["candidate"] == "sgd+warmup"), "steps_to_target"] = math.inf
    table = interactions(suite(factors), frame)
    assert set(table.loc[table["metric"] == "steps", "workloads"]) == {1}
    assert set(table.loc[table["metric"] == "final", "workloads"]) == {2}


def test_cells_that_did_not_run_take_no_part(trials):
    cells = [cell for cell in product(*FACTORS.values()) if cell[0] != "rmsprop"]
    table = interactions(suite(FACTORS), measured(trials, cells, truth))
    assert "rmsprop" not in {*table["level"], *table["at"]}
    assert len(table)


def test_nothing_without_a_design(trials):
    frame = measured(trials, [("sgd", "constant", "none")], truth)
    assert interactions({"candidates": []}, frame).empty
    assert list(interactions({}, frame).columns) == list(COLUMNS)


def test_the_plot_shows_cells_over_their_seeds_mean(trials):
    cells = list(product(*FACTORS.values()))
    frame = measured(trials, cells, truth, noise=0.0)
    table = levels_table(suite(FACTORS), frame, "steps", "grid", "schedule", "optimizer")
    values = {(row.at, row.level): row.mean for row in table.itertuples()}
    assert values["adam", "warmup"] / values["adam", "constant"] == pytest.approx(0.5)
    assert values["sgd", "warmup"] == pytest.approx(values["rmsprop", "constant"])
    assert np.log(list(values.values())).mean() == pytest.approx(0, abs=1e-9)


def test_cells_are_found_by_some_of_their_levels():
    design = Design("d", {"x": ("a", "b"), "y": ("c", "d")}, {("a", "c"): "p", ("a", "d"): "q", ("b", "c"): "r"})
    assert design.where(x="a") == {("c",): "p", ("d",): "q"}
    assert design.where(x="b", y="d") == {}
