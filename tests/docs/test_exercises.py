"""Every exercise of the lesson runs as it stands: Python in a namespace of its own, commands in an empty folder."""

import re
import shlex

import pytest

from optbench.cli import main
from optbench.registry.registry import registry
from optbench.suite import load

TOPICS = load("fundamentals", registry()).topics
#: these train for longer than all others together, and draw a report
LONG = [topic for topic in TOPICS if "optbench run" in topic.exercise]
SHORT = [topic for topic in TOPICS if topic not in LONG]


def run(exercise, capsys):
    if not exercise.startswith("optbench "):
        exec(compile(exercise, "exercise", "exec"), {})
        return capsys.readouterr().out
    for line in exercise.splitlines():
        with pytest.raises(SystemExit) as stop:
            main(shlex.split(line)[1:])
        assert stop.value.code == 0, line
    return capsys.readouterr().out


#: imports as many frameworks as there are
SLOW = {"Frameworks"}


@pytest.mark.parametrize(
    "topic", [pytest.param(t, id=t.name, marks=[pytest.mark.slow] * (t.name in SLOW)) for t in SHORT]
)
def test_an_exercise_runs_and_prints(topic, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(topic.exercise, capsys).strip()


@pytest.mark.slow
@pytest.mark.parametrize("topic", LONG, ids=lambda topic: topic.name)
def test_an_exercise_that_trains_runs(topic, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert re.search("supported|undecided|refuted", run(topic.exercise, capsys))
    assert list(tmp_path.rglob("report.html"))


def test_every_topic_has_one_whose_lines_can_be_read_on_the_page():
    for topic in TOPICS:
        assert topic.exercise, topic.name
        if not topic.exercise.startswith("optbench "):
            assert max(map(len, topic.exercise.splitlines())) <= 108, topic.name
