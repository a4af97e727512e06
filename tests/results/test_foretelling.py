"""What a run will be able to tell: from whose noise, for how many seeds, and nothing is trained."""

import json
import math

import numpy as np
import pytest

import optbench
from optbench.cli import main
from optbench.registry.registry import registry
from optbench.results.foretelling import foretold, seconds_of
from optbench.results.rounds import at
from optbench.running.progress import Watcher
from optbench.statistics import least_difference, noise, seed_pairs
from optbench.suite import load
from optbench.tuning import planned, work
from support.suites import bowl, moons, searched, suite

LOSS = {"metric": "train_loss", "value": 0.35}
PARTS = (moons(target=LOSS, epochs=8), bowl(target={**LOSS, "value": 0.01}), searched("sgd", "nesterov"))


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A suite, and a run of it with eight seeds."""
    folder = tmp_path_factory.mktemp("plan")
    (folder / "tiny.toml").write_text(suite(*PARTS, seeds=12))
    optbench.run(folder / "tiny.toml", "serial", folder / "out", seeds=8, report=False)
    return folder


def rows(plan):
    return plan.table.set_index("workload")


def test_the_numbers_are_those_of_the_stored_noise(place):
    found = optbench.plan(place / "tiny.toml", source=place / "out")
    trials = optbench.load(place / "out").trials
    assert (found.seeds, found.comparisons, found.notes) == (12, 1, ())
    assert list(found.table["workload"]) == ["moons", "bowl", "all"]
    for kind, by in (("time", "steps"), ("result", "final")):
        pairs = seed_pairs(trials, by)
        spread = dict(zip(pairs.workloads, noise(pairs), strict=True))
        scale = math.expm1 if kind == "time" else float
        for name in ("moons", "bowl"):
            assert rows(found).loc[name, f"noise_{kind}"] == pytest.approx(spread[name])
            assert rows(found).loc[name, f"least_{kind}"] == pytest.approx(scale(least_difference([spread[name]], 12)))
        assert rows(found).loc["all", f"least_{kind}"] == pytest.approx(
            scale(least_difference([spread[n] for n in ("moons", "bowl")], 12))
        )
    assert "this run will tell" in found.lines()[0]


def test_trials_and_more_seeds(place):
    found, more = (optbench.plan(place / "tiny.toml", source=place / "out", seeds=n) for n in (12, 48))
    assert list(rows(found)["trials"]) == [28, 28, 56]
    assert list(rows(more)["trials"]) == [100, 100, 200]
    for name in ("moons", "all"):  # of the bowl there is no noise, and nothing is too small to be told
        for least in ("least_time", "least_result"):
            assert 0 < rows(more).loc[name, least] < rows(found).loc[name, least]
    assert (rows(more)["noise_time"].dropna() == rows(found)["noise_time"].dropna()).all()


def test_minutes_give_the_most_seeds_that_fit(place):
    """By the same prices: one seed more would not fit."""
    whole = load(place / "tiny.toml", registry())
    rates = {"moons": 0.1, "bowl": 0.01}
    for minutes in (1.0, 2.0, 5.0):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("optbench.results.foretelling.priors", lambda *_: rates)
            patch.setattr("optbench.results.foretelling.ratios", lambda *_: {})
            found = foretold(whole, registry(), 2, None, None, minutes=minutes)
            beyond = foretold(at(whole, found.seeds + 1), registry(), 2, None, None)
        assert rows(found).loc["all", "minutes"] <= minutes < rows(beyond).loc["all", "minutes"]
        assert f"{found.seeds} seeds are the most that fit into {minutes:g} minutes" in found.notes[0]
    assert work(whole)["moons", "sgd"] == 8 * (2 + 12)
    assert seconds_of(whole, rates, 2)["moons"] == pytest.approx(0.1 * 8 * 2 * 14 / 2 + 2e-3 * 28)
    assert planned(whole) == 56


def test_what_is_not_known_is_said(place, tmp_path):
    """Workloads of the same name that are defined differently: nothing of them, or only of their results."""
    harder = moons(target={**LOSS, "value": 0.3}, epochs=8)
    parts = (harder, bowl(steps=70), moons("new"), searched("sgd", "nesterov"))
    (tmp_path / "other.toml").write_text(suite(*parts, seeds=12))
    found = optbench.plan(tmp_path / "other.toml", source=place / "out")
    table = rows(found)
    assert np.isnan(table.loc["moons", "least_time"])
    assert table.loc["moons", "least_result"] > 0
    assert table.loc[["bowl", "new"], ["least_time", "least_result"]].isna().all(axis=None)
    text = "\n".join(found.lines())
    assert "moons has another target" in text
    assert "bowl has another steps there" in text
    assert "new is not there" in text
    assert "--pilot" in text


def test_the_baseline_is_planned_as_it_is_run(tmp_path):
    path, part = tmp_path / "tiny.toml", {"candidates": ["nesterov"], "workloads": ["bowl"]}
    path.write_text(suite(*PARTS, baseline="sgd"))
    found = optbench.plan(path, **part)
    told = Watcher()
    optbench.run(path, "serial", tmp_path / "out", report=False, watcher=told, **part)
    assert rows(found).loc["all", "trials"] == told.done > 0
    assert found.comparisons == 1


def test_nothing_is_trained_and_nothing_written(place, monkeypatch, tmp_path):
    def never(*_, **__):
        raise AssertionError("a plan trains nothing")

    monkeypatch.setattr("optbench.api.execute", never)
    monkeypatch.chdir(tmp_path)
    found = optbench.plan(place / "tiny.toml")
    assert found.source is None
    assert any("nothing is known of the noise" in line for line in found.lines())
    assert found.table[["least_time", "least_result"]].isna().all(axis=None)
    assert list(tmp_path.iterdir()) == []


def test_a_pilot_has_six_seeds_and_is_the_begin_of_the_run(place, tmp_path):
    found = optbench.plan(place / "tiny.toml", "serial", tmp_path / "out", pilot=True)
    final = optbench.load(tmp_path / "out").trials.query("phase == 'final'")
    assert set(final["seed"]) == set(range(1, 7))
    assert found.seeds == 12  # what is foretold is the suite's run
    assert rows(found)["least_time"].notna().all()
    with pytest.raises(optbench.OptbenchError, match="has runs already: --from"):
        optbench.plan(place / "tiny.toml", "serial", tmp_path / "out", pilot=True)


def test_the_reference_of_quick_and_ones_own_candidate():
    """The question of one against the stored ones has as many comparisons as these are."""
    stored = optbench.load("reference/quick")  # a plugin may have those of others
    alone = optbench.plan("quick", candidates=["adan"], against="reference")
    others = [c["name"] for c in stored.suite["candidates"] if c["name"] != "adan"]
    assert (alone.source, alone.seeds, alone.comparisons) == ("reference", stored.suite["seeds"], len(others))
    whole = optbench.plan("quick")
    assert whole.comparisons == math.comb(len(load("quick", registry()).candidates), 2)
    assert rows(alone).loc["all", "trials"] < rows(whole).loc["all", "trials"]


def test_the_command_prints_a_table_or_json(place, capsys):
    words = ["plan", str(place / "tiny.toml"), "--from", str(place / "out")]
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert "moons" in shown
    assert "12 seeds, 1 comparisons a question" in shown
    with pytest.raises(SystemExit):
        main([*words, "--json"])
    found = json.loads(capsys.readouterr().out)
    assert [row["workload"] for row in found["workloads"]] == ["moons", "bowl", "all"]
    assert found["workloads"][-1]["noise_time"] is None
    assert found["source"] == str(place / "out")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"seeds": 3, "minutes": 4}, "seeds and minutes: give one of them"),
        ({"pilot": True, "source": "reference"}, "pilot and source: give one of them"),
        ({"minutes": -1}, "minutes must be a number of minutes"),
        ({"minutes": 1e-6}, "two seeds take about"),
        ({"source": "nowhere"}, "nowhere"),
        ({"pilot": 1}, "pilot must be true or false"),
        ({"seeds": 0}, r"seeds must be a whole number in \[1, 9999\]"),
    ],
)
def test_what_cannot_be_planned(place, given, message):
    with pytest.raises(optbench.OptbenchError, match=message):
        optbench.plan(place / "tiny.toml", **given)
