
from optbench.report.words.methods import comparison_methods


def test_methods_say_when_nothing_was_tuned():
    assert "No candidate was tuned" in comparison_methods({"tuning": {"trials": 0}, "seeds": 3})[0]
    assert "budget of 8 trials (random search)" in comparison_methods({"tuning": {"trials": 8, "method": "random"}})[0]
