"""Stopping as soon as all is decided: false findings, seeds saved, and effects after stopping, by simulation.

    python -m optbench.referee --stopping --out FOLDER

A candidate is compared with others of which the truth is known, or all with all, on six workloads, by
`optbench.statistics.looks`, with either spending; and with as many seeds as the last look has, fixed (`versus`). Where
the run stops is what it costs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from optbench.referee.measuring import head, line
from optbench.statistics.equality import log_margin
from optbench.statistics.holm import ALPHA
from optbench.statistics.looks import Plan, decide
from optbench.statistics.many import max_t
from optbench.statistics.pairs import Paired
from optbench.statistics.planning import seeds_needed
from optbench.statistics.spending import Spending
from optbench.statistics.stopped import estimate

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    *("spending", "noise", "truth", "others", "false", "differ", "equal", "fixed", "seeds", "fixed_seeds"),
    *("naive", "corrected", "covered", "samples"),
)
SEEDS = (6, 9, 14, 20, 30, 45, 60)
MARGIN = 0.05
WORKLOADS = 6
#: patterns of signs: fewer than in use, so that boundaries are less exact but no less valid
DRAWS = 1000


@dataclass(frozen=True)
class Truth:
    """log ratios (others,) of the candidate's time to the others', and how much they vary between workloads.

    everyone   whether all pairs are asked about, and not the candidate alone
    """

    name: str
    effects: tuple[float, ...]
    between: float = 0.0
    everyone: bool = False

    def asked(self) -> dict[tuple[str, str], float]:
        """{pair that is asked about: its log ratio}."""
        level = {"mine": 0.0, **{f"other-{i}": -effect for i, effect in enumerate(self.effects)}}
        pairs = combinations(level, 2) if self.everyone else (("mine", name) for name in list(level)[1:])
        return {(a, b): level[a] - level[b] for a, b in pairs}


def speed_up(share: float, others: int = 1) -> Truth:
    return Truth(f"{100 * share:g} % faster" if share else "no difference", (float(np.log1p(-share)),) * others)


TRUTHS = (
    speed_up(0.0),
    speed_up(0.0, 6),
    Truth("no difference on the mean, 20 % on single workloads", (0.0,), 0.2),
    Truth("the margin", (-log_margin(MARGIN),)),
    Truth("the margin, both sides", (log_margin(MARGIN), -log_margin(MARGIN)) * 3),
    speed_up(0.03),
    speed_up(0.1),
    Truth("level with 2, 10 % faster than 4", (0.0,) * 2 + (float(np.log(0.9)),) * 4),
    Truth("all pairs of 5, no difference", (0.0,) * 4, everyone=True),
    Truth("all pairs of 5: 2 level, the others 10 % apart", (0.0, *np.log([0.9, 0.81, 0.729]).tolist()), everyone=True),
)
NOISES: dict[str, Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]] = {
    "normal": lambda rng, size: rng.normal(size=size),
    "skewed": lambda rng, size: rng.exponential(size=size) - 1,
}


def draw(truth: Truth, noise: str, spread: float, seeds: int, rng: np.random.Generator) -> Paired:
    """Logarithms of times of "mine" and the others; `spread` is the deviation of a paired difference."""
    others = len(truth.effects)
    values = spread / np.sqrt(2) * NOISES[noise](rng, (others + 1, WORKLOADS, seeds))
    values[1:] -= np.array(truth.effects)[:, None, None]
    if truth.between:
        shift = truth.between * rng.normal(size=(others, WORKLOADS, 1))
        values[1:] += shift - shift.mean(axis=1, keepdims=True)
    names = ["mine", *(f"other-{i}" for i in range(others))]
    return Paired(names, [f"w{i}" for i in range(WORKLOADS)], values, np.zeros(values.shape, dtype=bool), True)


def simulate(
    truth: Truth,
    noise: str,
    spending: Spending,
    samples: int,
    rng: np.random.Generator,
    spread: float = 0.12,
    seeds: Sequence[int] = SEEDS,
) -> dict[str, float]:
    """Shares of samples and means over them; see COLUMNS.

    false          any word that is not true: a difference or a direction where there is none, equality at the margin
    differ, equal  share of comparisons so called when the run stops
    fixed          share that differ with all seeds of the last look, by `max_t`
    seeds          at which the run stops; fixed_seeds: that a fixed test needs for as many found (`seeds_needed`)
    naive, corrected    mean of what was seen less the truth, and of `estimate`, of comparisons that the last look
                   decided to differ, as a share of the time; covered: share of corrected intervals with the truth
    """
    plan = Plan(tuple(seeds), log_margin(MARGIN), spending=spending)
    truths = truth.asked()
    asked = list(truths)
    false = differ = equal = fixed = spent = 0.0
    errors: list[tuple[float, float, bool]] = []
    for _ in range(samples):
        pairs = draw(truth, noise, spread, plan.seeds[-1], rng)
        found = decide(pairs, asked, plan, DRAWS)
        ends = [d.seeds if d.look else plan.seeds[-1] for d in found.decisions]
        stop = max(ends)
        spent += stop
        words = [d.word for d in found.decisions]
        false += any(not _true(word, effect) for word, effect in zip(words, truths.values(), strict=True))
        differ += float(np.mean([word in ("faster", "slower") for word in words]))
        equal += float(np.mean([word == "equal" for word in words]))
        places = [(pairs.candidates.index(a), pairs.candidates.index(b)) for a, b in asked]
        tables = np.stack([pairs.table(*place) for place in places], axis=-1)
        fixed += float(np.mean(max_t(list(tables), draws=DRAWS).adjusted <= ALPHA)) if noise == "normal" else np.nan
        values, missed = pairs.values[:, :, :stop], pairs.missed[:, :, :stop]
        there = Paired(pairs.candidates, pairs.workloads, values, missed, True)
        for d, effect in zip(found.decisions, truths.values(), strict=True):
            if d.seeds == stop and d.word in ("faster", "slower"):
                one = estimate(there, d, plan)
                errors.append((one.naive - effect, one.effect - effect, one.low <= effect <= one.high))
    naive, corrected, covered = np.mean(errors, axis=0) if errors else (np.nan,) * 3
    needed = np.nan
    least = min((abs(effect) for effect in truths.values() if effect), default=0.0)
    if least and differ:
        apart = sum(effect != 0 for effect in truths.values()) / len(truths)
        power = min(differ / samples / apart, 0.999)
        needed = seeds_needed(least, [spread] * WORKLOADS, len(asked), power) or np.nan
    return {
        "false": false / samples, "differ": differ / samples, "equal": equal / samples, "fixed": fixed / samples,
        "seeds": spent / samples, "fixed_seeds": needed, "naive": float(naive), "corrected": float(corrected),
        "covered": float(covered),
    }  # fmt: skip


def _true(word: str, effect: float) -> bool:
    margin = log_margin(MARGIN) - 1e-12
    return {"faster": effect < 0, "slower": effect > 0, "equal": abs(effect) < margin}.get(word, True)


def measured(
    samples: int = 1000,
    seed: int = 0,
    told: Callable[[str], None] = lambda text: None,
    truths: Sequence[Truth] = TRUTHS,
) -> "pd.DataFrame":
    """One row a truth, noise and spending; see COLUMNS."""
    import pandas as pd

    rng = np.random.default_rng(seed)
    rows = []
    kinds: tuple[Spending, ...] = ("pocock", "obrien-fleming")
    for truth in truths:
        for noise in NOISES:
            for spending in kinds:
                told(f"stopping: {truth.name}, {noise} noise, {spending}")
                found = simulate(truth, noise, spending, samples, rng)
                about = {"spending": spending, "noise": noise, "truth": truth.name, "others": len(truth.effects)}
                rows.append({**about, **found, "samples": samples})
    return pd.DataFrame(rows, columns=list(COLUMNS))


def table(frame: "pd.DataFrame") -> str:
    """The same as Markdown, for docs/statistics.md."""
    lines = head(
        *("truth", "others", "noise", "spending", "false words", "differ (fixed)", "equal", "mean seeds (fixed)"),
        *("effect less truth", "corrected", "covered"),
    )
    for row in frame.to_dict("records"):
        fixed = f" ({100 * row['fixed']:.0f} %)" if row["fixed"] == row["fixed"] else ""
        needed = f" ({row['fixed_seeds']:.0f})" if row["fixed_seeds"] == row["fixed_seeds"] else ""
        lines.append(
            line(
                *(row["truth"], row["others"], row["noise"], row["spending"], f"{100 * row['false']:.1f} %"),
                *(f"{100 * row['differ']:.0f} %{fixed}", f"{100 * row['equal']:.0f} %", f"{row['seeds']:.0f}{needed}"),
                *(f"{100 * row['naive']:+.2f} %", f"{100 * row['corrected']:+.2f} %", f"{100 * row['covered']:.0f} %"),
            )
        )
    return "\n".join(lines) + "\n"
