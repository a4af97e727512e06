"""What each workload of a pool tells: `python suites/choosing/choose.py FOLDER`.

FOLDER is that of `optbench targets suites/choosing/pool.toml --metric train_loss --runs FOLDER`: every candidate tuned
on every workload by its final training loss, twice, and trained again on fresh seeds. Nothing is trained here. Times
are those to each workload's ladder, by the procedure of `optbench targets` from the runs of BASELINES, whom people
choose.

Of each workload:

seconds   of training a trial, mean over candidates' final runs: what a candidate pays for it
noise     standard deviation of the paired difference of log times, median over pairs of candidates
told      share of the pairs of candidates that are told apart (paired t-test, Holm within the workload), mean over
          tunings; no sign-flip test, for which six seeds and 55 pairs are too few: it is no verdict
price     seconds of training for each pair that is told apart
again     Kendall's tau between the orders of its two tunings: whether the workload says the same tomorrow
luck      root mean square over candidates of what another tuning does to a log time relative to the others'
agrees    Kendall's tau between its order of candidates and that by the mean over all other workloads
nearest   the workload whose order is most like its own, with Spearman's rho

RULES say which are taken. They were written before any of these numbers were seen.
"""

import argparse
import sys
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from optbench.statistics.pairs import Paired

#: whose runs make the ladders
BASELINES = ("momentum", "adagrad", "rmsprop", "adam", "schedule-free-adamw", "muon")
#: workloads that mean something only beside each other: the second shows that it is the first's reason, and no other
TWINS = (("zipf", "balanced"), ("ratings", "ratings-balanced"))
#: a suite's size
WANTED = 20
#: of a workload: the share of pairs told apart, and the tau of its orders by two tunings, at least
TOLD, AGAIN = 0.3, 0.3
#: two workloads of a family whose orders are as alike as this say the same
ALIKE = 0.9
RULES = f"""
1. A workload that tells less than {TOLD:.0%} of the pairs apart tells nothing: out. So is one whose two tunings order
   the candidates with a tau below {AGAIN}: tuning decides there, not the candidates.
2. Of two in one family whose orders are alike (rho of {ALIKE} and more) the one that asks for more seconds a pair goes.
3. Twins stay or go together, as the first of them does.
4. Families take turns, those first that have least: each time the workload with the lowest price that is left, until
   there are {WANTED}.
"""
COLUMNS = ("family", "seconds", "noise", "told", "price", "again", "luck", "agrees", "nearest", "rho")


def measured(folder: Path) -> "pd.DataFrame":
    """A row a workload, in the pool's order; see the module's text."""
    import pandas as pd
    from scipy.stats import kendalltau, spearmanr

    import optbench
    from optbench.referee.estimators import pair_noise
    from optbench.statistics.rungs import ladder_pairs, workload_ladder

    results = optbench.load(folder)
    trials, curves = results.trials, results.measurements("final")
    final = trials[trials["phase"] == "final"]
    families = {w["name"]: w.get("family") or w["name"] for w in results.suite["workloads"]}
    there = final.groupby("workload")["candidate"].nunique()
    for name in there[there < there.max()].index:
        print(f"{name}: not all of its candidates are there, so nothing is said of it", file=sys.stderr)
    final = final[final["workload"].isin(there[there == there.max()].index)]
    made = final[final["candidate"].isin(BASELINES)]
    ladders = {}
    for name in final["workload"].unique():
        try:
            ladders[name] = workload_ladder(made, curves, name)
        except ValueError as error:
            print(f"{name} has no ladder: {error}", file=sys.stderr)
    works, names = list(ladders), list(dict.fromkeys(final["candidate"]))
    number = len(names) * (len(names) - 1) / 2
    noise, told = np.zeros(len(works)), np.zeros(len(works))
    # of each workload (studies, candidates): mean log time over seeds and targets, relative to that of all candidates
    times = []
    for w, name in enumerate(works):
        runs = final[final["workload"] == name]
        whole = runs.groupby("study").filter(lambda rows: rows["candidate"].nunique() == len(names))
        of = [ladder_pairs(rows, curves, {name: ladders[name]}) for _, rows in whole.groupby("study")]
        noise[w] = np.mean([pair_noise(one)[0][0] for one in of])
        told[w] = np.mean([told_apart(one)[0] for one in of])
        values = np.array([[np.nanmean(one.values[one.candidates.index(c)]) for c in names] for one in of])
        times.append(values - values.mean(axis=1, keepdims=True))
    mean = np.stack([of.mean(axis=0) for of in times], axis=1)
    seconds, each = final.groupby("workload")["seconds"].mean(), list(enumerate(works))
    rho = np.array([[spearmanr(mean[:, a], mean[:, b]).statistic for b, _ in each] for a, _ in each])
    np.fill_diagonal(rho, -np.inf)
    rows = []
    for w, name in enumerate(works):
        others = np.delete(mean, w, axis=1).mean(axis=1)
        again = [kendalltau(a, b).statistic for a, b in combinations(times[w], 2)]
        near = int(rho[w].argmax())
        spent = float(seconds[name])
        rows.append(
            (
                families[name],
                spent,
                noise[w],
                told[w] / number,
                spent / max(told[w], 0.5),
                float(np.mean(again)) if again else np.nan,
                float(np.sqrt(times[w].var(axis=0, ddof=1).mean())) if len(times[w]) > 1 else np.nan,
                kendalltau(mean[:, w], others).statistic,
                works[near],
                rho[w, near],
            )
        )
    frame = pd.DataFrame(rows, columns=list(COLUMNS), index=pd.Index(works, name="workload"))
    frame.attrs["rho"] = pd.DataFrame(rho, index=works, columns=works)
    return frame


