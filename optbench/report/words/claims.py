"""A claim's verdict as a sentence: what either side had, in its unit, how far apart they are, and how sure that is."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from optbench.contract.metric import labelled
from optbench.language import N_, together
from optbench.language import gettext as _
from optbench.report.words import effects
from optbench.report.words.numbers import decimals, fixed, plain
from optbench.report.words.reasons import said
from optbench.statistics.claim_sides import Sides, pairs_to_decide

#: what the numbers that runs record are, in words; others by their name
RECORDED = {
    "unit_spread": N_("Spread of the units' weights, as a share of their size"),
    "activation_drift": N_("Change of activations from the first layer to the last, in powers of ten"),
    "gradient_drift": N_("Change of gradients from the last layer to the first, in powers of ten"),
    "statistics_gap": N_("Difference in loss between averaged statistics and a mini-batch's own"),
    "loss_rises": N_("Share of steps at which the loss rose"),
    "oscillation": N_("Share of steps at which a variable turned back"),
    "detour": N_("Length of the path over that of the straight way"),
    "weight_norm": N_("Norm of all weights"),
}
NUMBERS = (
    N_("no"), N_("one"), N_("two"), N_("three"), N_("four"), N_("five"), N_("six"), N_("seven"), N_("eight"),
    N_("nine"), N_("ten"), N_("eleven"), N_("twelve"),
)  # fmt: skip


def told(claim: Mapping[str, Any], row: Mapping[str, Any], compared: Sequence[Sides], names: Mapping[str, str]) -> str:
    """Test accuracy: 0.97 (He) against 0.11 (Zeros). Higher by 0.86 [0.82, 0.90], ten seeds: supported.

    claim      as the suite has it; `row` that of `Results.claims()`
    compared   `statistics.claim_sides.sides` of it; where there are none, and it does not say that some are level, the
               sentence is the verdict and its reason
    names      what candidates are called
    """
    verdict, reason = plain(row["verdict"]), plain("" if pd.isna(row.get("reason")) else row.get("reason", ""))
    effect, low, high = (float(row[name]) for name in ("effect", "low", "high"))
    level = bool(claim.get("equal"))
    shape = _("{verdict}: {reason}.") if reason else _("{verdict}.")
    judged = shape.format(verdict=_(verdict.capitalize()), reason=said(reason))
    if not (compared or level) or not math.isfinite(effect):
        return judged
    studies = claim.get("pairs") == "studies"
    values = [_mean(compared, side) for side in ("better", "worse") if compared]
    largest = max(abs(v) for v in (*values, effect, low, high) if math.isfinite(v))
    digits = decimals(low, high, largest, 0 if claim["metric"].endswith("_to_target") else None)
    better, worse = (plain(names.get(claim[arm], claim[arm])) for arm in ("better", "worse"))
    pairs = (_("{count} searches") if studies else _("{count} seeds")).format(count=words(int(row["seeds"])))
    relative = row.get("unit") == "relative"
    what = _what(claim["metric"], str(row.get("unit") or ""))
    if len(compared) > 1:
        what = _("{quantity}, mean of {count} workloads").format(quantity=what, count=words(len(compared)))
    ends = _ends(effect, low, high)
    margin = float(claim.get("margin") or 0.0)
    sentences = []
    if relative:
        size = f"{100 * abs(effect):.0f} % [{', '.join(f'{100 * end:.0f} %' for end in ends)}]"
        least = f"{100 * margin:g} %"
    else:
        size = f"{fixed(abs(effect), digits)} [{', '.join(fixed(end, digits) for end in ends)}]"
        least = f"{margin:g}"
    if compared and not relative:
        first, second = (fixed(value, digits) for value in values)
        sentences.append(
            _("{quantity}: {first} ({better}) against {second} ({worse}).").format(
                quantity=what, first=first, better=better, second=second, worse=worse
            )
        )
    if level or claim.get("expect") == "equivalence":
        shape = effects.apart("undecided" if level and reason else verdict, low != high or bool(effect))
    else:
        shape = effects.shape(_sense(claim["metric"], claim.get("direction"), effect), relative, verdict)
    sentences.append(
        shape.format(
            size=size, pairs=pairs, verdict=_(verdict), quantity=what, better=better, worse=worse,
            margin=least,
        )
    )  # fmt: skip
    if level and reason:
        sentences.append(judged)
    elif verdict == "undecided":
        sentences.append(_deciding(claim, effect, list(compared), reason, studies))
    sentences += _bad(compared, (better, worse))
    if studies:
        sentences.append(_("Each search counts with the mean of its final runs."))
    return together(sentences)


def words(count: int) -> str:
    """A whole number up to twelve as a word."""
    return _(NUMBERS[count]) if 0 <= count < len(NUMBERS) else str(count)


def _mean(compared: Sequence[Sides], side: str) -> float:
    return sum(float(getattr(one, side)) for one in compared) / len(compared)


def _what(metric: str, unit: str) -> str:
    """The quantity behind the numbers."""
    if metric.endswith("_to_target"):
        text = f"{metric.removesuffix('_to_target').capitalize()} to the target"
        return _(text)
    if metric == "generalization_gap":
        text = f"Gap in {unit or 'loss'} between training and test"
        return _(text)
    if metric.startswith("metric."):
        name = metric.removeprefix("metric.")
        return _(RECORDED.get(name) or labelled(name).capitalize())
    text = labelled(metric.removeprefix("final_"))
    return _((f"training{text.removeprefix('train')}" if text.startswith("train ") else text).capitalize())


def _sense(metric: str, direction: str | None, effect: float) -> effects.Sense:
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
    why = reason.split("; ")[0] if reason else "the data leave it open"
    why = {"the interval holds both outcomes": "the interval holds 0, so the data fit both outcomes"}.get(why, why)
    needed = pairs_to_decide(claim, effect, compared)
    if needed is None:
        none = (
            _("Undecided: {reason}; no number of searches would tell a difference of that size.")
            if studies
            else _("Undecided: {reason}; no number of seeds would tell a difference of that size.")
        )
        return none.format(reason=said(why))
    some = (
        _(
            "Undecided: {reason}. If the difference is as large as it seems, about {count} searches would tell it in "
            "four of five repetitions."
        )
        if studies
        else _(
            "Undecided: {reason}. If the difference is as large as it seems, about {count} seeds would tell it in "
            "four of five repetitions."
        )
    )
    return some.format(reason=said(why), count=f"{needed:,}")


def _bad(compared: Sequence[Sides], names: tuple[str, str]) -> list[str]:
    """Runs that missed their target, diverged or failed, and how they count."""
    sentences = []
    missed, failed, runs = (
        [sum(getattr(one, kind)[side] for one in compared) for side in (0, 1)] for kind in ("missed", "failed", "runs")
    )
    for name, count, of in zip(names, missed, runs, strict=True):
        if count:
            sentences.append(
                _(
                    "{name} missed the target in {count} of {runs} runs, which count as one step more than they had."
                ).format(name=name, count=count, runs=of)
            )
    for name, count, of in zip(names, failed, runs, strict=True):
        if count:
            sentences.append(
                _("{name} diverged or failed in {count} of {runs} runs.").format(name=name, count=count, runs=of)
            )
    return sentences
