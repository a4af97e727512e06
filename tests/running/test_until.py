"""Runs that add seeds until all is decided: limits, killed and resumed, what is said."""

import numpy as np
import pytest

import optbench
from optbench.results.rounds import open_words
from optbench.running.status import lines, status
from optbench.statistics import at_look, least_difference, seed_pairs, sign_flip
from optbench.statistics.claims import judge
from optbench.statistics.tables import trial_frame
from optbench.statistics.until import aim, answer_of, answered
from optbench.store.store import STORE, Store
from support.processes import ended, run_here, start_optbench, until
from support.runs import decided, stored
from support.suites import LOW, bowl, candidate, claim, moons, searched, suite

LOSS = {"metric": "train_loss", "value": 0.35}
#: sgd twice: equal to the bit in truth, and so within any margin
SUITE = suite(
    moons(target=LOSS, epochs=8), moons("other", samples=200, target=LOSS, epochs=8), searched("sgd", "nesterov"),
    candidate("again", optimizer={"name": "sgd", "search": ["lr"]}),
    claim("nesterov leads", better="nesterov", worse="sgd"), claim("the same", equal=("sgd", "again")),
)  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("until")
    (folder / "tiny.toml").write_text(SUITE)
    return {"cwd": folder}


def words(out, *more):
    return ["run", "tiny.toml", "--until", "decided", "--engine", "serial", "--out", out, *more]


def said(folder):
    return optbench.load(folder).until


@pytest.fixture(scope="module")
def whole(place):
    """An undisturbed run up to its limit, or until it is decided, and what it printed."""
    out = place["cwd"] / "whole"
    done = run_here(*words(out, "--seeds-at-most", "14"), **place)
    assert done.returncode == 0, done.stderr
    return out, done


def test_seeds_are_the_same_for_all_and_those_of_a_planned_look(whole):
    out, _ = whole
    record = said(out)
    assert record["looks"] == [6, 9, 14]
    assert record["stopped"] in ("decided", "seeds")
    assert record["seeds"] in record["looks"]
    results = optbench.load(out)
    final = results.trials[results.trials["phase"] == "final"]
    assert set(final.groupby(["workload", "candidate"])["seed"].agg(set).map(frozenset)) == {
        frozenset(range(1, record["seeds"] + 1))
    }
    assert results.suite["seeds"] == record["seeds"]
    assert (results.trials["phase"] == "tune").sum() == 3 * 2 * 2
    open_now = [one for one in map(answer_of, record["answers"]) if one.open]
    assert bool(open_now) == (record["stopped"] == "seeds")


def test_answers_are_about_every_pair_and_both_questions(whole):
    out, _ = whole
    answers = optbench.load(out).answers()
    assert len(answers) == 2 * 3
    assert set(answers["question"]) == {"time", "result"}
    twin = answers[(answers["candidate"] == "sgd") & (answers["against"] == "again")]
    assert set(twin["word"]) == {"equal"}
    assert set(twin["seen"]) == {1.0, 0.0}


def test_a_word_of_difference_is_one_that_a_test_by_itself_finds(whole):
    """The oracle: Fisher's test on the seeds of the look; what looks and corrections allow is less than that."""
    out, _ = whole
    results = optbench.load(out)
    trials = results.trials
    for row in results.answers().to_dict("records"):
        if row["word"] in ("undecided", "equal"):
            continue
        pairs = seed_pairs(trials[trials["seed"].le(row["seeds"]) | trials["phase"].eq("tune")],
                           "steps" if row["question"] == "time" else "final")
        groups = pairs.differences(pairs.candidates.index(row["candidate"]), pairs.candidates.index(row["against"]))
        assert sign_flip(groups) <= 0.05
        ahead = sum(g.mean() for g in groups) * (-1 if pairs.ratio else 1) > 0
        assert (row["word"] in ("faster", "better")) == ahead


