"""Names with signs that the figures' font lacks, and candidates that share their trials: a whole run says both once."""

import optbench
from optbench.report.pictures.fonts import boxed
from optbench.running.progress import Watcher
from optbench.running.status import status

SUITE = """
title = "signs"
seeds = 2
tuning = { method = "none" }

[[workloads]]
name = "moons 🚀"
dataset = { name = "two-moons", samples = 120 }
network = { kind = "mlp", hidden = [4] }
epochs = 1
target = { metric = "validation_accuracy", value = 0.99 }

[[candidates]]
name = "adam 🚀"
optimizer = "adam"

[[candidates]]
name = "adam again"
optimizer = "adam"
"""


class Told(Watcher):
    def __init__(self):
        super().__init__()
        self.lines = []

    def say(self, text):
        self.lines.append(text)


def test_a_run_with_a_rocket_warns_once_in_our_words_and_counts_shared_trials(tmp_path):
    (tmp_path / "signs.toml").write_text(SUITE, encoding="utf-8")
    watcher = Told()
    # matplotlib's own warnings would be errors here
    results = optbench.run(tmp_path / "signs.toml", "serial", tmp_path / "out", watcher=watcher)
    told = [line for line in watcher.lines if "🚀 (U+1F680)" in line]
    assert told == [f"note: {boxed(results.suite)}"]
    assert results.trials["key"].nunique() == 2
    assert len(results.trials) == 4
    assert watcher.line().startswith("4/4 trials, 0 failed")  # what the other candidate has just finished is not kept
    found = status(tmp_path / "out")
    assert (found.trials, found.expected, found.complete) == (4, 4, True)


def test_letters_that_the_font_has_need_no_word():
    assert not boxed({"workloads": [{"name": "moons größer α β"}], "candidates": [{"name": "adam", "title": "Адам"}]})
    assert "漢 (U+6F22)" in boxed({"workloads": [{"name": "漢"}]})
