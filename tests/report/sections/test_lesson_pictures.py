import numpy as np
import pandas as pd

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