def test_the_verdict_has_the_words_of_the_looks(whole):
    """Whoever is compared with whom, and in which order; what was not asked has none."""
    results = optbench.load(whole[0])
    rows = {(r["question"], r["candidate"], r["against"]): r for r in results.answers().to_dict("records")}
    opposite = {"faster": "slower", "slower": "faster", "better": "worse", "worse": "better"}
    for focus in (None, ["again"], ["nesterov", "again"]):
        standing = results.verdict(focus)
        assert {q.name for q in standing.questions} == {"time", "result"}
        for q in standing.questions:
            assert q.comparisons
            for c in q.comparisons:
                row = rows.get((q.name, c.candidate, c.against))
                if row is not None:
                    assert (c.word, c.effect, c.low) == (row["word"], row["effect"], row["low"])
                else:
                    row = rows[q.name, c.against, c.candidate]
                    turned = 1 / row["effect"] if q.unit == "ratio" else -row["effect"]
                    assert c.word == opposite.get(row["word"], row["word"])
                    assert c.effect == pytest.approx(turned)
                inside = c.low <= (1.0 if q.unit == "ratio" else 0.0) <= c.high
                why = f"open after {results.until['seeds']} seeds"
                why += "" if inside else ": not after correction for looks and comparisons"
                assert c.reason == ("" if c.word != "undecided" else why)
            spread = [noise for noise in q.noise if noise == noise]
            least = least_difference(spread, results.level.seeds, len(q.comparisons), alpha=results.level.difference)
            assert q.least == pytest.approx(np.expm1(least) if q.unit == "ratio" else least)
            alone = results.outlook()
            if focus is None:
                assert q.least == pytest.approx(alone.time if q.unit == "ratio" else alone.result)
    page = (whole[0] / "report.html").read_text()
    assert results.verdict().headline() in page.replace("&lt;", "<")


def test_claims_hold_however_often_one_looked(whole):
    results = optbench.load(whole[0])
    record, claims = results.until, results.claims()
    assert results.level == at_look(record["looks"], record["seeds"])
    assert results.level.difference < 0.05
    assert list(claims["verdict"])[1] == "supported"  # equal to the bit
    first, fixed = claims.iloc[0], judge(results.suite["claims"][0], results.trials)
    assert first["effect"] == fixed.effect
    assert first["high"] - first["low"] > fixed.high - fixed.low
    assert "Claims are judged at the last look, at " in " ".join(whole[1].stdout.split())


def test_what_is_said(whole):
    out, done = whole
    record = said(out)
    assert "after 6 seeds: " in done.stdout
    assert f"{'all questions' if record['stopped'] == 'decided' else 'the limit of'}" in done.stdout
    log = (out / "run.log").read_text()
    assert "after 6 seeds: " in log
    page = (out / "report.html").read_text()
    assert "Seeds were added until" in page
    assert "What this run could tell" in page
    assert "effects are corrected for stopping" in page
    assert "would need" not in done.stdout  # that is for runs whose number of seeds is fixed


def test_going_on_takes_the_same_looks_and_trains_nothing(place, whole):
    out, _ = whole
    before, trials = said(out), decided(out)
    done = run_here(*words(out, "--seeds-at-most", "14", "--no-report"), **place)
    assert done.returncode == 0, done.stderr
    assert said(out) == before
    assert decided(out).equals(trials)
    assert f"{len(trials)}/{len(trials)} trials, {len(trials)} kept, 0 failed" in done.stdout


def test_answers_follow_from_the_runs_and_the_plan_alone(whole):
    out, _ = whole
    record = said(out)
    with Store(out / STORE, readonly=True) as store:
        trials = trial_frame(store)
    found, order = [], ["sgd", "nesterov", "again", "moons", "other"]
    for seeds in [n for n in record["looks"] if n <= record["seeds"]]:
        found = answered(trials, aim(14, order), seeds, found)
    assert [one.record() | {"z": list(one.z)} for one in found] == record["answers"]


@pytest.mark.parametrize("engine", ["serial", pytest.param("local:2", marks=pytest.mark.slow)])
def test_killed_in_the_middle_of_rounds_and_gone_on_with(place, whole, engine):
    """Killed within the first round, and again beyond the first look: the same answers from the same runs."""
    out = place["cwd"] / f"killed-{engine.replace(':', '-')}"
    command = words(out, "--seeds-at-most", "14", "--no-report", "--engine", engine)
    beyond = 3 * 2 * (2 + 6)
    for enough in (7, beyond + 2):
        running = start_optbench(*command, start_new_session=True, **place)
        until(lambda enough=enough, running=running: stored(out) >= enough or running.poll() is not None)
        running.kill()
        running.communicate()
    done = ended(start_optbench(*command, **place))
    assert done.returncode == 0, done.stderr
    assert "finished trials are kept" in done.stdout
    assert said(out) == said(whole[0])
    assert decided(out).equals(decided(whole[0]))


