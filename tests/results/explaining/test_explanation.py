"""What explains the difference between two candidates, of a suite and of a run, from command to page."""

import json
import math

import pytest

import optbench
from optbench.cli import main
from optbench.contract.errors import OptbenchError
from optbench.report.page.explained import write
from optbench.report.pictures.marks import notes
from optbench.store.store import Store
from tests.support.suites import bowl, candidate, suite, table, workload

SLOW = {"name": "momentum", "lr": 0.02, "beta": 0.5, "search": []}
QUICK = {"name": "momentum", "lr": 0.1, "beta": 0.8, "search": []}
LOSS = {"metric": "train_loss", "value": 0.05}


@pytest.fixture(scope="module")
def text():
    return suite(
        bowl(steps=80, target=LOSS),
        bowl("other", steps=60),
        candidate("slow", optimizer=SLOW),
        candidate("quick", optimizer=QUICK, schedule="cosine"),
        candidate("wild", optimizer={**SLOW, "lr": 1e9}, workloads=["bowl"]),
        candidate("searched", optimizer={"name": "sgd", "search": ["lr"]}, workloads=["bowl"]),
    )


@pytest.fixture(scope="module")
def file(text, tmp_path_factory):
    path = tmp_path_factory.mktemp("suite") / "tiny.toml"
    path.write_text(text)
    return path


@pytest.fixture(scope="module")
def found(file, tmp_path_factory):
    return optbench.explain(file, "slow", "quick", "serial", tmp_path_factory.mktemp("out"))


