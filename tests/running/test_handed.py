"""Candidates from a class, an instance or a file, in real worker processes: from the first run to reproduction."""

import json
import os
import re
from pathlib import Path

import pytest

import optbench
from optbench.cli import main
from support.processes import ended, run_optbench, start
from support.suites import candidate, moons, searched, suite

MINE = '''
"""Mine."""
from dataclasses import dataclass

import numpy as np

from optbench import Optimizer, hyper

SCALE = 1.0


def direction(grads):
    return SCALE * np.sign(grads)


def plot(x):
    return x


@dataclass(frozen=True)
class Lion(Optimizer):
    name = "lion-of-mine"
    lr: float = hyper(1e-3, low=1e-5, high=1e-1, scale="log")

    def step(self, params, grads, state, context):
        params -= (self.lr * context.factor) * direction(grads)
'''
SUITE = suite(moons(), searched("sgd"), baseline="sgd")
#: a program without a file, which Python reads from its standard input: no source is there to be found
PROGRAM = MINE + """
import optbench
from optbench import Initializer

@dataclass(frozen=True)
class Small(Initializer):
    gain: float = hyper(0.1, low=0.01, high=1, scale="log")
    def draw(self, shape, fan_in, fan_out, rng):
        return self.gain * rng.normal(size=shape)

found = optbench.run("suite.toml", "local:2", "out", report=False,
                     candidates=["adam", Lion, Lion(lr=3e-4), Lion(lr=0.01), Small, Small(gain=0.5)])
assert set(found.trials["outcome"]) == {"done"}, found.trials["message"].tolist()
print(sorted(found.trials["candidate"].unique()))
"""


@pytest.fixture
def place(tmp_path):
    (tmp_path / "suite.toml").write_text(SUITE)
    (tmp_path / "mine.py").write_text(MINE)
    return tmp_path


def change(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def optbench_in(place, *words):
    done = run_optbench(*words, cwd=place)
    return done.returncode, done.stdout + done.stderr


def run(place, *words, suite="suite.toml", engine="local:2"):
    return optbench_in(place, "run", suite, "--engine", engine, "--out", "out", "--no-report", *words)


def kept(text):
    """(trials kept, run again) as a resumed run says."""
    found = re.search(r"resuming \S+: (\d+) finished trials are kept and not run again(?:, (\d+) are run again)?", text)
    return tuple(int(number or 0) for number in found.groups())


def test_classes_and_instances_of_a_program_that_has_no_file(place):
    with start("-", cwd=place, stdin=-1) as process:
        text, errors = process.communicate(PROGRAM)
    assert process.returncode == 0, errors
    assert text.splitlines()[-1] == str(
        [
            "adam", "lion-of-mine", "lion-of-mine(lr=0.0003)", "lion-of-mine(lr=0.01)", "sgd", "sgd+__main__:Small",
            "sgd+__main__:Small(gain=0.5)",
        ]
    )  # fmt: skip
    results = optbench.load(place / "out")
    rates = results.trials[results.trials["candidate"] == "lion-of-mine(lr=0.0003)"]
    assert len(rates) == 2  # an instance is not tuned: its two fresh seeds are all
    tuned = results.trials[results.trials["candidate"] == "lion-of-mine"]
    assert len(tuned) == 4
    assert [guest["name"] for guest in results.guests] == ["__main__:Small", "__main__:Lion"]


def test_a_script_without_a_guard(place):
    (place / "script.py").write_text(PROGRAM)
    done = ended(start("script.py", cwd=place))
    assert done.returncode == 0, done.stderr
    text = {guest["name"]: guest["text"] for guest in optbench.load(place / "out").guests}["__main__:Lion"]
    assert "class Lion(Optimizer):" in text
    assert "def direction(grads):" in text
    assert "def plot" not in text


NOTEBOOK = '''
import linecache, sys
import optbench

def cell(number, text):
    """What a notebook does with a cell."""
    name = f"<cell {number}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    exec(compile(text, name, "exec"), vars(sys.modules["__main__"]))

def run():
    said = []
    class Tells(optbench.running.progress.Watcher):
        def say(self, text):
            said.append(text)
    optbench.run("suite.toml", "local:2", "out", candidates=[Lion], report=False, watcher=Tells())
    print("SAID", " | ".join(text for text in said if text.startswith("resuming")))

import optbench.running.progress
text = open("mine.py").read()
cell(1, text)
run()
cell(2, text.replace("    return x", "    return x + 1  # another picture"))
run()
cell(3, text.replace("SCALE = 1.0", "SCALE = 2.0"))
run()
cell(4, text.replace("np.sign(grads)", "np.tanh(grads)"))
run()
cell(5, text)
run()
'''


@pytest.mark.slow  # many processes
def test_cells_of_a_notebook_that_are_edited_and_run_again(place):
    """The class of the last cell is the one that runs; what a picture needs makes nothing stale, a helper does."""
    with start("-", cwd=place, stdin=-1) as process:
        text, errors = process.communicate(NOTEBOOK)
    assert process.returncode == 0, errors
    said = [line for line in text.splitlines() if line.startswith("SAID")]
    assert said[0] == "SAID "
    assert kept(said[1]) == (8, 0)
    assert [kept(line) for line in said[2:4]] == [(4, 4), (8, 4)]
    assert "__main__:Lion: its source changed" in said[2]


@pytest.mark.slow  # many processes
def test_a_real_notebook(place):
    """IPython's own cells, whose classes have no file: the source is that of the cell."""
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    run = (
        "found = optbench.run('suite.toml', 'local:2', 'out', candidates=[Lion, Lion(lr=0.01)], report=False)\n"
        "keys = set(found.trials['key'][found.trials['candidate'].str.startswith('lion')])\n"
        "print(len(keys), len(keys & before), set(found.trials['outcome']))\n"
        "before |= keys\n"
        "print([guest['text'].count('class Lion(Optimizer)') for guest in found.guests])"
    )
    cells = [
        "import optbench\nbefore = set()",
        MINE, run,
        MINE.replace("    return x", "    return x + 1  # another picture"), run,
        MINE.replace("SCALE = 1.0", "SCALE = 2.0"), run,
    ]  # fmt: skip
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(place)}}).execute()
    printed = [
        "".join(output["text"] for output in cell["outputs"] if output.get("name") == "stdout").splitlines()[-2:]
        for cell in notebook.cells if cell["source"] == run
    ]  # fmt: skip
    assert printed == [["6 0 {'done'}", "[1]"], ["6 6 {'done'}", "[1]"], ["6 0 {'done'}", "[1]"]]


