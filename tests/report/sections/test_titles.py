
from optbench.report.sections.titles import titles_of

from .lesson_suite import SUITE


def test_titles_stand_for_candidates_unless_two_on_a_workload_share_one():
    assert titles_of(SUITE, ["digits-mlp"]) == {"sgd": "SGD", "momentum": "Momentum"}
    twins = SUITE | {"candidates": [c | {"title": "Same"} for c in SUITE["candidates"]]}
    assert titles_of(twins, ["digits-mlp"]) == {"sgd": "sgd", "momentum": "momentum"}
    assert titles_of(twins, ["moons-mlp"]) == {"momentum": "Same"}
