
from optbench.report.words.methods import comparison_methods


def test_methods_say_when_nothing_was_tuned():
    assert "No candidate was tuned" in comparison_methods({"tuning": {"trials": 0}, "seeds": 3})[0]
    assert "budget of 8 trials (random search)" in comparison_methods({"tuning": {"trials": 8, "method": "random"}})[0]

def test_methods_say_how_the_setting_was_selected_and_what_the_words_are_about():
    def words(**tuning):
        suite = {"tuning": {"trials": 12, "studies": 1, **tuning}, "workloads": [{"name": "w"}]}
        return " ".join(comparison_methods(suite))

    assert "The setting that did best in its trial was then run" in words(finalists=1, confirm=2)
    again = words(finalists=3, confirm=2)
    assert "The best 3 settings were trained again, within that budget, on 2 further seeds" in again
    assert "about these settings (one study of 12 trials)" in again
    several = words(studies=3)
    assert "about the method with this tuning budget (3 studies of 12 trials): pairs are studies" in several
    assert "What is said" not in words(method="none")


def test_methods_say_what_an_evaluation_read():
    def words(*workloads):
        return " ".join(comparison_methods({"workloads": [{"name": "w", **w} for w in workloads]}))

    assert "Training loss and metric" not in words({}, {"function": {"name": "bowl"}, "evaluate_examples": None})
    each = words({"evaluate_examples": 1024, "validate_every": 1})
    assert "those of 1,024 training examples" in each
    assert "the validation split was read" not in each
    some = words({"evaluate_examples": 512, "validate_every": 4}, {"evaluate_examples": 256, "validate_every": 1})
    assert "those of 256 to 512 training examples" in some
    assert "read at one in 4 evaluations, and at the first and the last" in some