@pytest.mark.slow
def test_a_finished_run_of_fixed_seeds_is_looked_at_as_planned(place, whole):
    """Its further seeds wait for their look."""
    out = place["cwd"] / "fixed"
    fixed = ["run", "tiny.toml", "--engine", "serial", "--out", out, "--no-report", "--seeds"]
    first = run_here(*fixed, "10", **place)
    assert first.returncode == 0, first.stderr
    assert "this run can tell" in first.stdout
    assert said(out) == {}
    assert len(optbench.load(out).answers()) == 0
    done = run_here(*words(out, "--seeds-at-most", "14", "--no-report"), **place)
    assert done.returncode == 0, done.stderr
    assert said(out) == said(whole[0])
    assert decided(out).equals(decided(whole[0]))
    again = run_here(*fixed, "6", **place)
    assert again.returncode == 0
    assert said(out) == {}


def test_no_round_begins_that_would_not_fit(place):
    out = place["cwd"] / "minutes"
    done = run_here(*words(out, "--minutes", "0.00001", "--no-report"), **place)
    assert done.returncode == 0, done.stderr
    record = said(out)
    assert record["seeds"] == 6  # the first look is always taken
    assert record["stopped"] == ("minutes" if any(answer_of(a).open for a in record["answers"]) else "decided")
    assert set(optbench.load(out).trials["seed"]) == {*range(1, 7), 10_000}
    left = open_words([answer_of(a) for a in record["answers"]])
    found = status(out)
    assert (found.open or "") == left
    assert (f"undecided: {left}" in lines(found)) == bool(left)
    assert left in done.stdout
    assert left in (out / "run.log").read_text().splitlines()[-1]  # what the bar said last


def test_another_plan_after_looks_were_taken_is_told_and_kept(place, whole):
    out = place["cwd"] / "replanned"
    for most in ("6", "9"):
        done = run_here(*words(out, "--seeds-at-most", most, "--no-report"), **place)
        assert done.returncode == 0, done.stderr
        assert said(out)["replanned"] == (most == "9")
        assert ("by another plan" in done.stdout) == (most == "9")
    assert "more often than 5 %" in done.stdout


def test_questions_that_no_seed_answers_are_not_waited_for(tmp_path):
    """Both candidates miss every target."""
    hard = bowl(steps=3, target={**LOW, "value": 1e-30})
    (tmp_path / "hard.toml").write_text(suite(hard, searched("sgd", "adam"), tuning={"trials": 1}))
    results = optbench.run(tmp_path / "hard.toml", "serial", tmp_path / "out", until="decided", report=False)
    time = [answer_of(a) for a in results.until["answers"] if a["kind"] == "time"]
    assert [(one.word, one.open, one.missed) for one in time] == [("undecided", False, True)]


def test_stored_results_beside_a_run_limit_its_seeds(tmp_path):
    """Only one's own candidate is asked about, and nothing is added beyond the seeds that the others have."""
    path = tmp_path / "tiny.toml"
    path.write_text(SUITE)
    optbench.run(path, "serial", tmp_path / "others", seeds=7, report=False)
    results = optbench.run(
        path, "serial", tmp_path / "mine", candidates=["momentum"], against=tmp_path / "others", until="decided",
        report=False,
    )  # fmt: skip
    assert results.until["looks"] == [6, 7]
    assert results.until["focus"] == ["momentum"]
    answers = results.answers()
    assert set(answers["candidate"]) == {"momentum"}
    assert set(answers["against"]) == {"sgd", "nesterov", "again"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"until": "sure"}, "until must be 'decided', got 'sure'"),
        ({"until": "decided", "seeds": 3}, "seeds is a fixed number, until='decided' is for adding them"),
        ({"minutes": 3, "seeds": 3}, "seeds is a fixed number, minutes are for adding them"),
        ({"seeds_at_most": 3}, "seeds_at_most is a limit of until='decided'"),
        ({"until": "decided", "minutes": 0}, "minutes must be a number of minutes in"),
        ({"until": "decided", "seeds_at_most": 1}, r"seeds_at_most must be a whole number in \[2, 9999\], got 1"),
        ({"until": "decided", "candidates": ["sgd"]}, "sgd runs alone: there is nothing to decide"),
    ],
)
def test_arguments_that_cannot_be(place, tmp_path, arguments, message):
    with pytest.raises(optbench.OptbenchError, match=message):
        optbench.run(place["cwd"] / "tiny.toml", "serial", tmp_path / "out", **arguments)
    assert not (tmp_path / "out" / STORE).exists()