@pytest.mark.slow  # many processes
def test_a_file_on_the_command_line_and_in_a_suite(place):
    status, text = run(place, "--candidate", "./mine.py:Lion", "--candidate", "adam")
    assert status == 0, text
    found = optbench.load(place / "out").trials
    assert set(found["candidate"]) == {"sgd", "adam", "lion-of-mine"}
    (place / "sub").mkdir()
    (place / "sub" / "suite.toml").write_text(
        SUITE
        + candidate("a", optimizer="../mine.py")
        + candidate("b", optimizer={"name": "../mine.py:Lion", "lr": 0.01})
    )
    status, text = run(place, "--fresh", suite="sub/suite.toml")
    assert status == 0, text
    counts = optbench.load(place / "out").trials["candidate"].value_counts().to_dict()
    assert counts == {"sgd": 4, "a": 4, "b": 2}


def test_stale_is_what_changes_the_arithmetic(place):
    run(place, "--candidate", "./mine.py", engine="serial")
    change(place / "mine.py", "    return x", "    return x + 1")
    change(place / "mine.py", '"""Mine."""', '"""Another text."""')
    assert kept(run(place, "--candidate", "./mine.py:Lion", engine="serial")[1]) == (8, 0)
    change(place / "mine.py", "SCALE * np.sign(grads)", "0.5 * SCALE * np.sign(grads)")
    status, text = run(place, "--candidate", "./mine.py:Lion")
    assert status == 0
    assert kept(text) == (4, 4)
    assert "mine.py:Lion: its source changed" in text


@pytest.mark.slow  # many processes
def test_what_was_run_from_a_file_stands_beside_what_is_run_from_another(place):
    (place / "other.py").write_text(MINE.replace("lion-of-mine", "tiger").replace("class Lion", "class Tiger"))
    run(place, "--candidate", "./mine.py")
    status, text = run(place, "--candidate", "./other.py")
    assert status == 0
    assert "left out" not in text
    assert set(optbench.load(place / "out").trials["candidate"]) == {"sgd", "lion-of-mine", "tiger"}
    change(place / "mine.py", "SCALE = 1.0", "SCALE = 3.0")
    status, text = run(place, "--candidate", "./other.py")
    assert status == 0, text
    assert "lion-of-mine stands as it was handed in (mine.py:Lion), mine.py has changed since; to run it: " in text
    assert set(optbench.load(place / "out").trials["candidate"]) == {"sgd", "lion-of-mine", "tiger"}
    change(place / "suite.toml", "samples = 120", "samples = 130")
    text = run(place, "--candidate", "./other.py")[1]
    assert "lion-of-mine on moons: left out of the tables, since two-moons: its data changed" in text
    assert set(optbench.load(place / "out").trials["candidate"]) == {"sgd", "tiger"}


