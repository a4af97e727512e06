"""Observers: each is told of a trial, and one that fails is called no more."""

import sys

from optbench.contract.hookspecs import hookimpl
from support.plugins import module, only_problem, registered


def test_an_observer_is_named_among_what_a_plugin_offers():
    @hookimpl
    def optbench_trial_finished(trial):
        pass

    registry = registered(module(optbench_trial_finished=optbench_trial_finished))
    (plugin,) = registry.plugins.values()
    assert plugin.offers == {"observers": ["optbench_trial_finished"]}


def test_an_observer_that_raises_is_called_no_more_and_hides_no_other():
    seen, calls = [], []

    def raising(trial):
        calls.append(trial)
        raise RuntimeError("cannot watch")

    registry = registered(
        module(optbench_trial_finished=raising),
        module(optbench_trial_finished=lambda run, trial: seen.append((trial, run))),
        module(optbench_trial_finished=lambda assignments: seen.append(assignments)),
    )
    registry.observe("t1", "r1")
    registry.observe("t2", "r2", ("a",))
    problem = only_problem(registry)
    assert (problem.plugin, problem.stage) == ("first:p", "observe")
    assert problem.error == "RuntimeError: cannot watch"
    assert calls == ["t1"]
    # pluggy calls the last one first
    assert seen == [("t1", "r1"), (), ("t2", "r2"), ("a",)]


def test_an_observer_that_exits_does_not_end_the_run():
    registry = registered(module(optbench_trial_finished=lambda: sys.exit(3)))
    registry.observe("t1", "r1")
    assert only_problem(registry).error == "SystemExit: 3"
