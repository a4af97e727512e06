"""The log and the sign of life of a run."""

import json
import logging
import re
from types import SimpleNamespace

import pytest

import optbench
from optbench.contract.errors import OptbenchError
from optbench.running import journal
from optbench.running.journal import BEAT, LOG, Journal, last_beat
from optbench.running.progress import Watcher
from optbench.trials.trial import Run, Trial

TRIAL = Trial({"name": "w", "epochs": 3}, {"optimizer": {"name": "sgd"}}, 7, {})
RECORD = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (INFO|WARNING|ERROR) |    |$")


def purpose(candidate="sgd"):
    return (SimpleNamespace(workload="w", candidate=candidate, phase="tune", number=2, trial=TRIAL),)


LITTLE = {"workloads": ["spirals-mlp"], "candidates": ["sgd"], "seeds": 1, "trials": 1, "report": False}


def kept(folder):
    return json.loads((folder / BEAT).read_text())


def test_a_run_is_written_down(tmp_path):
    optbench.run("quick", "serial", tmp_path, **LITTLE)
    log = (tmp_path / LOG).read_text()
    assert all(RECORD.match(line) for line in log.splitlines())
    for words in ("INFO python: ", "INFO blas: ", "2 trials are expected, on 1 workers", "timing a step", ": 2/2"):
        assert words in log
    beat = kept(tmp_path)
    assert (beat["state"], beat["done"], beat["expected"], beat["failed"]) == ("finished", 2, 2, 0)
    optbench.run("quick", "serial", tmp_path, **LITTLE)
    again = (tmp_path / LOG).read_text()
    assert again.startswith(log)
    assert "2 finished trials are kept" in again


def test_failures_stand_there_with_their_traceback(tmp_path):
    failed = Run("error", message="broken\x1b[31m", traceback="Traceback:\n  in step\nValueError")
    with Journal(tmp_path, Watcher(), "serial", "t") as log:
        log.expect(3)
        log.finished(TRIAL, failed, purpose())
        log.finished(TRIAL, Run("diverged"), purpose())
        assert (log.inner.done, log.inner.failed) == (2, 2)
    text = (tmp_path / LOG).read_text()
    assert "WARNING error: sgd on w (tune 2), seed 7: broken\\x1b[31m" in text
    assert "\n      in step\n    ValueError\n" in text
    assert "diverged" not in text  # what a search of rates meets


@pytest.mark.parametrize(
    ("error", "state", "words"),
    [
        (KeyboardInterrupt(), "stopped", "INFO stopped: "),
        (OptbenchError("no such thing"), "failed", "ERROR no such thing"),
        (RuntimeError("a mistake"), "failed", "RuntimeError: a mistake"),
    ],
)
def test_how_it_ended(tmp_path, error, state, words):
    with pytest.raises(type(error)), Journal(tmp_path, Watcher(), "serial", "t"):
        raise error
    assert kept(tmp_path)["state"] == state
    assert words in (tmp_path / LOG).read_text()


def test_the_log_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(journal, "MOST_LINES", 20)
    monkeypatch.setattr(journal, "MOST_TRACEBACKS", 2)
    monkeypatch.setattr(journal, "MOST_BYTES", 100)
    with Journal(tmp_path, Watcher(), "serial", "t") as log:
        for _ in range(100):
            log.finished(TRIAL, Run("error", message="m" * 10**6, traceback="t" * 10**6), purpose())
    text = (tmp_path / LOG).read_text()
    assert len(text) < 21 * 2 * journal.LONGEST + 2 * journal.LONGEST
    assert text.count("traceback is in the store") == 17
    assert text.count("so many lines") == 1
    with Journal(tmp_path, Watcher(), "serial", "t"):
        pass
    assert (tmp_path / f"{LOG}.old").read_text() == text
    assert len((tmp_path / LOG).read_text()) < 200


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path):
    said = []
    watcher = Watcher()
    watcher.say = said.append
    (tmp_path / LOG).mkdir()
    (tmp_path / BEAT).mkdir()
    with Journal(tmp_path, watcher, "serial", "t") as log:
        log.note("nothing")
    assert "has no log" in said[0]
    assert last_beat(tmp_path) is None


def test_the_callers_logging_is_left_alone(tmp_path, caplog):
    with caplog.at_level(logging.DEBUG), Journal(tmp_path, Watcher(), "serial", "t") as log:
        log.warn("only here")
    assert caplog.records == []


def test_estimates_are_judged_at_the_end(tmp_path):
    with Journal(tmp_path, Watcher(), "serial", "t") as log:
        log.training = [100.0, 200.0]
        log.estimates = [(110.0, 45.0), (125.0, 80.0), (150.0, 52.0)]
        assert log.judged() == [
            "after 10% of the training 45 s were expected to be left: it was 1:30 min",
            "after 25% of the training 1:20 min were expected to be left: it was 1:15 min",
            "after 50% of the training 52 s were expected to be left: it was 50 s",
        ]
