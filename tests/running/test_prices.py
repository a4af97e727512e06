"""What a step costs beside one of Adam: who does twice the work is told to take longer."""

import pytest

import optbench
from optbench.registry.registry import registry
from optbench.results.foretelling import foretold, seconds_of, step_notes
from optbench.running import prices
from optbench.running.prices import ratios
from optbench.suite import parse
from support.suites import bowl, candidate, moons, searched, suite

LOSS = {"metric": "train_loss", "value": 0.35}
TEXT = suite(moons(target=LOSS), bowl(), searched("sgd", "adam"), candidate("twice", optimizer="sam"))


@pytest.fixture
def asked(monkeypatch):
    """Work instead of time: a clock that ticks with each gradient that any training evaluates."""
    from optbench.training import trainer

    ticks = [0]
    step = trainer.Training.step

    def counted(training):
        before = training.rows[0].context.extra_gradients
        step(training)
        ticks[0] += 1 + training.rows[0].context.extra_gradients - before

    monkeypatch.setattr(trainer.Training, "step", counted)
    monkeypatch.setattr(prices, "CLOCK", lambda: float(ticks[0]))
    monkeypatch.setattr(prices, "PATIENCE", 600.0)
    return parse(TEXT, "tiny.toml", registry())


def test_two_gradients_a_step_cost_twice(asked):
    found = ratios(asked, registry(), {})
    assert found == {(w, c): 2.0 if c == "twice" else 1.0 for w in ("moons", "bowl") for c in ("sgd", "adam", "twice")}


def test_what_is_known_is_not_timed_again_and_the_rest_has_the_mean(asked, monkeypatch):
    known = {("moons", "twice"): 8.0, ("bowl", "twice"): 2.0, ("moons", "sgd"): 0.5}
    assert ratios(asked, registry(), known)[("moons", "twice")] == 8.0
    assert ratios(asked, registry(), known)[("bowl", "sgd")] == 1.0
    monkeypatch.setattr(prices, "PATIENCE", -1.0)
    hurried = ratios(asked, registry(), known)
    assert hurried == {**known, ("bowl", "sgd"): 0.5}


def test_a_dear_candidate_takes_its_multiple_of_the_minutes():
    whole = parse(TEXT, "tiny.toml", registry())
    rates = {"moons": 0.1, "bowl": 0.01}
    alone = seconds_of(whole.model_copy(update={"candidates": whole.candidates[2:]}), rates, 1)
    dear = {("moons", "twice"): 3.0}
    assert seconds_of(whole, rates, 1, dear)["moons"] - seconds_of(whole, rates, 1)["moons"] == pytest.approx(
        2 * (alone["moons"] - 2e-3 * 4)
    )
    assert seconds_of(whole, rates, 1, dear)["bowl"] == seconds_of(whole, rates, 1)["bowl"]


def test_a_plan_says_who_is_dear(asked, tmp_path):
    found = foretold(asked, registry(), 1, None, None)
    assert dict(found.steps) == {"sgd": 1.0, "adam": 1.0, "twice": pytest.approx(2.0)}
    assert "a step of twice takes 2.0 times one of Adam, which the minutes count" in found.notes
    assert not any("step of sgd" in note for note in found.notes)
    assert found.as_dict()["steps"]["twice"] == pytest.approx(2.0)
    notes = step_notes({"mine": 1.0}, {("a", "mine"): 0.5, ("b", "mine"): 2.0}, ["mine"], ["mine", "other"])
    assert notes == [
        "a step of mine takes 1.0 times one of Adam (0.5 to 2.0 by workload), which the minutes count",
        "what a step costs is not known of other, and counts as one of Adam",
    ]


def test_stored_results_tell_what_they_timed(tmp_path):
    (tmp_path / "tiny.toml").write_text(suite(moons(target=LOSS), searched("sgd", "adam")))
    results = optbench.run(tmp_path / "tiny.toml", "serial", tmp_path / "out", report=False)
    costs = results.costs.set_index("candidate")["seconds_per_step"]
    found = optbench.plan(tmp_path / "tiny.toml", source=tmp_path / "out")
    assert found.steps["sgd"] == pytest.approx(costs["sgd"] / costs["adam"])
    assert found.steps["adam"] == 1.0