@pytest.mark.slow  # many processes
def test_classes_of_a_program_stand_beside_what_the_command_line_runs_later(place):
    with start("-", cwd=place, stdin=-1) as process:
        process.communicate(PROGRAM)
    before = optbench.load(place / "out").trials
    everyone = {*before["candidate"]}
    assert len(everyone) == 7
    status, text = run(place, "--candidate", "momentum", "--seeds", "3")
    assert status == 0, text
    assert "note: lion-of-mine stands as it was handed in (__main__:Lion), which is not at hand now; to run" in text
    after = optbench.load(place / "out").trials
    assert {*after["candidate"]} == {*everyone, "momentum"}
    handed = before["candidate"].str.contains("lion|Small")
    assert {*before.loc[handed, "key"]} < {*after["key"]}
    assert (after.loc[after["candidate"].str.contains("lion|Small"), "seed"] != 3).all()
    # and beside what is run where both were merged
    words = ("run", "suite.toml", "--engine", "serial", "--no-report")
    assert optbench_in(place, *words, "--out", "third", "--candidate", "adamw")[0] == 0
    assert optbench_in(place, "merge", "out", "third", "--out", "merged")[0] == 0
    assert optbench_in(place, *words, "--out", "merged")[0] == 0
    assert {*optbench.load(place / "merged").trials["candidate"]} == {*everyone, "momentum", "adamw"}
    status, text = run(place, "--candidate", "lion-of-mine")
    assert status == 2
    assert text.startswith("error: candidate 'lion-of-mine' was handed in (__main__:Lion): its finished trials stay in")
    assert "--candidate ./FILE.py:Lion, or candidates=[Lion] in Python" in text


@pytest.mark.slow  # many processes
def test_beside_stored_results(place):
    run(place, "--candidate", "adam")
    words = ["run", "suite.toml", "--engine", "local:2", "--out", "beside", "--no-report", "--against", "out"]
    status, text = optbench_in(place, *words, "--candidate", "./mine.py")
    assert status == 0, text
    assert set(optbench.load(place / "beside").trials["candidate"]) == {"sgd", "adam", "lion-of-mine"}
    # and as what others stand beside, where its class is not there
    (place / "mine.py").unlink()
    words[words.index("beside")], words[-1] = "third", "beside"
    status, text = optbench_in(place, *words, "--candidate", "momentum")
    assert status == 0, text
    found = optbench.load(place / "third")
    assert set(found.trials["candidate"]) == {"sgd", "adam", "lion-of-mine", "momentum"}
    assert [guest["name"] for guest in found.guests] == ["mine.py:Lion"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("./mine.py:Lyon", "./mine.py has no 'Lyon'; did you mean 'Lion'?"),
        ("./mane.py", "there is no file ./mane.py; did you mean 'mine.py' or 'raises.py'?"),
        ("./two.py", "./two.py has several components: write ./two.py:Lion or ./two.py:Lion2"),
        ("./mine.py:direction", "mine.py:direction is no component; mine.py has Lion"),
        ("./wrong.py", "./wrong.py, line 2: not Python: '(' was never closed"),
        ("./raises.py", "./raises.py, line 2: KeyError: 'gone'"),
    ],
)
def test_a_mistake_is_one_message_and_nothing_is_trained(place, name, message, monkeypatch, capsys):
    def said(*words):
        with pytest.raises(SystemExit) as stop:
            main([*words])
        return stop.value.code, "".join(capsys.readouterr())

    monkeypatch.chdir(place)
    (place / "two.py").write_text(MINE + MINE.partition("\n\n\n@")[2].join(["@", ""]).replace("Lion", "Lion2"))
    (place / "wrong.py").write_text("x = 1\ny = (\n")
    (place / "raises.py").write_text("x = {}\nx['gone']\n")
    for words in (["run", "suite.toml", "--candidate", name], ["plan", "suite.toml", "--candidate", name]):
        assert said(*words) == (2, f"error: {message}\n")
    words = ["train", "--workload", "moons", "--suite", "suite.toml", "--optimizer", name]
    assert said(*words) == (2, f"error: {message}\n")
    (place / "named.toml").write_text(SUITE + candidate("a", optimizer=name))
    assert said("run", "named.toml") == (2, f'error: named.toml: candidates[1] "a": optimizer: {message}\n')
    assert not (place / "results").exists()


