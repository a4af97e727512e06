"""Which sentence applies: these settings, or the method with its tuning."""

import pytest

from optbench.statistics import scope

W = [{"name": "a"}, {"name": "b", "studies": 3}, {"name": "b-wide", "variant_of": "b"}]


@pytest.mark.parametrize(
    ("tuning", "workloads", "kind", "words"),
    [
        ({"trials": 8, "studies": 1}, ["a"], "settings", "these settings (one study of 8 trials)"),
        ({"trials": 8, "studies": 1}, ["b"], "method", "the method with this tuning budget (3 studies of 8 trials)"),
        ({"trials": 8, "studies": 1}, None, "settings", "these settings (one study of 8 trials)"),
        ({"trials": 1, "studies": 2}, None, "method", "the method with this tuning budget (2 to 3 studies of 1 trial)"),
        ({"method": "none", "trials": 8, "studies": 2}, None, "defaults", "the default settings"),
        ({}, ["a"], "settings", "these settings (one study)"),
    ],
)
def test_scope(tuning, workloads, kind, words):
    found = scope({"tuning": tuning, "workloads": W}, workloads)
    assert (found.kind, found.words) == (kind, words)
