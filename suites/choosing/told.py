"""What the results of a suite say, as Markdown: `python suites/choosing/told.py reference/standard [--into PAGE]`.

The order of all candidates in speed and in the result, and of how many each is told apart; how far the orders of
independent tunings agree (Kendall's tau between studies, each of which has its own search, over all candidates); what
difference would be told; and every claim with its interval and verdict.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from optbench.contract.errors import OptbenchError
from optbench.results.archives import load
from optbench.results.results import Results
from optbench.statistics.pairs import Paired, seed_pairs
from optbench.statistics.questions import Question
from optbench.statistics.rungs import Ladder, ladder_pairs

if TYPE_CHECKING:
    import pandas as pd

AHEAD, BEHIND = ("faster", "better"), ("slower", "worse")
BEGIN, END = "<!-- what it says: suites/choosing/told.py -->", "<!-- end of what it says -->"


def table(heads: str, rows: list[list[str]]) -> list[str]:
    names = heads.split(", ")
    return [f"| {' | '.join(cells)} |" for cells in (names, ["---"] * len(names), *rows)]


def order(results: Results) -> list[str]:
    """All candidates by their times to the targets, as multiples of the baseline's."""
    board = results.leaderboard().sort_values("ratio_to_baseline")
    fast, well = (standing(question) for question in results.verdict().questions)
    rows = []
    for place, (name, row) in enumerate(board.iterrows(), 1):
        times = f"{row['ratio_to_baseline']:.2f} [{row['ratio_low']:.2f}, {row['ratio_high']:.2f}]"
        ends = f"{row['iqm']:.3f} [{row['iqm_low']:.3f}, {row['iqm_high']:.3f}]"
        met = f"{row['solved']:.0%}"
        rows.append([str(place), f"`{name}`", times, fast[name], f"{row['seconds_ratio']:.2f}", met, ends, well[name]])
    heads = "place, candidate, steps, faster / slower than, seconds, targets met, result, better / worse than"
    return table(heads, rows)


def standing(question: Question) -> dict[str, str]:
    """Of how many others each candidate is ahead with certainty, and behind how many."""
    ahead: Counter[str] = Counter()
    behind: Counter[str] = Counter()
    for one in question.comparisons:
        if one.word in (*AHEAD, *BEHIND):
            first, second = (one.candidate, one.against) if one.word in AHEAD else (one.against, one.candidate)
            ahead[first] += 1
            behind[second] += 1
    names = dict.fromkeys(name for one in question.comparisons for name in (one.candidate, one.against))
    return {name: f"{ahead[name]} / {behind[name]}" for name in names}


def decided(results: Results) -> list[str]:
    """How many pairs are told apart, and which difference would be."""
    lines = []
    for question in results.verdict().questions:
        words = Counter(one.word for one in question.comparisons)
        apart = sum(words[word] for word in (*AHEAD, *BEHIND))
        least = "nothing" if question.least is None else f"{question.least:.1%}"
        what = "speed" if question.name == "time" else "the result"
        lines += [
            f"In {what}, {apart} of {words.total()} pairs are told apart and {words['equal']} are equal, after Holm's",
            f"correction over all of them; a difference of {least} would be told with 80 % power.",
            "",
        ]
    return lines


def studies(results: Results) -> dict[str, np.ndarray]:
    """By time and by final result: (studies, candidates), higher is better: means over workloads and seeds."""
    trials, curves = results.trials, results.measurements("final")
    trials = trials[trials["phase"] == "final"]
    ladders = {
        w["name"]: Ladder(w["target"]["metric"], tuple(w["target"].get("ladder") or (w["target"]["value"],)))
        for w in results.suite["workloads"]
        if w.get("target") and not w.get("variant_of")
    }
    names = list(dict.fromkeys(trials["candidate"]))
    by_time: Callable[[Any], Paired] = partial(ladder_pairs, curves=curves, ladders=ladders)
    found: dict[str, np.ndarray] = {}
    for by, pairs in (("time", by_time), ("final", partial(seed_pairs, by="final"))):
        rows = []
        for study in sorted(trials["study"].unique()):
            paired = pairs(trials[trials["study"] == study])
            means = np.nanmean(paired.values.reshape(*paired.values.shape[:2], -1), axis=(1, 2))
            of = dict(zip(paired.candidates, -means if paired.ratio else means, strict=True))
            rows.append([of[name] for name in names])
        found[by] = np.array(rows)
    return found


def agreement(results: Results) -> list[str]:
    """Kendall's tau between the orders of independent tunings, and between one of them and the mean of the others."""
    from scipy.stats import kendalltau

    rows = []
    for by, scores in studies(results).items():
        if len(scores) < 2:
            return ["There is one study: what another would say is not known.", ""]
        single = [kendalltau(a, b).statistic for a, b in combinations(scores, 2)]
        rest = [kendalltau(scores[i], np.delete(scores, i, 0).mean(axis=0)).statistic for i in range(len(scores))]
        what = "speed" if by == "time" else "result"
        told = [f"{np.mean(taus):.2f} ({min(taus):.2f} to {max(taus):.2f})" for taus in (single, rest)]
        rows.append([what, str(scores.shape[1]), *told])
    return [*table("order by, candidates, tau of two studies, of a study and the mean of the others", rows), ""]


def claims(results: Results) -> list[str]:
    found: pd.DataFrame = results.claims()
    rows = []
    for _, row in found.iterrows():
        why = [part for part in row["reason"].split("; ") if part and "missed the target" not in part]
        verdict = f"{row['verdict']}: {'; '.join(why)}" if why else row["verdict"]
        effect = f"{row['effect']:.3g} [{row['low']:.3g}, {row['high']:.3g}] {row['unit']}"
        rows.append([row["statement"], effect, verdict])
    return [*table("claim, effect, verdict", rows), ""] if rows else []


def told(results: Results) -> str:
    """All of it."""
    trials = results.trials
    workloads = trials["workload"].nunique()
    lines = [
        f"Of {trials['candidate'].nunique()} candidates on {workloads} workloads, {len(trials):,} trials:",
        "",
        *decided(results),
        f"Steps to the targets as multiples of {results.baseline}'s, seconds likewise, the share of targets met, and",
        "the interquartile mean of normalized final results, with 95 % intervals:",
        "",
        *order(results),
        "",
        "Each study searches anew. How far their orders of all candidates agree:",
        "",
        *agreement(results),
        *claims(results),
    ]
    return "\n".join(lines).rstrip() + "\n"


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("results", help="a run's folder, archives, or reference/SUITE")
    words.add_argument("--into", type=Path, help="write it between the two marks of this page")
    asked = words.parse_args()
    try:
        text = told(load(asked.results))
    except OptbenchError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if asked.into is None:
        print(text)
        return 0
    page = asked.into.read_text(encoding="utf-8")
    if page.count(BEGIN) != 1 or page.count(END) != 1:
        print(f"error: {asked.into} has not the two marks {BEGIN} and {END}, once each", file=sys.stderr)
        return 2
    before, after = page.split(BEGIN)[0], page.split(END)[1]
    asked.into.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
