"""One against many: what correction finds more, and whether it keeps its promise.

    python -m optbench.referee --asked --out FOLDER

A candidate and six others on six workloads, of which the truth is known: max-T by flipped signs against Holm's rule
over the same p, for differences; equality within a margin at the margin, and where there is none.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from optbench.referee.measuring import head, line
from optbench.referee.stopping import DRAWS, MARGIN, Truth, draw
from optbench.statistics.equality import equality, log_margin
from optbench.statistics.holm import ALPHA, holm
from optbench.statistics.many import max_t

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("truth", "noise", "spread", "seeds", "correction", "false", "differ", "false_equal", "equal", "samples")
LOG = log_margin(MARGIN)
TRUTHS = (
    Truth("all equal", (0.0,) * 6),
    Truth("equal on the mean alone", (0.0,) * 6, 0.2),
    Truth("two equal, four 7 % slower", (0.0,) * 2 + (float(np.log(0.93)),) * 4),
    Truth("all at the margin", (LOG, -LOG) * 3),
)
SEEDS = (6, 10, 20)


def measured(
    samples: int = 1000,
    seeds: Sequence[int] = SEEDS,
    spread: float = 0.12,
    seed: int = 0,
    told: Callable[[str], None] = lambda text: None,
) -> "pd.DataFrame":
    """One row a truth, noise, number of seeds and correction.

    false       share of samples with any difference found where there is none, or with the wrong sign
    differ      share of comparisons that truly differ and are found to
    false_equal share of samples with any equality found at the margin (Holm's rule, whatever the correction)
    equal       share of comparisons that are equal, and found to be
    """
    import pandas as pd

    rng = np.random.default_rng(seed)
    rows = []
    for truth in TRUTHS:
        told(f"one against many: {truth.name}")
        effects = np.array(truth.effects)
        for noise in ("normal", "skewed"):
            for n in seeds:
                counts = {name: np.zeros(2) for name in ("max-t", "holm")}
                equals = np.zeros(2)
                for _ in range(samples):
                    pairs = draw(truth, noise, spread, n, rng)
                    others = range(1, len(effects) + 1)
                    found = max_t(list(np.stack([pairs.table(0, b) for b in others], axis=-1)), draws=DRAWS)
                    counts["max-t"] += _differ(found.t, found.adjusted, effects)
                    counts["holm"] += _differ(found.t, holm(found.p), effects)
                    p = holm([equality(pairs.bounds(0, b, LOG), LOG, draws=DRAWS).p for b in others])
                    equals += _equal(p, effects)
                for name, count in counts.items():
                    about = (truth.name, noise, spread, n, name)
                    rows.append((*about, *(count / samples), *(equals / samples), samples))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _differ(t: np.ndarray, p: np.ndarray, effects: np.ndarray) -> np.ndarray:
    """(whether any word is false, share of those that differ and are found to)."""
    said = np.where(p <= ALPHA, np.sign(t), 0.0)
    return np.array([np.any((said != 0) & (said != np.sign(effects))), _share(said != 0, effects != 0)])


def _equal(p: np.ndarray, effects: np.ndarray) -> np.ndarray:
    at_margin = np.abs(effects) > LOG - 1e-12
    return np.array([np.any((p <= ALPHA) & at_margin), _share(p <= ALPHA, effects == 0)])


def _share(found: np.ndarray, there: np.ndarray) -> float:
    return float(found[there].mean()) if there.any() else float("nan")


def table(frame: "pd.DataFrame") -> str:
    """The same as Markdown, for docs/statistics.md."""
    seeds = sorted(frame["seeds"].unique())
    lines = head("truth", "noise", "share of", *(f"{n} seeds" for n in seeds))
    kinds = (
        ("false differences, max-T", "max-t", "false"), ("false differences, Holm", "holm", "false"),
        ("differences found, max-T", "max-t", "differ"), ("differences found, Holm", "holm", "differ"),
        ("false equality", "holm", "false_equal"), ("equality found", "holm", "equal"),
    )  # fmt: skip
    for (truth, noise), rows in frame.groupby(["truth", "noise"], sort=False):
        for name, correction, column in kinds:
            chosen = rows[rows["correction"] == correction].set_index("seeds")[column]
            if chosen.notna().all():
                lines.append(line(truth, noise, name, *(f"{100 * chosen[n]:.1f} %" for n in seeds)))
    return "\n".join(lines) + "\n"
