"""Ids, expected failures, and verdicts: what pytest and the command line make of the checks."""

import subprocess
import sys
from dataclasses import dataclass
from unittest import SkipTest

import numpy as np
import pytest

from optbench import Optimizer, hyper, testing
from optbench.builtin.optimizers import LAMB, SGD, Adam, Momentum
from optbench.builtin.regularizers import EarlyStopping
from optbench.builtin.schedules import Cosine, Warmup
from optbench.contract.components import Schedule
from optbench.contract.errors import OptbenchError
from optbench.testing import checks_for, parametrize_with_checks, run_check, run_checks
from optbench.testing.base import label


@dataclass(frozen=True)
class Broken(Optimizer):
    """w <- w."""

    name = "broken"
    reference = "Nobody 1900"
    lr: float = hyper(0.1, low=1e-3, high=1.0, scale="log")

    def step(self, params, grads, state, context):
        raise ValueError("not yet")


def parameters(*arguments, **options):
    (mark,) = [parametrize_with_checks(*arguments, **options)]
    names, values = mark.args
    assert names == ("component", "check")
    return {value.id: value for value in values}


def test_ids_say_component_settings_and_check():
    found = parameters([Adam, Momentum(beta=0.5), Warmup(inner=Cosine())])
    assert found["adam-check_same_seed_same_bits"].values == (Adam, testing.check_same_seed_same_bits)
    assert "momentum-beta-0.5-check_updates_in_place" in found
    assert "warmup-inner-cosine-check_schedule_is_pure" in found
    for id_ in found:
        assert not set(id_) & set(" ()=,[]"), "-k could not select it"


def test_expected_failures_become_xfail_with_their_reason():
    found = parameters(
        [SGD, Adam],
        expected_failures={"check_obeys_the_schedule": "both", "adam-check_updates_in_place": "one"},
    )
    marked = {id_: value.marks[0].kwargs["reason"] for id_, value in found.items() if value.marks}
    assert marked == {
        "sgd-check_obeys_the_schedule": "both",
        "adam-check_obeys_the_schedule": "both",
        "adam-check_updates_in_place": "one",
    }
    assert found["adam-check_updates_in_place"].marks[0].name == "xfail"


@pytest.mark.parametrize(
    ("expected", "message"),
    [
        ({"check_same_seed": "why"}, "no check 'check_same_seed' here; did you mean 'check_same_seed_same_bits'"),
        ({"adam-check_updates_in_place": "why"}, "no check 'adam-check_updates_in_place' here; did you mean 'sgd-"),
        ({"check_updates_in_place": " "}, "check_updates_in_place needs its reason"),
    ],
)
def test_expected_failures_must_exist_and_say_why(expected, message):
    with pytest.raises(OptbenchError, match=message):
        parametrize_with_checks([SGD], expected_failures=expected)


def test_a_class_may_say_itself_what_fails_and_why():
    @dataclass(frozen=True)
    class Reasoned(Broken):
        """w <- w."""

        expected_failures = {"check_updates_in_place": "not yet", "check_declares_its_source": "it does"}

    results = {result.check: result for result in run_checks([Reasoned])}
    expected = results["check_updates_in_place"]
    assert (expected.verdict, expected.message) == ("expected", "not yet")
    passed = results["check_declares_its_source"]
    assert passed.verdict == "failed"
    assert "remove it from expected_failures" in passed.message
    marks = parameters([Reasoned])["broken-check_updates_in_place"].marks
    assert marks[0].kwargs["reason"] == "not yet"

    Reasoned.expected_failures = {"check_update_in_place": "misspelt"}
    with pytest.raises(OptbenchError, match="did you mean 'check_updates_in_place'"):
        list(run_checks([Reasoned]))


def test_importing_the_kit_imports_no_pytest():
    code = "import sys, optbench.testing; print([m for m in ('pytest', 'pandas', 'pydantic') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_special_cases_and_variance_are_checked_where_they_are_declared():
    assert testing.check_general_equals_its_special_cases in checks_for(Momentum)
    assert testing.check_general_equals_its_special_cases not in checks_for(SGD)
    assert checks_for(SGD) == checks_for(SGD())
    # What Adam becomes for a large epsilon, LAMB, which is made of it, does not.
    assert testing.check_general_equals_its_special_cases in checks_for(Adam)
    assert testing.check_general_equals_its_special_cases not in checks_for(LAMB)


def test_results_say_verdict_and_message():
    results = {result.check: result for result in run_checks([Broken])}
    assert set(results) == {check.__name__ for check in checks_for(Broken)}
    assert results["check_ranges_contain_the_default"].verdict == "passed"
    assert results["check_ranges_contain_the_default"].message == ""
    failed = results["check_updates_in_place"]
    assert (failed.component, failed.verdict) == ("broken", "failed")
    assert failed.message.startswith("it raises ValueError: not yet (test_collecting.py:")
    assert failed.message.endswith(", in step)")


def test_what_cannot_be_checked_here_is_skipped():
    def check_of_the_network(component):
        raise SkipTest("no network")

    result = run_check(SGD, check_of_the_network)
    assert (result.verdict, result.message) == ("skipped", "no network")


def test_a_dataset_that_cannot_be_had_is_asked_for_once():
    from optbench import Dataset

    asked = []

    @dataclass(frozen=True)
    class Far(Dataset):
        """Far away."""

        name = "far"
        source = reference = "elsewhere, no licence needed"

        def load(self, rng):
            asked.append(1)
            raise OptbenchError("dataset far: cannot be fetched")

    verdicts = {result.check: result for result in run_checks([Far])}
    skipped = [result.message for result in verdicts.values() if result.verdict == "skipped"]
    assert len(skipped) == 4
    assert set(skipped) == {"dataset far: cannot be fetched"}
    assert not [result for result in verdicts.values() if result.verdict == "failed"]
    assert asked == [1]


def test_labels_of_what_is_no_dataclass():
    class Bare(Schedule):
        pass

    assert label(Bare) == "Bare"
    assert label(EarlyStopping(patience=7)) == "early-stopping-patience-7"


def test_the_public_names_are_there():
    for name in testing.__all__:
        assert getattr(testing, name) is not None
    assert set(dir(testing)) == set(testing.__all__)
    with pytest.raises(AttributeError, match="no attribute 'check_nothing'"):
        _ = testing.check_nothing


def test_the_watched_array_sees_what_a_dtype_does_not():
    from optbench.testing.watched import watch

    log: list[str] = []
    w, g = np.ones(3, np.float32), watch(np.ones(3, np.float32), log)
    w -= 0.1 * g
    np.greater(g, np.float64(0.5))
    np.add.reduce(g, dtype=np.float64)
    assert log == []
    w -= np.float64(0.1) * g
    assert w.dtype == np.float32
    assert log[0].startswith("multiply of float32 and the float64 0.1 at test_collecting.py:")
    g += np.zeros(3)
    assert log[-1].startswith("add of float32 and a float64 array")
