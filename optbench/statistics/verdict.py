"""Who wins, by how much, how sure: the leaderboard's leader against everyone else, in data."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from optbench.statistics.bootstrap import medians
from optbench.statistics.cells import cells, final_runs, normalized, of_studies
from optbench.statistics.compare import By, effect_and_p, why_undecided, workload_tests
from optbench.statistics.held_out import disqualified
from optbench.statistics.holm import ALPHA, holm
from optbench.statistics.improvement import improvement_interval, scores
from optbench.statistics.iqm import iqm, probability_of_improvement
from optbench.statistics.pairs import Paired, seed_pairs
from optbench.statistics.profiles import score

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    *("candidate", "effect", "low", "high", "unit", "p", "p_holm", "verdict", "reason"),
    *("probability", "probability_low", "probability_high"),
    *("workloads", "better", "worse", "undecided", "pairs"),
)


@dataclass(frozen=True)
class Standing:
    """Who is ahead, and who is told apart from whom.

    leader      the first by score, then by IQM, as in the leaderboard; None where there is no run
    winners     the leader, and all that are not told apart from it (`undecided` or even better in direct comparison)
    decided     whether the leader alone is left
    by          what was compared: a time to target; "final" where no workload has a target
    unit        of effects: "ratio" of times (below 1 is quicker) or "difference" of normalized results (above 0 is
                better)
    workloads   how many took part
    versus      one row another candidate, in the leaderboard's order, about the LEADER against it:

        effect, low, high    the leader's time over its time (result less its result): mean over the workloads that both
                             ran on of their paired means, 95 % interval over seeds, the workloads taken as given
        p, p_holm            Student's and the sign-flip test, the larger; corrected for all pairs of candidates, since
                             the data chose the leader
        verdict              better, worse or undecided: the leader, after this correction; with the reason
        probability, ...     that a run of the leader beats one of it, over workloads, with interval
        workloads            that both ran on; `better`, `worse`, `undecided` of them by themselves
                             (`workload_tests`, corrected within the pair)
        pairs                of seeds, of the workload with the fewest

    against_baseline    the row of `versus` for the baseline as a dict; None where that is the leader, or none is given
    """

    leader: str | None
    winners: list[str]
    decided: bool
    by: str
    unit: str
    workloads: int
    versus: "pd.DataFrame"
    baseline: str | None = None

    @property
    def against_baseline(self) -> dict[str, Any] | None:
        rows = self.versus[self.versus["candidate"] == self.baseline]
        return {str(k): v for k, v in rows.iloc[0].items()} if len(rows) else None


def verdict(
    trials: "pd.DataFrame", baseline: str | None = None, by: By | None = None, alpha: float = ALPHA
) -> Standing:
    """Who wins, by how much, how sure, from the final runs of `trials`; see `Standing`.

    by   None: steps to target, or final results where no workload has a target

    Among candidates that do not differ it calls any of them worse than the leader in at most `alpha` of cases
    (measured: docs/statistics.md). It speaks of these workloads: for others see `wilcoxon_holm`, whose unit is the
    workload.
    """
    import pandas as pd

    runs = final_runs(trials)
    chosen: By = by or ("steps" if runs["target_metric"].notna().any() else "final")
    pairs = seed_pairs(trials, chosen)
    order = _order(trials, pairs, chosen)
    if not order:
        nothing = pd.DataFrame(columns=list(COLUMNS))
        return Standing(None, [], False, chosen, pairs.unit, 0, nothing, baseline)
    leader = order[0]
    groups = scores(runs, chosen)
    tests = workload_tests(trials, leader, chosen, alpha)
    corrected = all_pairs(pairs, order, alpha)
    rows = [
        _versus(pairs, leader, name, corrected, groups, tests[tests["candidate"] == name], alpha)
        for name in order[1:]
    ]
    versus = pd.DataFrame(rows, columns=list(COLUMNS))
    level = versus.loc[versus["verdict"] != "better", "candidate"]
    winners = [leader, *level]
    decided = len(winners) == 1 and len(order) > 1
    return Standing(leader, winners, decided, chosen, pairs.unit, len(pairs.workloads), versus, baseline)


def _order(trials: "pd.DataFrame", pairs: Paired, by: str) -> list[str]:
    """Candidates as the leaderboard sorts them."""
    runs = final_runs(trials)
    names, workloads = pairs.candidates, list(dict.fromkeys(runs["workload"]))
    if not names:
        return []
    finals = cells(runs, normalized(runs), names, workloads).values
    ran = ~np.isnan(finals)
    finals[~ran.any(axis=2)[:, :, None] & ran.any(axis=0)] = 0.0
    middle = iqm(finals.reshape(len(names), -1))
    first = np.zeros(len(names))
    if by != "final" and pairs.workloads:
        timed = of_studies(runs, f"{by}_to_target")
        times = cells(timed, timed[f"{by}_to_target"], names, pairs.workloads).values
        times[disqualified(trials, names, pairs.workloads, by)] = np.inf
        first = score(medians(times))
    return [names[i] for i in sorted(range(len(names)), key=lambda i: (-first[i], -middle[i]))]


def all_pairs(pairs: Paired, order: list[str], alpha: float) -> dict[frozenset[str], tuple[Any, float, float]]:
    """{pair: (effect of the first in `order` less the second, p, p_holm)} of every pair that shares a workload."""
    at = {name: i for i, name in enumerate(pairs.candidates)}
    found = {}
    for i, a in enumerate(order):
        for b in order[i + 1 :]:
            groups = [g for g in pairs.differences(at[a], at[b]) if len(g)]
            if groups:
                found[frozenset((a, b))] = effect_and_p(groups, alpha)
    corrected = holm([p for _, p in found.values()])
    return {
        pair: (effect, p, float(adjusted))
        for (pair, (effect, p)), adjusted in zip(found.items(), corrected, strict=True)
    }


def _versus(
    pairs: Paired,
    leader: str,
    name: str,
    corrected: dict[frozenset[str], tuple[Any, float, float]],
    groups: dict[tuple[str, str], np.ndarray],
    tests: "pd.DataFrame",
    alpha: float,
) -> tuple[Any, ...]:
    nan = float("nan")
    if frozenset((leader, name)) not in corrected:
        reason = "they share no workload"
        return (name, nan, nan, nan, pairs.unit, nan, nan, "undecided", reason, nan, nan, nan, 0, 0, 0, 0, 0)
    effect, p, p_holm = corrected[frozenset((leader, name))]  # the leader comes first in the order
    word, reason = "undecided", ""
    if p_holm <= alpha:
        word = "better" if (effect.mean < 0) == pairs.ratio else "worse"
    else:
        a, b = pairs.candidates.index(leader), pairs.candidates.index(name)
        total = sum(map(len, pairs.differences(a, b)))
        reason = why_undecided(effect.low <= 0 <= effect.high, effect.pairs, p, total, alpha)
    shared = [w for w in pairs.workloads if (w, leader) in groups and (w, name) in groups]
    x, y = ([groups[w, who] for w in shared] for who in (leader, name))
    chance = probability_of_improvement(x, y) if shared else nan
    # the tests are about the other candidate against the leader
    counts = tests["verdict"].value_counts()
    by_word = (int(counts.get(w, 0)) for w in ("worse", "better", "undecided"))
    return (
        *(name, *pairs.told(effect), pairs.unit, p, p_holm, word, reason, chance, *improvement_interval(x, y)),
        *(len(tests), *by_word, effect.pairs),
    )