def told_apart(pairs: "Paired") -> np.ndarray:
    """(workloads,) pairs of candidates told apart."""
    from scipy.stats import ttest_1samp

    from optbench.statistics.holm import ALPHA, holm

    both = combinations(range(len(pairs.candidates)), 2)
    with np.errstate(all="ignore"):  # runs that all missed are level, without any spread
        p = np.stack([ttest_1samp(pairs.table(a, b), 0.0, axis=1, nan_policy="omit").pvalue for a, b in both])
    return np.array([np.count_nonzero(holm(np.nan_to_num(column, nan=1.0)) <= ALPHA) for column in p.T])


def chosen(frame: "pd.DataFrame", rho: "pd.DataFrame", wanted: int = WANTED) -> "dict[str, str]":
    """Of each workload why it is out, or "" where it is taken, by RULES."""
    partner = {a: b for pair in TWINS for a, b in (pair, pair[::-1])}
    second = {b for _, b in TWINS}
    out: dict[str, str] = {}
    for name, row in frame.iterrows():
        if name in second:
            continue
        if row["told"] < TOLD:
            out[name] = f"tells {row['told']:.0%} of the pairs apart"
        elif row["again"] < AGAIN:
            out[name] = f"tuned anew it orders otherwise (tau {row['again']:.2f})"
    for a, b in combinations([n for n in frame.index if n not in second], 2):
        if a in out or b in out or frame.loc[a, "family"] != frame.loc[b, "family"] or rho.loc[a, b] < ALIKE:
            continue
        dear, cheap = sorted((a, b), key=lambda n: -frame.loc[n, "price"])
        out[dear] = f"says what {cheap} says (rho {rho.loc[a, b]:.2f}), for more seconds"
    left = [n for n in frame.index if n not in out and n not in second]
    taken: list[str] = []
    while left and len(taken) < wanted:
        has = {f: sum(frame.loc[n, "family"] == f for n in taken) for f in set(frame["family"])}
        best = min(left, key=lambda n: (has[frame.loc[n, "family"]], frame.loc[n, "price"]))
        left.remove(best)
        twin = partner.get(best)
        taken += [best] if twin is None or twin not in frame.index or len(taken) + 2 > wanted else [best, twin]
    return {
        n: "" if n in taken else out.get(n, "its twin is out" if n in second else f"the suite has {wanted}")
        for n in frame.index
    }


def table(frame: "pd.DataFrame", why: "dict[str, str]") -> str:
    """As Markdown, what is taken first."""
    from optbench.referee.measuring import head, line

    headings = "seconds", "noise", "told apart", "seconds a pair", "again", "luck", "agrees", "nearest", "taken"
    lines = head("workload", "family", *headings)
    for name in sorted(frame.index, key=lambda n: (bool(why[n]), list(frame.index).index(n))):
        r: Any = frame.loc[name]
        numbers = (f"{r['seconds']:.2f}", f"{r['noise']:.2f}", f"{r['told']:.0%}", f"{r['price']:.3f}")
        words = (f"{r['again']:.2f}", f"{r['luck']:.2f}", f"{r['agrees']:.2f}", f"{r['nearest']} {r['rho']:.2f}")
        lines.append(line(f"`{name}`", r["family"], *numbers, *words, why[name] or "**yes**"))
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="of the pool's run")
    parser.add_argument("--wanted", type=int, default=WANTED, help="workloads of the suite")
    parser.add_argument("--csv", type=Path, help="write all numbers here")
    options = parser.parse_args()
    frame = measured(options.folder)
    why = chosen(frame, frame.attrs["rho"], options.wanted)
    if options.csv:
        frame.assign(out=why).to_csv(options.csv)
    print(RULES)
    print(table(frame, why))


if __name__ == "__main__":
    main()
