import numpy as np
import pandas as pd

from optbench.report import figures

from .drawn import texts


def test_heat_map_annotates_ratios_to_the_best_and_marks_misses():
    rows = [
        ("w", "a", 100.0),
        ("w", "b", 250.0),
        ("v", "a", np.inf),
        ("v", "b", 7.0),
        ("u", "a", np.inf),
        ("u", "b", np.inf),
    ]
    trials = pd.DataFrame(rows, columns=["workload", "candidate", "steps_to_target"]).assign(phase="final")
    shown = [t for t in texts(figures.heat_map(trials)) if t]
    assert sorted(shown) == sorted(["1.0", "2.5", "1.0", "missed", "missed", "missed"])