def command(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main(["explain", *map(str, arguments), "--engine", "serial"])
    return stop.value.code, *capsys.readouterr()


def test_of_a_suite_each_step_has_its_share(found):
    assert [name for name, _ in found.steps] == ["lr", "beta", "schedule"]
    rows = found.table[(found.table["metric"] == "steps") & (found.table["workload"] == "bowl")].set_index("step")
    assert math.prod(rows["effect"].iloc[:3]) == pytest.approx(rows.loc["whole", "effect"])
    # every state was trained on both seeds of both workloads, under its own name
    assert len(found.trials) == 2 * 2 * 6
    assert "slow with lr of quick" in set(found.trials["candidate"])
    first, *_ = found.sentences()
    assert first.startswith("of the ")
    assert "that quick is faster than slow on bowl" in first
    assert "lr explains" in first


def test_the_whole_is_that_of_the_two_alone(found):
    steps = found.trials.set_index(["workload", "candidate", "seed"])["steps_to_target"]
    ratio = steps["bowl", "quick", 1] / steps["bowl", "slow", 1]
    rows = found.table.set_index(["metric", "workload", "step"])
    assert rows.loc[("steps", "bowl", "whole"), "effect"] == pytest.approx(ratio)
    lr = steps["bowl", "slow with lr of quick", 1] / steps["bowl", "slow", 1]
    assert rows.loc[("steps", "bowl", "lr"), "effect.forward"] == pytest.approx(lr)


def test_finished_trials_are_not_run_again(found, file):
    with Store(found.folder / "store.sqlite", readonly=True) as store:
        before = store.newest()
    again = optbench.explain(file, "slow", "quick", "serial", found.folder, orders="reverse")
    with Store(found.folder / "store.sqlite", readonly=True) as store:
        assert store.newest() == before
    assert again.orders == ("reverse",)
    assert "effect.forward" not in again.table


def test_the_picture_has_a_row_a_step(found):
    made = found.plot("steps")
    (axis, *_) = made.axes
    steps = ["lr", "beta", "schedule", "whole"]
    assert [label.get_text().partition(",")[0] for label in axis.get_yticklabels()] == steps
    assert [tip.partition(":")[0] for tip in notes(made).tips] == steps
    # bars go on from where the one before ended, and the last of the steps ends at the whole
    bars = [line.get_xdata() for line in axis.lines if line.get_linewidth() == 9]
    assert bars[0][0] == 1
    assert bars[1][0] == bars[0][1]
    assert bars[2][1] == pytest.approx(bars[3][1])
    with pytest.raises(OptbenchError, match="metric must be 'steps' or 'final'"):
        found.plot("seconds")


def test_the_page_and_its_files(found, tmp_path):
    page = write(found, tmp_path)
    text = page.read_text()
    assert found.sentences()[0].split(" [")[0] in text
    assert text.count("<svg") == 2
    assert {p.name for p in tmp_path.iterdir()} >= {
        "waterfall-steps.svg", "waterfall-final.svg", "explain-steps.csv", "explain-settings.csv", "explain.json"
    }  # fmt: skip
    assert json.loads((tmp_path / "explain.json").read_text())["steps"][0] == {"step": "lr", "note": ""}


def test_the_command_prints_tables_and_json(found, file, capsys):
    code, out, _ = command(capsys, file, "slow", "quick", "--out", found.folder)
    assert code == 0
    assert "in reverse" in out
    assert f"page: {found.folder / 'explain.html'}" in out
    code, out, error = command(capsys, file, "slow", "quick", "--out", found.folder, "--json")
    assert code == 0
    assert json.loads(out)["sentences"] == found.sentences()
    assert "kept" in error


def test_a_notebook_shows_sentences_and_waterfalls(found):
    text = found._repr_html_()
    assert found.sentences()[0].split(" [")[0] in text
    assert text.count("<img") == 2


def test_states_that_diverge_are_named_and_count_as_misses(file, tmp_path):
    found = optbench.explain(file, "slow", "wild", "serial", tmp_path, seeds=1)
    assert found.notes == ("wild did not run on other, which is left out",)
    assert found.losses["candidate"].tolist() == ["wild"]
    assert any("missed on bowl: wild in 1 of 1 runs (1 diverged)" in text for text in found.sentences())


def test_a_suite_without_targets_speaks_of_results_alone(file, tmp_path):
    found = optbench.explain(file, "slow", "quick", "serial", tmp_path, workloads=["other"], seeds=1)
    assert set(found.table["metric"]) == {"final"}
    assert "no workload has a target: nothing can be said of speed" in found.notes
    assert found.plot("steps").axes == []


@pytest.mark.parametrize(("arguments", "said"), [
    (["slow", "quik"], "there is no candidate 'quik' in the suite and no optimizer of this name; did you mean 'quick'"),
    (["slow", "slow"], "slow is both candidates: there is nothing to explain"),
    (["slow", "wild", "--workload", "other"], "wild did not run on other"),
    (["slow", "wild", "--workload", "other", "--workload", "bowl"], "explained where both ran; say --workload bowl"),
    (["slow", "quick", "--seeds", "0"], "seeds must be a whole number in [1, 9999], got 0"),
    (["slow", "quick", "--workload", "bow"], "there is no workload 'bow' in the suite; did you mean 'bowl'"),
])  # fmt: skip
def test_what_cannot_be_explained_is_said(file, arguments, said, capsys):
    code, _, error = command(capsys, file, *arguments)
    assert code == 2
    assert said in error


@pytest.mark.slow
def test_of_a_run_the_selected_settings_and_stored_trials_are_taken(text, tmp_path, capsys):
    (tmp_path / "tiny.toml").write_text(text + workload("third", function="quadratic", steps=40) + table("", {}))
    run = optbench.run(tmp_path / "tiny.toml", "serial", tmp_path / "run", report=False)
    before = run.trials
    code, out, _ = command(capsys, tmp_path / "run", "slow", "searched")
    assert code == 0
    assert "2 stored trials are used as they are" not in out
    assert "4 stored trials are used as they are" in out
    folder = tmp_path / "run" / "explain" / "slow-to-searched"
    rate = before[(before["candidate"] == "searched") & before["selected"]]["hyperparameters"].map(json.loads).iloc[0]
    told = json.loads((folder / "explain.json").read_text())
    settings = {row["setting"]: row for row in told["settings"]}
    assert settings["lr"]["b"] == rate["optimizer.lr"]
    assert settings["optimizer"] | {"workload": "bowl"} == settings["optimizer"]
    # the run itself stays as it was
    assert optbench.load(tmp_path / "run").trials.equals(before)
    for arguments, said in (
        (["slow", "quik"], "there is no candidate 'quik' in this run; did you mean 'quick'"),
        (["slow", "quick", "--out", str(tmp_path / "run")], "has the trials of a run: choose another folder"),
    ):
        code, _, error = command(capsys, tmp_path / "run", *arguments)
        assert code == 2
        assert said in error
