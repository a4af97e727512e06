"""`optbench doctor`: what it calls a caution or a fault is one, made here on purpose."""

import itertools
import json
import os
from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest

from optbench.lab.doctor import controls, examine, installed, machine
from optbench.lab.doctor.finding import Finding
from optbench.lab.single import trial
from optbench.registry.faults import Problem
from optbench.registry.registry import built_in, registry
from optbench.results.reproduction import Reproduction


def verdicts(findings, about=None):
    return [one.verdict for one in findings if about in (None, one.about)]


def test_a_variable_that_chooses_kernels_or_binds_threads_is_a_caution(monkeypatch):
    for name in ("OPENBLAS_CORETYPE", "OMP_PROC_BIND", "OPENBLAS_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    assert "caution" not in verdicts(installed.versions(built_in()))
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    assert "caution" not in verdicts(installed.versions(built_in()))
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Prescott")
    monkeypatch.setenv("OMP_PROC_BIND", "true")
    told = [one for one in installed.versions(built_in()) if one.verdict == "caution"]
    assert [one.found for one in told] == ["OPENBLAS_CORETYPE=Prescott", "OMP_PROC_BIND=true"]
    assert all(one.do for one in told)


def test_a_plugin_that_did_not_load_is_a_fault_with_its_reason(call, monkeypatch):
    broken = built_in()
    assert verdicts(installed.plugins(broken)) == ["ok"]
    broken.problems.append(Problem("mine:mine", "import", "ModuleNotFoundError: No module named 'torch'"))
    monkeypatch.setattr("optbench.registry.registry.registry", lambda: broken)
    status, out, _ = call("doctor", "--quick")
    assert status == 1
    (line,) = [line for line in out.splitlines() if line.startswith("fault ")]
    assert "mine:mine" in line
    assert "No module named 'torch'" in line
    status, out, _ = call("doctor", "--quick", "--json")
    assert (status, json.loads(out)["ok"]) == (1, False)


def test_a_disk_that_is_full_or_cannot_be_written(tmp_path, monkeypatch):
    assert verdicts(machine.disk(tmp_path / "not" / "yet"), "disk") == ["ok"]
    assert not list(tmp_path.iterdir())
    for free, verdict in ((2 * 10**8, "caution"), (10**6, "fault")):
        monkeypatch.setattr(machine.shutil, "disk_usage", lambda _, free=free: SimpleNamespace(free=free))
        assert verdicts(machine.disk(tmp_path), "disk") == [verdict]
    (tmp_path / "file").touch()
    assert verdicts(machine.disk(tmp_path / "file")) == ["fault"]

    def refuse(**_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(machine.tempfile, "TemporaryFile", refuse)
    assert verdicts(machine.disk(tmp_path), "writing") == ["fault"]


def test_load_of_others_and_a_clock_that_is_set_are_cautions(monkeypatch):
    monkeypatch.setattr(machine, "WATCHED", 0.01)
    for taken, verdict in ((0.1, "ok"), (1.5, "caution"), (None, "ok")):
        monkeypatch.setattr(machine.Others, "processors", lambda self, taken=taken: taken)
        assert verdicts(machine.load_and_clock(), "load") == [verdict]
    ticking = itertools.count()
    jumping = list(machine.load_and_clock(lambda: next(ticking), lambda: 60.0))
    assert any("jumped" in one.found for one in jumping if one.verdict == "caution")
    steady = list(machine.load_and_clock(lambda: 1.0, lambda: 5.0))
    assert not any("jumped" in one.found for one in steady)


def test_limits_of_control_groups_and_frequencies(tmp_path):
    assert machine.quota(tmp_path) is None
    (tmp_path / "cpu.max").write_text("max 100000\n")
    assert machine.quota(tmp_path) is None
    (tmp_path / "cpu.max").write_text("50000 100000\n")
    assert machine.quota(tmp_path) == 0.5
    (tmp_path / "scaling_governor").write_text("powersave\n")
    (tmp_path / "scaling_cur_freq").write_text("800000\n")
    (tmp_path / "scaling_max_freq").write_text("3000000\n")
    found = list(machine.processors(tmp_path, tmp_path))
    assert verdicts(found, "processors") == ["ok", "caution"]
    (slow,) = [one for one in found if one.about == "frequency"]
    assert (slow.verdict, "0.80 of 3.00 GHz" in slow.found) == ("caution", True)
    (tmp_path / "scaling_cur_freq").write_text("2900000\n")
    assert verdicts(machine.processors(tmp_path, tmp_path), "frequency") == ["ok"]


@pytest.fixture(scope="module")
def one():
    return trial(registry(), "digits-logistic", "controls", optimizer="sgd", settings={"epochs": 1})


def test_a_trial_that_differs_from_itself_is_a_fault(one, monkeypatch):
    run = controls.ran(one, "serial")
    runs = iter([run, run, replace(run, test_loss=run.test_loss * (1 + 1e-15))])
    monkeypatch.setattr(controls, "ran", lambda *_: next(runs))
    found = controls.against_itself(one)
    assert found.verdict == "fault"
    assert "process of its own" in found.found
    runs = iter([run, run, run])
    assert controls.against_itself(one).verdict == "ok"
    runs = iter([run, run, replace(run, outcome="crashed", message="killed")])
    found = controls.against_itself(one)
    assert (found.verdict, "killed" in found.found) == ("fault", True)


def reproduced(same, end, fields):
    trials = pd.DataFrame({"same": [same], "first": [""], "relative": [0.0 if same else 1e-7], "end": [end]})
    rows = [(field, "a", "b", 1) for field in fields]
    return Reproduction("x", trials, pd.DataFrame(rows, columns=["field", "there", "here", "trials"]))


def test_other_bits_than_the_reference_need_a_reason():
    judged = [
        (reproduced(True, 0.0, []), "ok"),
        (reproduced(False, 0.001, ["blas"]), "caution"),
        (reproduced(False, 0.001, []), "fault"),
        (reproduced(False, 0.001, ["python"]), "fault"),
        (reproduced(False, 0.5, ["blas"]), "fault"),
    ]
    assert [controls.as_stored(found).verdict for found, _ in judged] == [verdict for _, verdict in judged]


@pytest.mark.slow
def test_the_controls_hold_here(call, tmp_path):
    """Whatever the machine, this installation is whole: trials agree with themselves and with the reference."""
    status, out, _ = call("doctor", "--out", tmp_path)
    assert status == 0, out
    assert "has the same bits thrice" in out
    assert "reference" in out


def test_quick_trains_nothing(monkeypatch, tmp_path):
    def refuse(*_):
        raise AssertionError("controls were run")

    monkeypatch.setattr(examine, "controls", refuse)
    assert all(isinstance(found, Finding) for found in examine.examine(built_in(), tmp_path, quick=True))
    assert not os.listdir(tmp_path)
