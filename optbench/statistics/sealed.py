"""Sealed variants: whether a candidate's lead on the workloads that it was tuned on carries over to variants of them.

**Times** on the base are those of the verdict, to the suite's targets. What can be reached is another on each variant:
there they are measured to a ladder (`optbench.statistics.ladder`, as `optbench targets` computes one) of the runs
themselves, of all candidates that take part. Exchanging two candidates leaves it as it is, so that where they do not
differ a lead and its negative are equally likely. A candidate of which some run ended badly has no part in the ladder,
and missed it there. Measuring the base anew by such a ladder would not do: stored results may have kept of their
curves there what the suite's targets need, and no more, so that one's own would meet other levels earlier.

**The lead** of a candidate over another is the difference of pairs of the same seed (or study), as in `pairs`: on the
base, and as the mean over its variants; its change is the difference of these two. All three are means over the bases,
with the tests and intervals of `versus`, corrected for the comparisons of a question.

    carries over          it leads on the bases and on the variants, and the lead does not shrink
    shrinks               it leads on both, but by less on the variants
    does not carry over   it leads on the bases, by less on the variants, and is not ahead there
    undecided             it leads on the bases; on the variants neither is told
    no lead               it does not lead on the bases

A candidate that is no better than another is given any of the first four words in at most alpha of cases: all ask for
a lead on the bases. A lead is told in as few cases by chance as by the verdict.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from optbench.contract.metric import field_of, lower_is_better
from optbench.statistics.holm import ALPHA
from optbench.statistics.ladder import Curve, ladder
from optbench.statistics.many import max_t
from optbench.statistics.metrics import rung_column
from optbench.statistics.paired import Effect, paired_effect
from optbench.statistics.pairs import Paired, seed_pairs
from optbench.statistics.tables import mean_time
from optbench.trials.crossing import crossings
from optbench.trials.trial import FINISHED

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    *("question", "candidate", "against", "variants", "bases", "pairs"),
    *("lead", "low", "high", "lead_on_bases", "low_on_bases", "high_on_bases", "change", "low_change", "high_change"),
    *("p", "p_on_bases", "p_change", "word"),
)
EACH = (
    *("question", "candidate", "against", "workload", "variant_of"),
    *("lead", "low", "high", "lead_on_bases", "low_on_bases", "high_on_bases"),
)
RUN = ["workload", "candidate", "study", "seed"]
#: what `Comparison` leads are told by: of times the other's over one's own (above 1: faster), of results a difference
QUESTIONS = {"time": "steps", "result": "final"}


def carried(
    trials: "pd.DataFrame",
    curves: "pd.DataFrame | None",
    candidates: Sequence[str],
    others: Sequence[str],
    variants: Sequence[str],
    alpha: float = ALPHA,
) -> "pd.DataFrame":
    """One row a question ("time", "result"), candidate and other that trained on sealed variants.

    trials, curves   of the run, as `Results.trials` and `Results.curves` have them
    variants         names of the sealed variants; their bases are in `variant_of`

    lead, lead_on_bases   on the variants, and on their bases: the other's time over the candidate's (1.3: 1.3 times as
                          fast); or the candidate's final result less the other's
    change                the first over the second, or less it; each with Student's interval of 1 - alpha
    p, p_on_bases, p_change   of sign flips, corrected for the question's comparisons (max-T)
    pairs                 seeds, or studies where there are several, of the base with the fewest
    word                  see above
    """
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for question, (pairs, bases) in _measured(trials, curves, [*candidates, *others], variants).items():
        rows += _compared(question, pairs, bases, candidates, others, alpha)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def carried_each(
    trials: "pd.DataFrame",
    curves: "pd.DataFrame | None",
    candidates: Sequence[str],
    others: Sequence[str],
    variants: Sequence[str],
    alpha: float = ALPHA,
) -> "pd.DataFrame":
    """One row a question, candidate, other and variant: the lead there and on its base, as of `carried`, by itself."""
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for question, (pairs, bases) in _measured(trials, curves, [*candidates, *others], variants).items():
        for a, b in _asked(pairs, candidates, others):
            table = pairs.table(pairs.candidates.index(a), pairs.candidates.index(b))
            table = -table if pairs.ratio else table
            for variant in (name for name in pairs.workloads if bases[name] in pairs.workloads):
                row: dict[str, Any] = {"question": question, "candidate": a, "against": b, "workload": variant}
                row["variant_of"] = bases[variant]
                for kind, name in (("", variant), ("_on_bases", bases[variant])):
                    known = table[pairs.workloads.index(name)]
                    known = known[~np.isnan(known)]
                    if len(known):
                        effect = paired_effect([known], 1 - alpha)
                        row |= dict(zip(_named(kind), _told(pairs, effect), strict=True))
                rows.append(row)
    return pd.DataFrame(rows, columns=list(EACH))


def _measured(
    trials: "pd.DataFrame", curves: "pd.DataFrame | None", names: Sequence[str], variants: Sequence[str]
) -> dict[str, tuple[Paired, dict[str, Any]]]:
    """{question: (pairs on bases and variants, {workload: its base, None of a base})}."""
    found: dict[str, tuple[Paired, dict[str, Any]]] = {}
    if not len(variants) or curves is None:
        return found
    runs = taking_part(trials, names, variants)
    for question, by in QUESTIONS.items():
        measured = timed(runs, curves) if question == "time" else runs
        if len(measured):
            bases = dict(zip(measured["workload"], measured["variant_of"], strict=True))
            found[question] = seed_pairs(measured.assign(variant_of=None), by), bases
    return found


def _asked(pairs: Paired, candidates: Sequence[str], others: Sequence[str]) -> list[tuple[str, str]]:
    known = pairs.candidates
    return [(a, b) for a in candidates for b in others if a != b and a in known and b in known]


def _told(pairs: Paired, effect: Effect) -> list[float]:
    ends = np.array([effect.mean, effect.low, effect.high])
    return [float(end) for end in (np.exp(ends) if pairs.ratio else ends)]


def taking_part(trials: "pd.DataFrame", names: Sequence[str], variants: Sequence[str]) -> "pd.DataFrame":
    """Final runs of these candidates on the variants, and those of the same studies and seeds on their bases."""
    runs = trials[(trials["phase"] == "final") & trials["candidate"].isin(list(names))]
    there = runs[runs["workload"].isin(list(variants))]
    wanted = set(zip(there["variant_of"], there["candidate"], there["study"], there["seed"], strict=True))
    at = zip(runs["workload"], runs["candidate"], runs["study"], runs["seed"], strict=True)
    kept = [place in wanted for place in at] | runs["workload"].isin(list(variants)).to_numpy()
    return runs[kept].sort_values(RUN, kind="stable")


def timed(runs: "pd.DataFrame", curves: "pd.DataFrame") -> "pd.DataFrame":
    """The runs on bases that have a target, and on their variants: these with times to ladders of the runs themselves.

    The metric is that of the base's target. Where no candidate has a sound result on a variant it is left out.
    """
    import pandas as pd

    metric_of = dict(zip(runs["workload"], runs["target_metric"], strict=True))
    there = runs[runs["variant_of"].notna()]
    curves = curves[curves["workload"].isin(set(there["workload"])) & (curves["phase"] == "final")]
    measured = dict(iter(curves.groupby(RUN, sort=False)))
    parts = [runs[runs["variant_of"].isna() & runs["target_metric"].notna()]]
    for (_, base), rows in there.groupby(["workload", "variant_of"], sort=False):
        metric = metric_of.get(base)
        if not isinstance(metric, str):
            continue
        found = [_curve(measured.get(tuple(row[:-1])), metric, row[-1]) for row in _places(rows)]
        times = _times(found, list(rows["candidate"]), lower_is_better(metric))
        if times is not None:
            told = {rung_column("steps_to_target", rung): column for rung, column in enumerate(times.T)}
            parts.append(rows.assign(steps_to_target=mean_time(times), target_metric=metric, **told))
    return pd.concat([part for part in parts if len(part)]) if len(parts) > 1 else runs[:0]


def _places(rows: "pd.DataFrame") -> "list[tuple[Any, ...]]":
    return list(rows[[*RUN, "outcome"]].itertuples(index=False, name=None))


def _curve(measured: "pd.DataFrame | None", metric: str, outcome: str) -> Curve:
    if measured is None:
        return Curve(np.zeros(0), np.zeros(0), False)
    values = measured[field_of(metric)].to_numpy(dtype=float)
    ended = outcome in FINISHED and bool(np.isfinite(values).any())
    return Curve(measured["step"].to_numpy(dtype=float), values, ended)


def _times(curves: Sequence[Curve], names: Sequence[str], lower: bool) -> np.ndarray | None:
    """(runs, rungs): times to the ladder of the runs of all candidates whose runs all ended well; None without one."""
    failed = {name for name, curve in zip(names, curves, strict=True) if not curve.ended}
    sound = [curve for name, curve in zip(names, curves, strict=True) if name not in failed]
    try:
        levels = ladder(sound, lower)
    except ValueError:
        return None
    missed = np.full(len(levels), np.inf)
    return np.stack([crossings(c.steps, c.values, levels, lower) if c.ended else missed for c in curves])


def _compared(
    question: str,
    pairs: Paired,
    bases: dict[str, Any],
    candidates: Sequence[str],
    others: Sequence[str],
    alpha: float,
) -> list[dict[str, Any]]:
    asked = _asked(pairs, candidates, others)
    leads = [_leads(pairs, bases, a, b) for a, b in asked]
    able = [i for i, (there, *_) in enumerate(leads) if there]
    rows: list[dict[str, Any]] = []
    if not able:
        return rows
    families = zip(*(leads[i][:3] for i in able), strict=True)  # on variants, on bases, changes
    p = [_corrected(family, alpha) for family in families]
    for at, i in enumerate(able):
        groups, number = leads[i][:3], leads[i][3]
        effects = [paired_effect(list(group.values()), 1 - alpha) for group in groups]
        word = _word([effect.mean for effect in effects], [float(each[at]) for each in p], alpha)
        names = [name for kind in ("", "_on_bases", "_change") for name in _named(kind)]
        values = [value for effect in effects for value in _told(pairs, effect)]
        rows.append(
            {
                "question": question, "candidate": asked[i][0], "against": asked[i][1], "variants": number,
                "bases": len(groups[0]), "pairs": effects[0].pairs, **dict(zip(names, values, strict=True)),
                "p": float(p[0][at]), "p_on_bases": float(p[1][at]), "p_change": float(p[2][at]), "word": word,
            }
        )  # fmt: skip
    return rows


def _named(kind: str) -> tuple[str, str, str]:
    return ("change" if kind == "_change" else f"lead{kind}", f"low{kind}", f"high{kind}")


def _leads(
    pairs: Paired, bases: dict[str, Any], a: str, b: str
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], dict[str, np.ndarray], int]:
    """Leads of a over b, above 0 where it is ahead, by base: on its variants, on itself, their difference; and how many
    variants that were. Pairs that all of them have, on bases with two or more."""
    table = pairs.table(pairs.candidates.index(a), pairs.candidates.index(b))
    table = -table if pairs.ratio else table
    at = {name: place for place, name in enumerate(pairs.workloads)}
    there, here, change = {}, {}, {}
    number = 0
    for base in dict.fromkeys(bases[w] for w in pairs.workloads if isinstance(bases[w], str)):
        of = [at[w] for w in pairs.workloads if bases[w] == base and not np.isnan(table[at[w]]).all()]
        if base not in at or not of:
            continue
        lead, on_base = table[of].mean(axis=0), table[at[base]]
        both = ~np.isnan(lead) & ~np.isnan(on_base)
        if both.sum() < 2:
            continue
        there[base], here[base], change[base] = lead[both], on_base[both], (lead - on_base)[both]
        number += len(of)
    return there, here, change, number


def _corrected(groups: Sequence[dict[str, np.ndarray]], alpha: float) -> np.ndarray:
    """p of each comparison: by base its pairs, of which comparisons may have other ones or none."""
    columns = []
    for base in dict.fromkeys(base for group in groups for base in group):
        most = max(len(group.get(base, ())) for group in groups)
        column = np.full((most, len(groups)), np.nan)
        for place, group in enumerate(groups):
            values = group.get(base, np.zeros(0))
            column[: len(values), place] = values
        columns.append(column)
    return max_t(columns, alpha).adjusted


def _word(leads: Sequence[float], p: Sequence[float], alpha: float) -> str:
    (there, here, change), (p_there, p_here, p_change) = leads, p
    if not (here > 0 and p_here <= alpha):
        return "no lead"
    stays, shrinks = there > 0 and p_there <= alpha, change < 0 and p_change <= alpha
    if stays:
        return "shrinks" if shrinks else "carries over"
    return "does not carry over" if shrinks else "undecided"
