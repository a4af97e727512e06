"""Would it say the same tomorrow: luck and noise that were put in, and a real suite tuned anew twice."""

import math

import numpy as np
import pytest

import optbench
from optbench.referee import decisive
from optbench.referee.__main__ import main
from optbench.referee.tunings import OVERALL, Tunings, gathered, split, spread, table

SUITE = """
title = "Two on a bowl"
seeds = 3
seed = 5

[tuning]
trials = 5
finalists = 2
confirm = 1
studies = {studies}

[[workloads]]
name = "valley"
function = "rosenbrock"
steps = 60
target = {{ metric = "train_loss", ladder = [4.0, 2.0] }}

[[candidates]]
name = "sgd"
optimizer = "sgd"

[[candidates]]
name = "adam"
optimizer = "adam"
"""


def made(tunings, seeds, luck, noise, rng):
    """Log times of two candidates on one workload: a difference of 0.5, luck of each tuning, noise shared and own."""
    base = rng.normal(size=(1, seeds)) * 0.3 + np.zeros((tunings, 1))
    own = rng.normal(size=(1, seeds)) * noise  # the same seeds in every tuning
    rest = rng.normal(size=(tunings, seeds)) * noise
    other = base + 0.5 + luck * rng.normal(size=(tunings, 1)) + own + rest
    return np.stack([base, other], axis=1)[:, :, None, :]


def test_luck_and_noise_that_were_put_in():
    rng = np.random.default_rng(0)
    parts = []
    for _ in range(300):
        values = made(5, 8, 0.2, 0.15, rng)
        parts.append(split((values[:, 1] - values[:, 0])[:, 0]))
    effect, low, high, noise, over, luck = np.array(parts).T
    assert effect.mean() == pytest.approx(0.5, abs=0.02)
    assert (low <= effect).all()
    assert (effect <= high).all()
    assert np.sqrt((noise**2).mean()) == pytest.approx(0.15 * math.sqrt(2), rel=0.03)
    np.testing.assert_allclose(over, noise / math.sqrt(8))
    assert np.sqrt((luck**2).mean()) == pytest.approx(0.2, rel=0.06)


def test_no_luck_is_found_where_there_is_none():
    rng = np.random.default_rng(1)
    found = [split((v[:, 1] - v[:, 0])[:, 0])[-1] ** 2 for v in (made(5, 8, 0.0, 0.15, rng) for _ in range(300))]
    assert np.sqrt(np.mean(found)) < 0.045  # a variance that is cut at 0, of 0.15 / sqrt(8) = 0.053
    assert split(np.ones((3, 1)) * 0.7) == pytest.approx((0.7, 0.7, 0.7, 0, 0, 0))


def test_orders_leaders_and_the_baseline():
    times = np.log(np.array([[10.0, 20, 30], [10, 30, 20], [30, 20, 10]]))[:, :, None, None]
    found = Tunings(["a", "b", "c"], ["w"], {"time": times, "final": -times}, "a")
    assert found.leaders("time") == found.leaders("final") == ["a", "a", "c"]
    mean, least = found.tau("time")  # of three pairs of candidates one, three, and two change places
    assert (mean, least) == pytest.approx((np.mean([1 / 3, -1, -1 / 3]), -1))
    frame = spread(found)
    assert frame["candidate"].unique().tolist() == ["b", "c"]
    row = frame[(frame["candidate"] == "b") & (frame["workload"] == OVERALL)].iloc[0]
    assert (row["low"], row["high"]) == pytest.approx((math.log(20 / 30), math.log(3)))
    assert "| time | -0.33 | -1.00 | a, a, c |" in table(found, frame)


def test_the_workload_that_decides_comes_first():
    rng = np.random.default_rng(2)
    apart = made(4, 10, 0.0, 0.1, rng)  # a difference of 0.5, noise 0.1 of each run
    level = apart * np.array([1, 0])[:, None, None] + apart[:, :1] * np.array([0, 1])[:, None, None]
    level = level + 0.3 * rng.normal(size=level.shape)
    times = np.concatenate([level, apart], axis=2)
    found = Tunings(["a", "b"], ["level", "apart"], {"time": times}, "a", seconds={"level": 2.0, "apart": 3.0})
    frame = decisive.decisive(found, spread(found))
    assert frame["workload"].tolist() == ["apart", "level"]
    assert frame["told"].iloc[0] == 1
    assert frame["told"].iloc[1] <= 0.5
    differences = times[:, 1] - times[:, 0]
    noise = np.median(differences.std(axis=2, ddof=1), axis=0)
    np.testing.assert_allclose(frame["noise"], noise[::-1])
    assert "| all | 5.0 |" in decisive.table(frame)


@pytest.mark.parametrize("studies", [1, 2])
def test_a_suite_is_tuned_anew_and_what_is_there_is_kept(tmp_path, capsys, studies):
    suite = tmp_path / "bowl.toml"
    suite.write_text(SUITE.format(studies=studies), encoding="utf-8")
    arguments = ["--tunings", "2", str(suite), "--out", str(tmp_path / "out"), "--engine", "serial"]
    assert main(arguments) == 0
    first = capsys.readouterr().out
    folders = [tmp_path / "out" / "bowl" / f"tuning-{n}" for n in range(2)]
    results = [optbench.load(folder) for folder in folders]
    assert [r.suite["seed"] for r in results] == [5, 6]
    rates = [set(r.trials.loc[r.trials["phase"] == "tune", "hyperparameters"]) for r in results]
    assert not rates[0] & rates[1]
    assert [sorted(set(r.trials.loc[r.trials["phase"] == "final", "seed"])) for r in results] == [[1, 2, 3]] * 2
    found = gathered(results)
    assert found.values["time"].shape == (2, 2, 1, 3)
    assert found.trainings == studies * 2 * (5 + 3)
    assert 0 < found.steps <= found.trainings * 60  # what diverged has fewer
    assert f"2 tunings, each {found.trainings} trainings of {found.steps:,} steps" in first
    assert {f.name for f in (tmp_path / "out").glob("*.csv")} == {"tunings.csv", "workloads.csv"}
    before = [r.trials.set_index("key")["seconds"].to_dict() for r in results]
    assert main(arguments) == 0
    again = [optbench.load(folder).trials.set_index("key")["seconds"].to_dict() for folder in folders]
    assert again == before  # nothing was trained a second time
    assert capsys.readouterr().out == first


@pytest.mark.parametrize(("number", "suite"), [("1", "quick"), ("x", "quick"), ("2", "quik")])
def test_mistakes(tmp_path, capsys, number, suite):
    assert main(["--tunings", number, suite, "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("error: ")
