"""A suite that is a lesson."""

SUITE = {
    "topics": [
        {"name": "Momentum & more", "text": "First.\n\nSecond\nline.", "formula": "v\n\n\\frac{1}{2}"},
        {"name": "Averages", "text": "Third.", "formula": "", "illustrations": ["averages"]},
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
