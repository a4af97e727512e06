"""A claim's verdict as a sentence: what either side had, in its unit, how far apart they are, and how sure that is."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from optbench.report import frames
from optbench.report.words.numbers import decimals, fixed, plain
from optbench.statistics.claim_sides import Sides, pairs_to_decide

#: what the numbers that runs record are, in words; others by their name
RECORDED = {
    "unit_spread": "Spread of the units' weights, as a share of their size",
    "activation_drift": "Change of activations from the first layer to the last, in powers of ten",
    "gradient_drift": "Change of gradients from the last layer to the first, in powers of ten",
    "statistics_gap": "Difference in loss between averaged statistics and a mini-batch's own",
    "loss_rises": "Share of steps at which the loss rose",
    "oscillation": "Share of steps at which a variable turned back",
    "detour": "Length of the path over that of the straight way",
    "weight_norm": "Norm of all weights",
}
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def told(claim: Mapping[str, Any], row: Mapping[str, Any], compared: Sequence[Sides], names: Mapping[str, str]) -> str:
    """Test accuracy: 0.97 (He) against 0.11 (Zeros). Higher by 0.86 [0.82, 0.90], ten seeds: supported.

    claim      as the suite has it; `row` that of `Results.claims()`
    compared   `statistics.claim_sides.sides` of it; where there are none, the sentence is the verdict and its reason
    names      what candidates are called
    """
    verdict, reason = plain(row["verdict"]), plain("" if pd.isna(row.get("reason")) else row.get("reason", ""))
    effect, low, high = (float(row[name]) for name in ("effect", "low", "high"))
    if not compared or not math.isfinite(effect):
        return f"{verdict.capitalize()}{f': {reason}' if reason else ''}."
    studies = claim.get("pairs") == "studies"
    several = len(compared) > 1
    values = [_mean(compared, side) for side in ("better", "worse")]
    largest = max(abs(v) for v in (*values, effect, low, high) if math.isfinite(v))
    digits = decimals(low, high, largest, 0 if claim["metric"].endswith("_to_target") else None)
    better, worse = (plain(names.get(claim[arm], claim[arm])) for arm in ("better", "worse"))
    pairs = f"{words(int(row['seeds']))} {'searches' if studies else 'seeds'}"
    relative = row.get("unit") == "relative"
    where = ""
    if several:
        where = f", mean of {words(len(compared))} workloads"
    what = _what(claim["metric"], str(row.get("unit") or ""))
    if relative:
        sentences = []
        size = f"{100 * abs(effect):.0f} % [{', '.join(f'{100 * end:.0f} %' for end in _ends(effect, low, high))}]"
    else:
        shown = [fixed(value, digits) for value in values]
        sentences = [f"{what}{where}: {shown[0]} ({better}) against {shown[1]} ({worse})."]
        size = f"{fixed(abs(effect), digits)} [{', '.join(fixed(end, digits) for end in _ends(effect, low, high))}]"
    end = "." if verdict == "undecided" else f": {verdict}."
    if claim.get("expect") == "equivalence":
        margin = f"{float(claim.get('margin') or 0.0):g}"
        apart = f"They differ by {size}" if low != high or effect else "They do not differ in any pair"
        within = {"supported": f", within {margin}", "refuted": f", beyond {margin}"}.get(verdict, "")
        sentences.append(f"{apart}{within}, {pairs}{end}")
    else:
        sense = _sense(claim["metric"], claim.get("direction"), effect)
        subject = f"{what}{where}: {better} {sense.lower()} than {worse}" if relative else sense
        sentences.append(f"{subject} by {size}, {pairs}{end}")
    if verdict == "undecided":
        sentences.append(_deciding(claim, effect, list(compared), reason, studies))
    sentences += _bad(compared, (better, worse))
    if studies:
        sentences.append("Each search counts with the mean of its final runs.")
    return " ".join(sentences)


def words(count: int) -> str:
    """A whole number up to twelve as a word."""
    return NUMBERS[count] if 0 <= count < len(NUMBERS) else str(count)


def _mean(compared: Sequence[Sides], side: str) -> float:
    return sum(float(getattr(one, side)) for one in compared) / len(compared)


def _what(metric: str, unit: str) -> str:
    """The quantity behind the numbers."""
    if metric.endswith("_to_target"):
        return f"{metric.removesuffix('_to_target').capitalize()} to the target"
    if metric == "generalization_gap":
        return f"Gap in {unit or 'loss'} between training and test"
    if metric.startswith("metric."):
        return RECORDED.get(metric.removeprefix("metric."), frames.words(metric).capitalize())
    said = frames.words(metric.removeprefix("final_"))
    return (f"training{said.removeprefix('train')}" if said.startswith("train ") else said).capitalize()


def _sense(metric: str, direction: str | None, effect: float) -> str:
    """What a side is that has more, or less, as claimed where the effect is positive."""
    if metric.endswith("_to_target"):
        return "Fewer" if effect > 0 else "More"
    up = direction == "higher" or (direction is None and not metric.endswith(("_loss", "_gap")))
    if metric == "generalization_gap":
        return "Narrower" if effect > 0 else "Wider"
    return "Higher" if up == (effect > 0) else "Lower"


def _ends(effect: float, low: float, high: float) -> tuple[float, float]:
    """An interval about the size of an effect, which is told without its sign."""
    return (low, high) if effect > 0 else (-high, -low)


def _deciding(claim: Mapping[str, Any], effect: float, compared: list[Sides], reason: str, studies: bool) -> str:
    """Why a claim is undecided, and what would decide it."""
    what = "searches" if studies else "seeds"
    why = reason.split("; ")[0] if reason else "the data leave it open"
    why = {"the interval holds both outcomes": "the interval holds 0, so the data fit both outcomes"}.get(why, why)
    needed = pairs_to_decide(claim, effect, compared)
    if needed is None:
        return f"Undecided: {why}; no number of {what} would tell a difference of that size."
    return (
        f"Undecided: {why}. If the difference is as large as it seems, about {needed:,} {what} would tell it "
        "in four of five repetitions."
    )


def _bad(compared: Sequence[Sides], names: tuple[str, str]) -> list[str]:
    """Runs that missed their target, diverged or failed, and how they count."""
    sentences = []
    missed, failed, runs = (
        [sum(getattr(one, kind)[side] for one in compared) for side in (0, 1)] for kind in ("missed", "failed", "runs")
    )
    for name, count, of in zip(names, missed, runs, strict=True):
        if count:
            sentences.append(
                f"{name} missed the target in {count} of {of} runs, which count as one step more than they had."
            )
    for name, count, of in zip(names, failed, runs, strict=True):
        if count:
            sentences.append(f"{name} diverged or failed in {count} of {of} runs.")
    return sentences
