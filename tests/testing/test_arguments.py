"""Arguments of the public functions of the kit, given what they cannot be: one message that names the argument."""

import inspect
import types

import pytest

from optbench import OptbenchError, testing
from optbench.builtin.optimizers import SGD, Adam
from optbench.testing.arguments import rule_of
from support.arguments import HOSTILE, refused

FUNCTIONS = {name: f for name in testing.__all__ if inspect.isfunction(f := getattr(testing, name))}
CASES = [
    (name, argument)
    for name, function in FUNCTIONS.items() if name != "check_is_a_component"
    for argument in inspect.signature(function).parameters
]  # fmt: skip


@pytest.mark.parametrize(("name", "argument"), CASES, ids=[f"{n}-{a}" for n, a in CASES])
def test_what_it_cannot_be_is_refused_by_name(name, argument):
    if FUNCTIONS[name] in testing.ALL_CHECKS:
        assert refused(FUNCTIONS[name], argument) == len(HOSTILE)
        return
    rule = rule_of(name, inspect.signature(FUNCTIONS[name]).parameters[argument])
    assert rule, f"{name}({argument}): see testing/arguments.py"
    number = refused(lambda **given: rule(argument, given[argument]), argument) if argument != "modules" else 99
    assert number > len(HOSTILE) // 2 or (argument in ("suite", "module") and number >= 3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: testing.check_obeys_the_schedule(3), "component must be an Optimizer, a class or an instance, got 3"),
        (lambda: testing.check_schedule_is_pure(Adam), "component must be a Schedule, a class or an instance, got <cl"),
        (lambda: testing.check_same_seed_same_bits("adam"), r"component must be a component \(a subclass of Opt"),
        (lambda: testing.check_vectors_stay_float32(SGD()), "component must be a Penalty or Constraint, a class or an"),
        (lambda: testing.check_suite_is_valid(3), "suite must be a suite's name or file, got 3"),
        (lambda: testing.run_check(SGD, "check_updates_in_place"), "check must be a check, one of ALL_CHECKS, got 'ch"),
        (lambda: testing.run_checks(SGD), "components must be a list of components, got <class"),
        (lambda: testing.run_checks([SGD, "adam"]), r"components\[1\] must be a component \(a subclass"),
        (lambda: testing.parametrize_with_checks([SGD], ["x"]), r"expected_failures must be a table, got \['x'\]"),
        (lambda: testing.registry_of("optbench_lion"), r"modules\[0\] must be a plugin's module, got 'optbench_lion'"),
        (lambda: testing.offered(None), "module must be a plugin's module, got None"),
        (lambda: testing.trial_of("digits-mlp", seed=-1), r"seed must be a whole number in \[0, 9.*\], got -1"),
        (lambda: testing.trial_of("digits-mlp", optimizer=SGD()), r"optimizer must be a text, got SGD\("),
        (lambda: testing.training_of([]), r"trials must be a list of one Trial or more, got \[\]"),
        (lambda: testing.training_of(["x"]), r"trials\[0\] must be a Trial, such as trial_of"),
        (lambda: testing.runs_of("x"), r"training must be a Training, such as training_of\(trials\), got 'x'"),
        (lambda: testing.trajectory_gap(SGD, SGD()), r"ours must be an optimizer .*, got the class: write SGD\(\)"),
        (lambda: testing.trajectory_gap(SGD(), SGD(), 0), r"steps must be a whole number in \[1, inf\), got 0"),
        (lambda: testing.checkpointed([1]), r"saved must be a table, got \[1\]"),
    ],
)
def test_what_is_said(call, message):
    with pytest.raises(OptbenchError, match=message):
        call()


def test_what_is_no_component_is_said_by_the_check_whose_business_it_is():
    with pytest.raises(testing.CheckFailed):
        testing.check_is_a_component(object())


def test_a_good_call_is_as_before():
    testing.check_updates_in_place(SGD)
    assert testing.run_check(SGD(lr=0.1), testing.check_updates_in_place).verdict == "passed"
    assert testing.checkpointed({"m": 1.0}) == {"m": 1.0}
    assert testing.offered(types.ModuleType("optbench_nothing")) == testing.offered(types.ModuleType("optbench_other"))
