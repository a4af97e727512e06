
from optbench.report.sections.titles import titles_of

SUITE = {
    "topics": [
        {"name": "Momentum & more", "text": "First.\n\nSecond\nline.", "formula": "v\n\n\\frac{1}{2}"},
        {"name": "Averages", "text": "Third.", "formula": "", "illustration": "averages"},
        {"name": "Silent", "text": "Nobody talks about it.", "formula": ""},
    ],
    "workloads": [
        {"name": "digits-mlp", "title": "Digits", "topic": "Momentum & more", "function": None},
        {"name": "moons-mlp", "title": "Moons", "topic": "Averages", "function": None},
    ],
    "candidates": [
        {"name": "sgd", "title": "SGD", "workloads": ["digits-mlp"]},
        {"name": "momentum", "title": "Momentum", "workloads": ["digits-mlp", "moons-mlp"]},
    ],
    "claims": [
        {
            "statement": "Faster",
            "topic": "Momentum & more",
            "workloads": ["digits-mlp"],
            "better": "momentum",
            "worse": "sgd",
            "metric": "steps_to_target",
        },
        {
            "statement": "Free",
            "topic": None,
            "workloads": ["digits-mlp"],
            "better": "momentum",
            "worse": "sgd",
            "metric": "final_train_loss",
        },
    ],
}  # fmt: skip


def test_titles_stand_for_candidates_unless_two_on_a_workload_share_one():
    assert titles_of(SUITE, ["digits-mlp"]) == {"sgd": "SGD", "momentum": "Momentum"}
    twins = SUITE | {"candidates": [c | {"title": "Same"} for c in SUITE["candidates"]]}
    assert titles_of(twins, ["digits-mlp"]) == {"sgd": "sgd", "momentum": "momentum"}
    assert titles_of(twins, ["moons-mlp"]) == {"momentum": "Same"}
