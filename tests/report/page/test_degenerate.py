"""Pages of runs that hardly are any: each figure is drawn or replaced by a sentence, and none fails."""

import numpy as np
import pytest

from optbench.referee.synthetic import STEPS_BETWEEN, synthetic_store
from optbench.report import write
from optbench.report.pictures import formats
from optbench.results.results import Results
from optbench.store.packing import WIDTH, pack_values
from optbench.trials.trial import FIELDS, FINISHED

NONE = np.empty((0, WIDTH))


def curve(metrics, losses):
    """Measurements, one an epoch; the target of made-up workloads is an accuracy of 0.9."""
    made = np.full((len(metrics), WIDTH), np.nan)
    steps = np.arange(len(metrics)) * STEPS_BETWEEN
    fields = {
        "step": steps, "epoch": steps / STEPS_BETWEEN, "gradients": steps, "seconds": steps * 1e-4, "rate": 0.01,
        "train_loss": losses, "train_metric": metrics, "validation_loss": losses, "validation_metric": metrics,
        "gradient_norm": 1.0,
    }  # fmt: skip
    for name, values in fields.items():
        made[:, FIELDS.index(name)] = values
    return made


#: what every trial of a store came to
OUTCOMES = {
    "nobody-meets-a-target": ("done", curve([0.1, 0.2, 0.3], [2.0, 1.5, 1.2])),
    "met-at-once": ("done", curve([0.95, 0.95], [1.0, 1.0])),
    "never-better-in-one-epoch": ("done", curve([0.1, 0.1], [2.3, 2.3])),
    "perfect-from-the-start": ("done", curve([1.0, 1.0, 1.0], [0.0, 0.0, 0.0])),
    "worse-and-worse": ("done", curve([0.9, 0.5, 0.1], [1.0, 2.0, 3.0])),
    "one-measurement": ("done", curve([0.1], [2.3])),
    "no-metric": ("done", curve([np.nan, np.nan], [1.0, 0.5])),
    "huge": ("done", curve([-1e300, 0.2], [1e300, 1e306])),
    "tiny-and-negative": ("done", curve([0.1, 0.2], [1e-320, -1e-322])),
    "all-diverged": ("diverged", curve([0.1, np.nan], [1.0, np.nan])),
    "diverged-at-the-start": ("diverged", curve([np.nan], [np.nan])),
    "all-failed": ("error", NONE),
}
#: candidates, workloads, seeds, trials of tuning
SINGLE, TWO, UNFINISHED = (1, 1, 1, 1), (2, 2, 2, 1), (2, 1, 0, 2)
CASES = [*((case, SINGLE) for case in OUTCOMES), ("never-better-in-one-epoch", TWO), ("all-diverged", TWO),
         ("nobody-meets-a-target", UNFINISHED)]  # fmt: skip


@pytest.mark.parametrize(("case", "shape"), CASES, ids=[f"{case}-{'x'.join(map(str, n))}" for case, n in CASES])
def test_every_figure_is_drawn_or_left_out(case, shape, tmp_path, monkeypatch):
    for name in ("save_png", "save_pdf"):  # laid out and written by the same code as SVG
        monkeypatch.setattr(formats, name, lambda *of: None)
    outcome, measured = OUTCOMES[case]
    columns = [FIELDS.index(f"validation_{name}") for name in ("loss", "metric")]
    test = tuple(measured[-1, columns]) if outcome in FINISHED else (np.nan, np.nan)
    row = pack_values(outcome, measured, max(len(measured) - 1, 0), test, message="" if outcome == "done" else "lost")
    candidates, workloads, seeds, trials = shape
    synthetic_store(tmp_path, candidates, workloads, seeds, trials, row=row)
    problems = []
    text = write(Results(tmp_path), tmp_path, failed=problems.append).read_text(encoding="utf-8")
    assert problems == []
    assert "could not be drawn" not in text
