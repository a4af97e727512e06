import numpy as np
import pandas as pd

from optbench.report.sections import lesson_pictures
from optbench.report.sections.lesson_pictures import contours, layers, measured

from .lesson_suite import SUITE


def test_curves_show_what_a_claim_compares():
    assert measured(SUITE["claims"]) == {"digits-mlp": "train_loss"}


def test_layers_and_paths_come_from_the_arrays_of_runs():
    work = {"name": "bowl", "title": "Bowl", "function": {"name": "quadratic"}, "diagnostics": True}
    finals = pd.DataFrame(
        {
            "workload": "Bowl",
            "candidate": ["SGD", "SGD", "Adam"],
            "seed": [1, 2, 1],
            "study": 0,
            "key": ["a", "b", "c"],
        }
    )

    class Arrays:
        def arrays(self, key):
            return {"path": np.zeros((3, 2)), "activation_std": np.ones(4), "gradient_std": np.ones(4)}

    drawn = {"styles": None, "order": ["SGD", "Adam"]}
    (picture,) = contours([work], finals, Arrays(), "x", drawn)
    assert list(picture.draw.args[1]) == ["SGD", "Adam"]
    assert len(picture.draw().axes) == 2
    (picture,) = layers([work], finals, Arrays(), "x", drawn)
    assert len(picture.draw.args[0]) == 3 * 2 * 4
    assert contours([work | {"function": None}], finals, Arrays(), "x", drawn) == []


def test_the_illustration_of_frameworks_has_their_programs_beside_it():
    shown = lesson_pictures.programs({"illustrations": ["frameworks"]})
    assert [name for name, _ in shown] == ["NumPy", "torch", "JAX", "TensorFlow"]
    assert all("np.savez(sys.argv[2]" in program for _, program in shown)
    assert lesson_pictures.programs({"illustrations": ["averages"]}) == []


def test_more_than_six_candidates_have_a_panel_of_curves_each():
    rows = [("few", f"c{k}") for k in range(2)] + [("many", f"c{k}") for k in range(7)]
    frame = pd.DataFrame(
        [
            {"workload": w, "candidate": c, "phase": "final", "key": f"{w}{c}", "step": s, "study": 0, "number": 0,
             "train_loss": 1.0 / s, "outcome": "done", "metric": "accuracy", "target_metric": None}
            for w, c in rows
            for s in (1, 2)
        ]
    )  # fmt: skip
    drawn = {"styles": None, "order": None}
    pictures = lesson_pictures.curves(frame, frame, {"few": "train_loss", "many": "train_loss"}, "x", drawn)
    assert [p.name for p in pictures] == ["x-curves", "x-curves-apart"]
    assert len(pictures[1].draw().axes) == 7