def test_a_name_that_two_different_classes_have(place):
    text = PROGRAM.partition("found =")[0] + (
        "def made(power):\n"
        "    @dataclass(frozen=True)\n"
        "    class Power(Optimizer):\n"
        "        def step(self, params, grads, state, context):\n"
        "            params -= 0.01 * grads ** power\n"
        "    return Power\n"
        "for second in (3, 5):\n"
        "    try:\n"
        "        optbench.run('suite.toml', 'serial', 'out', candidates=[made(3), made(second)], report=False)\n"
        "        print('ran')\n"
        "    except optbench.OptbenchError as error:\n"
        "        print(error)\n"
    )
    with start("-", cwd=place, stdin=-1) as process:
        output, errors = process.communicate(text)
    assert output.splitlines()[-1] == (
        "two different classes are both __main__:Power: give one of them another name"
    ), errors
    assert output.splitlines()[0] == "ran"


@pytest.mark.slow  # many processes
def test_a_folder_tells_all_without_the_class_and_is_reproduced_with_it(place):
    run(place, "--candidate", "./mine.py")
    other = place / "elsewhere.py"
    (place / "mine.py").rename(other)
    for words in (["report", "out"], ["pack", "out", "--out", "out.sqlite.xz"], ["merge", "out", "--out", "merged"]):
        status, text = optbench_in(place, *words)
        assert status == 0, text
    assert set(optbench.load(place / "merged").trials["candidate"]) == {"sgd", "lion-of-mine"}
    assert "class Lion" in optbench.load(place / "merged").guests[0]["text"]
    status, text = optbench_in(place, "reproduce", "merged", "--engine", "local:2", "--trials", "100")
    assert status == 1
    assert text.splitlines()[-1] == "the same bits: 4 of 8 trials; 4 could not be run here"
    assert "not run: not given: optimizer mine.py:Lion was handed in: give its file, --component ./FILE.py:NAME" in text
    words = ["reproduce", "merged", "--engine", "local:2", "--trials", "100", "--component", "./elsewhere.py:Lion"]
    status, text = optbench_in(place, *words)
    assert (status, text.splitlines()[-1]) == (0, "the same bits: 8 of 8 trials")
    by_module = [*words[:-1], "elsewhere:Lion"]
    status, text = optbench_in(place, *by_module)
    assert (status, text.splitlines()[-1]) == (0, "the same bits: 8 of 8 trials")
    change(other, "SCALE = 1.0", "SCALE = 3.0")
    status, text = optbench_in(place, *words)
    assert status == 1
    assert "mine.py:Lion: its source" in text.splitlines()[-1]
    change(other, "SCALE = 3.0", "SCALE = 1.0")
    other.rename(place / "mine.py")  # where it was, as it was
    status, text = optbench_in(place, "reproduce", "out.sqlite.xz", "--engine", "local:2", "--trials", "100")
    assert (status, text.splitlines()[-1]) == (0, "the same bits: 8 of 8 trials")


@pytest.mark.slow  # many processes
def test_one_training_is_resumed(place):
    words = ["train", "--workload", "moons", "--suite", "suite.toml", "--out", "one"]
    status, text = optbench_in(place, *words, "--optimizer", "./mine.py", "--set", "lr=0.01")
    assert status == 0, text
    status, text = optbench_in(place, "train", "--resume", "one", "--set", "epochs=6")
    assert status == 0, text
    (place / "mine.py").rename(place / "moved.py")
    status, text = optbench_in(place, "train", "--resume", "one", "--set", "epochs=8")
    assert (status, text.count("\n")) == (2, 1)
    assert "it is of a file that was not given (as a candidate, or by --component ./mine.py:Lion)" in text
    status, text = optbench_in(place, "train", "--resume", "one", "--set", "epochs=8", "--component", "./moved.py:Lion")
    assert status == 0, text


@pytest.mark.slow  # many processes
def test_a_file_is_checked(place):
    for name in ("./mine.py", "./mine.py:Lion", "mine.py"):
        status, text = optbench_in(place, "check", name, "-q")
        assert "declares_its_source" in text
        assert text.splitlines()[-1].startswith("1 of ")
        assert status == 1


