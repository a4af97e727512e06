"""`.ci/reference`: workload by workload, on from where it was stopped, and what is stale."""

import os
import signal
from pathlib import Path

import pytest

import optbench
from optbench.results.reproduction import reproduce
from support.processes import ended, start
from support.suites import ACCURATE, LOW, bowl, moons, searched, suite

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / ".ci" / "reference"
SHIPPED = sorted(p.name for p in (ROOT / "suites" / "optbench_suites" / "reference").iterdir() if p.is_dir())
SUITE = suite(moons(target=ACCURATE), bowl(target=LOW), searched("sgd", "adam"), baseline="sgd")


def begin(folder, *words, out="out"):
    places = ["--out", folder / out, "--archives", folder / "kept", "--engine", "serial"]
    return start("-u", SCRIPT, folder / "tiny.toml", *places, *words)


def references(folder, *words, **more):
    return ended(begin(folder, *words, **more))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("references")
    (folder / "tiny.toml").write_text(SUITE)
    first = references(folder, "--check")
    assert (first.returncode, first.stdout) == (1, "tiny: moons, bowl: missing\n")
    process = begin(folder, "--loaded")
    for line in process.stdout:
        if "bowl (2 of 2)" in line:
            process.send_signal(signal.SIGINT)
            break
    with process:
        process.communicate()
    assert (folder / "kept" / "tiny" / "moons.sqlite.xz").exists()
    answer = references(folder, "--loaded")
    assert answer.returncode == 0, answer.stderr
    assert f"results in {folder / 'out' / 'tiny'}" in answer.stdout
    assert "moons (1 of 2): as it is" in answer.stdout
    assert (folder / "kept" / "tiny" / "bowl.sqlite.xz").exists()
    assert references(folder, "--check").returncode == 0
    return folder


@pytest.mark.slow
def test_they_go_on_where_they_were_stopped_and_stand_beside_a_run(made, tmp_path):
    results = optbench.run(
        made / "tiny.toml", "serial", tmp_path, candidates=["rmsprop"], against=made / "kept" / "tiny", report=False
    )
    assert results.reference["trials"] == 16
    assert [name.split()[0] for name in results.reference["environment"]["plugins"]] == ["optbench"]
    assert len(results.costs) == 6


@pytest.mark.slow
def test_another_candidate_is_added_to_the_archives_alone_and_stays(made):
    """Without the folder of results: what the archives hold is not made again."""
    answer = references(made, "--loaded", "--candidate", "rmsprop", out="other")
    assert answer.returncode == 0, answer.stderr
    assert "12/12 trials, 8 kept" in answer.stdout
    assert references(made, "--check").returncode == 0
    (made / "tiny.toml").write_text(SUITE.replace("value = 0.8", "value = 0.81"))
    answer = references(made, "--check")
    assert (answer.returncode, answer.stdout) == (1, "tiny: moons: its target.value is another now\n")
    answer = references(made, "--loaded", out="other")
    assert answer.returncode == 0, answer.stderr
    assert "bowl (2 of 2): as it is" in answer.stdout
    # what is kept of a run in an archive does not tell when it met another target: no run is kept
    assert "12/12 trials, 0 failed" in answer.stdout
    results = optbench.load(made / "kept" / "tiny")
    assert set(results.leaderboard().index) == {"sgd", "adam", "rmsprop"}
    timed = references(made, "--loaded", "--time", "--workload", "bowl", out="other")
    assert timed.returncode == 0, timed.stderr
    assert "moons (1 of 2): as it is" in timed.stdout
    assert len(optbench.load(made / "kept" / "tiny").costs) == 6


@pytest.mark.slow
@pytest.mark.parametrize("suite", SHIPPED)
def test_a_sample_has_the_same_bits_where_code_and_processor_are_the_same(suite):
    found = reproduce(f"reference/{suite}", trials=5, engine="serial")
    elsewhere = {"processor", "blas", "packages.numpy"} & set(found.environments["field"])
    other = found.trials[~found.trials["same"].astype(bool)]
    assert elsewhere or other["note"].str.contains("changed|not installed").all(), found.verdict


@pytest.mark.skipif(os.name != "posix", reason="a script with a shebang")
def test_help_says_what_there_is():
    answer = ended(start(SCRIPT, "--help"))
    assert answer.returncode == 0
    for word in ("--check", "--candidate", "--loaded", "--time", "results/reference"):
        assert word in answer.stdout
