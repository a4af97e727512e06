"""The study in size on made-up results: orders that hold or turn, effects that fade or grow."""

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import linregress

from optbench.contract.errors import OptbenchError
from optbench.registry.registry import registry
from optbench.suite import parse

FILE = Path(__file__).resolve().parents[2] / "suites" / "validity" / "sizes.toml"
WIDTHS = (32, 64, 128, 256)


def logs(start, slope, noise=0.01, places=3, seed=0):
    rng = np.random.default_rng(seed)
    return [start + slope * i + noise * rng.normal(size=places) for i in range(len(WIDTHS))]


@pytest.mark.parametrize(
    ("start", "step", "word"),
    [
        (-0.4, 0.1, "fades"),
        (0.4, -0.1, "fades"),
        (-0.2, 0.2, "turns to slower"),
        (0.2, -0.2, "turns to faster"),
        (-0.4, -0.1, "grows"),
        (0.4, 0.1, "grows"),
        (-0.4, 0.0, "no trend told"),
    ],
)
def test_words_of_slopes(start, step, word):
    from validity.sizes import slope

    found = slope("mlp", "muon", WIDTHS, logs(start, step))
    assert found.word == word
    assert found.low <= step <= found.high
    assert [width for width, *_ in found.ratios] == list(WIDTHS)
    assert found.ratios[0][1] == pytest.approx(np.exp(np.mean(logs(start, step)[0])))


def test_what_is_no_effect_at_first_moves():
    from validity.sizes import slope

    assert slope("mlp", "muon", WIDTHS, logs(0.0, 0.2)).word == "moves to slower"


def test_a_slope_is_that_of_least_squares():
    from validity.sizes import slope

    rows = logs(-0.3, 0.05, noise=0.1)
    expected = linregress(np.repeat(np.log2(WIDTHS), 3), np.concatenate(rows)).slope
    assert slope("mlp", "muon", WIDTHS, rows).slope == pytest.approx(expected)


def test_intervals_of_slopes_cover():
    from validity.sizes import slope

    inside = 0
    for seed in range(300):
        found = slope("mlp", "muon", WIDTHS, logs(-0.3, 0.05, noise=0.1, seed=seed))
        inside += found.low <= 0.05 <= found.high
    assert inside / 300 == pytest.approx(0.95, abs=0.04)


def made_up(paces, noise=0.0):
    """`paces` {workload: means of five methods}, on three studies."""
    from validity.orders import Ours

    rng = np.random.default_rng(0)
    values = np.array(list(paces.values()), dtype=float).T[:, :, None]
    values = values + noise * rng.normal(size=(*values.shape[:2], 3))
    return Ours([f"m{i}" for i in range(5)], list(paces), values, "time")


def test_orders_between_widths():
    from validity.sizes import between

    up, turned = [0, 1, 2, 3, 4], [0, 1, 2, 4, 3]
    found = made_up({"mlp-w32": up, "mlp-w64": up, "rnn-w8": up, "rnn-w16": turned})
    rows = {(row.family, row.widths): row for row in between(found, np.random.default_rng(0))}
    assert list(rows) == [("mlp", (32, 64)), ("rnn", (8, 16)), ("all", (0, 1))]
    assert rows["mlp", (32, 64)].tau == rows["mlp", (32, 64)].low == 1.0
    assert rows["rnn", (8, 16)].tau == pytest.approx(0.8)
    noisy = between(made_up({"mlp-w32": up, "mlp-w64": up}, noise=3.0), np.random.default_rng(0))[0]
    assert noisy.low < noisy.high


def test_widths_and_methods_are_asked_for():
    from validity.sizes import between

    with pytest.raises(OptbenchError, match="FAMILY-wWIDTH"):
        between(made_up({"mlp": [0, 1, 2, 3, 4]}), np.random.default_rng(0))
    found = made_up({"mlp-w32": [0, 1, 2, 3, 4], "mlp-w64": [0, 1, np.nan, np.nan, 4]})
    with pytest.raises(OptbenchError, match="3 candidates"):
        between(found, np.random.default_rng(0))


def test_the_figure_has_every_ratio():
    from validity.sizes import figure, slope

    rows = [slope("mlp", name, WIDTHS, logs(start, 0.1)) for name, start in (("sgd", 0.5), ("muon", -0.3))]
    (panel,) = figure(rows).axes
    lines = {line.get_label(): line.get_ydata() for line in panel.lines}
    for row in rows:
        assert np.allclose(lines[row.method], [ratio for _, ratio, _, _ in row.ratios])


def test_the_suite_has_three_families_that_differ_in_width_alone():
    from validity.sizes import families

    suite = parse(FILE.read_text(encoding="utf-8"), str(FILE), registry())
    of = families([workload.name for workload in suite.workloads])
    assert list(of) == ["mlp", "autoencoder", "transformer"]
    tables = {workload.name: workload.model_dump(mode="json") for workload in suite.workloads}
    for family, widths in of.items():
        first, *others = widths
        assert [width / first for width in others] == [2, 4, 8]
        same = [{k: v for k, v in tables[name].items() if k not in {"name", "title", "network", "target"}} for name in
                widths.values()]  # fmt: skip
        assert all(table == same[0] for table in same), family
    assert suite.baseline == "adam"
    for candidate in suite.candidates:
        ends = candidate.optimizer["search"]["lr"]
        assert ends["high"] / ends["low"] == pytest.approx(1000)