PARTS = """
from dataclasses import dataclass
import numpy as np
from optbench import Architecture, Data, Dataset, Dense, Function, InputNormalizer, Penalty, hyper

@dataclass(frozen=True)
class Net(Architecture):
    def layers(self, inputs, outputs, extras):
        return [Dense(8), Dense(outputs)]

@dataclass(frozen=True)
class Blobs(Dataset):
    name = "blobs"
    task = "binary"
    examples: int = 60
    def load(self, rng):
        x = rng.normal(size=(self.examples, 2))
        return Data(x, (x[:, 0] > 0).astype(int))

@dataclass(frozen=True)
class Hollow(Function):
    start = (1.0, 1.0)
    def value_and_gradient(self, w, step, rng):
        return float(w @ w), 2 * w

@dataclass(frozen=True)
class Pull(Penalty):
    name = "pull"
    strength: float = hyper(1e-3, low=1e-6, high=1, scale="log")
    def apply(self, params, grads, layout):
        grads += self.strength * params
        return 0.5 * self.strength * float(params @ params)

@dataclass(frozen=True)
class Centre(InputNormalizer):
    def fit(self, x):
        mean = x.mean(axis=0)
        return lambda x: x - mean
"""
WHOLE = """
title = "Parts"
seeds = 2
baseline = "sgd"
[tuning]
trials = 3
[[workloads]]
name = "blobs"
dataset = { name = "./parts.py:Blobs", examples = 80 }
network = { kind = "./parts.py:Net" }
normalizer = "./parts.py:Centre"
epochs = 3
[[workloads]]
name = "hollow"
function = "./parts.py"
steps = 20
[[candidates]]
name = "sgd"
optimizer = { name = "sgd", search = ["lr"] }
[[grid]]
optimizer = ["adam"]
regularizer = ["none", "./parts.py:Pull"]
workloads = ["blobs"]
"""


@pytest.mark.slow  # many processes
def test_every_kind_of_a_file(place):
    """Datasets, networks, functions, normalizers and penalties; one that is searched is searched by its path."""
    (place / "parts.py").write_text(PARTS)
    (place / "whole.toml").write_text(WHOLE)
    status, text = run(place, "--candidate", "sgd", "--candidate", "./parts.py:Pull", suite="whole.toml")
    assert status == 0, text
    found = optbench.load(place / "out")
    assert set(found.trials["candidate"]) == {"sgd", "sgd+pull"}
    tuned = found.trials.query("candidate == 'sgd+pull' and workload == 'blobs'")
    assert len({json.dumps(one, sort_keys=True) for one in tuned["hyperparameters"].astype(str)}) == 3
    names = {"Net", "Blobs", "Hollow", "Pull", "Centre"}
    assert {guest["name"] for guest in found.guests} == {f"parts.py:{name}" for name in names}
    status, text = run(place, suite="whole.toml")
    assert status == 0, text
    assert "adam+parts.py:Pull" in set(optbench.load(place / "out").trials["candidate"])
    words = ["train", "--workload", "blobs", "--suite", "whole.toml", "--regularizer", "./parts.py:Pull"]
    assert optbench_in(place, *words, "--out", "one", "--set", "strength=0.5")[0] == 0
    status, text = optbench_in(place, "train", "--resume", "one", "--set", "epochs=4", "--set", "strength=0.25")
    assert status == 0, text
    status, text = optbench_in(place, "run", "suite.toml", "--candidate", "./parts.py:Blobs")
    said = "error: parts.py:Blobs is a dataset, and no candidate: name it in a workload of the suite\n"
    assert (status, text) == (2, said)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_on_dask_by_value(place, monkeypatch):
    """A cluster in this process: its workers start processes of their own, which are given the class."""
    pytest.importorskip("distributed")
    words = ["--engine", "dask:local:2", "--out", "dask", "--no-report", "--candidate", "./mine.py"]
    status, text = optbench_in(place, "run", "suite.toml", *words)
    assert status == 0, text
    run(place, "--candidate", "./mine.py", engine="serial")
    runs = {}
    for folder in ("dask", "out"):
        table = optbench.load(place / folder).trials
        runs[folder] = dict(zip(table["key"], table["final_train_loss"], strict=True))
    assert runs["dask"] == runs["out"]


def test_what_a_store_keeps_is_plain(place):
    run(place, "--candidate", "./mine.py", engine="serial")
    (record,) = optbench.load(place / "out").guests
    assert json.loads(json.dumps(record)) == record
    assert Path(record["place"]) == place / "mine.py"
    assert record["text"] == MINE
