"""What crossed components do: main effects, effects within each level of another factor, and interactions.

A design (`[[grid]]` of a suite) has factors with levels, the first of each the plain one. With y the logarithm of a
time, or a final result, of the same seed on the same workload:

    main effect of a level         mean over the other factors of      y(level) - y(plain)
    effect within another's level  the same, where that factor has it
    interaction of two levels      effect within the other's level, less effect within its plain one

The last is a difference of differences, of logarithms of times a ratio of ratios. Means over seeds and workloads, their
intervals and tests are those of all paired comparisons (`paired`, `equality`), misses as in `contrasts`; p is corrected
by Holm's rule over all effects of a kind in a design. On balanced data the estimates are those of least squares.

**Which workloads.** A design's times are compared on the workloads where each of its cells met the target in most of
its runs, so that effects within levels and their interaction speak of the same runs and agree; final results on all.

**Fractions.** Where two cells that differ in one factor alone are not there, an effect is a difference of means over
cells. It cannot be told from those that `aliased` names; that they are nil is an assumption.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from optbench.statistics.compare import By, effect_and_p, margin_of, why_undecided
from optbench.statistics.contrasts import Term, contrast, contrast_bounds
from optbench.statistics.equality import equality, word
from optbench.statistics.holm import holm
from optbench.statistics.level import FIXED, NO_LOOK, Level, first_seeds
from optbench.statistics.paired import paired_effect
from optbench.statistics.pairs import Paired, seed_pairs

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    *("design", "metric", "kind", "factor", "level", "plain", "within", "at", "against"),
    *("effect", "low", "high", "unit", "p", "p_holm", "p_equal", "verdict", "reason"),
    *("pairs", "workloads", "aliased"),
)
KINDS = ("main", "within", "interaction")


@dataclass(frozen=True)
class Design:
    """Factors with their levels, the plain one first, and the candidate in each cell, by its levels in that order."""

    name: str
    factors: dict[str, tuple[str, ...]]
    cells: dict[tuple[str, ...], str]

    def where(self, **levels: str) -> dict[tuple[str, ...], str]:
        """The cells with these levels, by the levels of the other factors."""
        names = list(self.factors)
        return {
            tuple(level for name, level in zip(names, cell, strict=True) if name not in levels): candidate
            for cell, candidate in self.cells.items()
            if all(cell[names.index(factor)] == level for factor, level in levels.items())
        }


@dataclass(frozen=True)
class Asked:
    """One effect: of `level` of `factor`, within `at` of `within`, against that within `against`; "" for none."""

    kind: str
    factor: str
    level: str
    plain: str
    within: str = ""
    at: str = ""
    against: str = ""


def designs(suite: Mapping[str, Any], candidates: Sequence[str]) -> list[Design]:
    """The designs of a suite, with those of their cells that are among `candidates`."""
    found = []
    for name, factors in (suite.get("designs") or {}).items():
        levels = {factor: tuple(each) for factor, each in factors.items()}
        cells = {
            tuple(c["levels"][factor] for factor in levels): c["name"]
            for c in suite.get("candidates", [])
            if c.get("design") == name and c["name"] in candidates
        }
        found.append(Design(name, levels, cells))
    return found


def interactions(
    suite: Mapping[str, Any], trials: "pd.DataFrame", workload: str | None = None, level: Level = FIXED
) -> "pd.DataFrame":
    """One row a design, metric and effect; on all workloads together, or on one.

    metric    steps (to target, where a workload has one) or final (normalized results)
    kind      main, within or interaction: see the module's text
    factor, level, plain    what is changed, from the plain level to this one
    within, at, against     another factor, the level of it where the change is made, and the one that is compared with
    effect, low, high       with Student's 95 % interval: of steps a ratio (of ratios), of final results a difference
    unit                    ratio or difference
    p, p_holm, p_equal      of a difference; corrected; of equality within the suite's margin, corrected
    verdict                 faster, slower, better, worse; of interactions helps more, helps less; equal; undecided
    aliased                 effects that a fraction cannot tell from this one

    Words and intervals are at `level`: that of the last look, where seeds were added until all was decided. Empty
    without a design.
    """
    import pandas as pd

    rows: list[dict[str, Any]] = []
    trials = first_seeds(trials, level.seeds or None)
    if workload is not None:
        trials = trials[trials["workload"] == workload]
    metrics: tuple[By, ...] = ("steps", "final")
    for metric in metrics:
        if not suite.get("designs") or not len(trials):
            break
        pairs = seed_pairs(trials, metric)
        margin = margin_of(pairs, suite.get("equal"))
        for design in designs(suite, pairs.candidates):
            compared = solved(pairs, design)
            for kind in KINDS:
                asked = [(one, terms) for one in effects(design, kind) if (terms := terms_of(design, one))]
                rows += judged(design, metric, compared, asked, margin, level)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def solved(pairs: Paired, design: Design) -> Paired:
    """The workloads on which each cell has runs and most of them met the target."""
    places = [pairs.candidates.index(name) for name in design.cells.values()]
    known = ~np.isnan(pairs.values[places])
    axes = tuple(range(2, known.ndim))
    runs, missed = known.sum(axis=axes), (pairs.missed[places] & known).sum(axis=axes)
    enough = ((runs > 0) & (2 * missed < runs)).all(axis=0)
    return pairs.subset(np.flatnonzero(enough).tolist())


def effects(design: Design, kind: str) -> Iterator[Asked]:
    """All effects of a kind, in the order of factors and levels."""
    if kind == "main":
        for factor, levels in design.factors.items():
            yield from (Asked(kind, factor, level, levels[0]) for level in levels[1:])
        return
    # Of two factors the later is changed within the earlier: what does a schedule do to each optimizer?
    for within, factor in combinations(design.factors, 2):
        plain, against = design.factors[factor][0], design.factors[within][0]
        for level in design.factors[factor][1:]:
            if kind == "within":
                yield from (Asked(kind, factor, level, plain, within, at) for at in design.factors[within])
            else:
                others = design.factors[within][1:]
                yield from (Asked(kind, factor, level, plain, within, at, against) for at in others)


def terms_of(design: Design, asked: Asked) -> list[Term]:
    """What estimates an effect: a term for each combination of the other factors, or one of means over cells.

    None where the cells are not there.
    """
    signs = [(+1, {asked.factor: asked.level}), (-1, {asked.factor: asked.plain})]
    if asked.within:
        signs = [(sign, {**levels, asked.within: asked.at}) for sign, levels in signs]
    if asked.against:
        signs += [(-sign, {**levels, asked.within: asked.against}) for sign, levels in signs]
    cells = [(sign, design.where(**levels)) for sign, levels in signs]
    rests = [rest for rest in cells[0][1] if all(rest in found for _, found in cells)]
    groups: list[list[tuple[int, tuple[str, ...]]]] = []
    groups += ([(sign, (found[rest],)) for sign, found in cells] for rest in rests)
    if not groups and all(found for _, found in cells):
        groups = [[(sign, tuple(found.values())) for sign, found in cells]]
    return [
        Term(tuple(names for sign, names in group if sign > 0), tuple(names for sign, names in group if sign < 0))
        for group in groups
    ]


def weights(terms: Sequence[Term]) -> dict[str, float]:
    """What each candidate counts in an effect."""
    found: dict[str, float] = {}
    for term in terms:
        for sign, groups in ((1.0, term.plus), (-1.0, term.minus)):
            for group in groups:
                for name in group:
                    found[name] = found.get(name, 0.0) + sign / (len(group) * len(terms))
    return found


def aliases(design: Design, asked: Asked, terms: Sequence[Term]) -> list[str]:
    """Main effects and interactions of two factors that the same cells estimate, up to the sign."""
    mine = weights(terms)
    found = []
    for kind in ("main", "interaction"):
        for other in effects(design, kind):
            if {other.factor, other.within} - {""} == {asked.factor, asked.within} - {""}:
                continue
            theirs = weights(terms_of(design, other))
            both = sum(mine.get(name, 0.0) * weight for name, weight in theirs.items())
            size = np.sqrt(sum(w * w for w in mine.values()) * sum(w * w for w in theirs.values()))
            if size and abs(abs(both) / size - 1) < 1e-9:
                sign = "" if both > 0 else "-"
                found.append(sign + " x ".join(filter(None, (other.within, other.factor))))
    return list(dict.fromkeys(found))


def judged(
    design: Design,
    metric: str,
    pairs: Paired,
    asked: Sequence[tuple[Asked, list[Term]]],
    margin: float,
    level: Level = FIXED,
) -> list[dict[str, Any]]:
    """The rows of effects of one kind, corrected for each other."""
    rows = []
    for one, terms in asked:
        groups = contrast(pairs, terms)
        chosen = [w for w, group in enumerate(groups) if len(group)]
        if not chosen:
            continue
        groups = [groups[w] for w in chosen]
        bounds = contrast_bounds(pairs, terms, margin)
        effect, p = effect_and_p(groups, level.difference, level.confidence)
        told = pairs.told(effect)
        rows.append(
            {
                **vars(one), "design": design.name, "metric": metric, "unit": pairs.unit,
                "effect": told[0], "low": told[1], "high": told[2], "p": p,
                "p_equal": equality([bounds[w] for w in chosen], margin, level.equality).p,
                "pairs": effect.pairs, "workloads": len(chosen), "total": sum(map(len, groups)),
                "aliased": ", ".join(aliases(design, one, terms)) if one.kind != "within" else "",
            }
        )  # fmt: skip
    for row, p_holm, p_equal in zip(
        rows, holm([row["p"] for row in rows]), holm([row["p_equal"] for row in rows]), strict=True
    ):
        row["p_holm"], row["p_equal"] = float(p_holm), float(p_equal)
        row["verdict"], row["reason"] = _word(row, pairs.ratio, level)
        del row["total"]
    return rows


def _word(row: Mapping[str, Any], ratio: bool, level: Level) -> tuple[str, str]:
    if level.seeds == 0:
        return "undecided", NO_LOOK
    neutral = 1.0 if ratio else 0.0
    p = 1.0 if np.isnan(row["p_holm"]) else row["p_holm"]
    differs, same = p <= level.difference, row["p_equal"] <= level.equality
    said: str = word(row["effect"] - neutral, float(not differs), float(not same), ratio)
    if said == "undecided":
        inside = not (row["low"] > neutral or row["high"] < neutral)
        return said, why_undecided(inside, row["pairs"], row["p"], row["total"], level.difference)
    if row["kind"] == "interaction":
        said = {"faster": "helps more", "better": "helps more", "slower": "helps less", "worse": "helps less"}.get(
            said, said
        )
    return said, ""


def levels_table(
    suite: Mapping[str, Any], trials: "pd.DataFrame", metric: str, design: str, factor: str, within: str
) -> "pd.DataFrame":
    """What an interaction plot shows: one row a level of `factor` and a level `at` of `within`.

    mean, low, high   of the cells with both levels, over the geometric mean of all cells of the same seed and workload
                      (of final results: less their mean), with Student's 95 % interval over seeds: what the runs of a
                      seed share is taken out, as in every comparison here. A miss is shown one step beyond its budget
    """
    import pandas as pd

    pairs = seed_pairs(trials, metric)
    rows = []
    for one in designs(suite, pairs.candidates):
        if one.name != design:
            continue
        pairs = solved(pairs, one)
        for at in one.factors[within]:
            for level in one.factors[factor]:
                names = tuple(one.where(**{factor: level, within: at}).values())
                if not names:
                    continue
                term = Term((names,), (tuple(one.cells.values()),))
                groups = [group for group in contrast(pairs, [term], ties=False) if len(group)]
                if groups:
                    rows.append((level, at, *pairs.told(paired_effect(groups))))
    return pd.DataFrame(rows, columns=["level", "at", "mean", "low", "high"])
