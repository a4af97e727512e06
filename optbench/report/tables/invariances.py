"""What leaves an optimizer's path as it is: permuted units, other names, another order, and what it claims besides."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from optbench.contract.components import Optimizer
from optbench.contract.errors import OptbenchError
from optbench.lab.invariances import Invariance, invariances
from optbench.registry.registry import registry
from optbench.report.tables.table import CANDIDATE, Cell, Column, Row, Table, sized
from optbench.report.words.numbers import plain, share
from optbench.statistics.numerals import listing

#: with more candidates only those in focus and the baseline are looked at: 5 to 20 ms each, a matrix method up to 100
MOST = 10
#: outcomes after which nobody wants to run an optimizer within the report
BROKEN = ("error", "crashed", "timeout")
#: seconds of a step where it is quickest, above which nobody waits for a few hundred steps
SLOW = 0.005

CASES = {
    "permuted units": "Features, tokens, hidden units and classes change places, alike in all tensors",
    "renamed tensors": "Tensors have other names",
    "reordered tensors": "Tensors lie in another order in the flat vector",
    "scaled loss": "Loss and gradient times 1024, where the method claims that this changes nothing",
    "turned matrices": "Weight matrices are U W V' with orthogonal U and V, where the method claims it",
}


def looked_at(
    candidates: Iterable[Mapping[str, Any]],
    focus: Iterable[str],
    baseline: str | None,
    trials: pd.DataFrame,
    costs: pd.DataFrame | None = None,
) -> dict[str, Mapping[str, Any]]:
    """The settings of candidates' optimizers, {candidate: settings}, those in focus and the baseline first.

    Without those that had an error or took too long: a page is no place to find out again.
    """
    of = {str(c["name"]): c["optimizer"] for c in candidates if isinstance(c.get("optimizer"), Mapping)}
    asked = [*focus, *([baseline] if baseline else [])]
    if len(of) > MOST:
        of = {name: settings for name, settings in of.items() if name in asked}
    bad: set[str] = set()
    if "outcome" in trials:
        bad |= set(trials.loc[trials["outcome"].isin(BROKEN), "candidate"])
    if costs is not None and "seconds_per_step" in costs:
        quickest = costs.groupby("candidate")["seconds_per_step"].min()
        bad |= set(quickest.index[quickest > SLOW])
    order = [*(name for name in dict.fromkeys(asked) if name in of), *(name for name in of if name not in asked)]
    return {name: of[name] for name in order if name not in bad}


def found_of(optimizers: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[Optimizer, list[Invariance]]]:
    """{candidate: (its optimizer, all cases)} of those that are at hand.

    What a resolver makes, or another library computes, is left to `optbench check`: that may compile first.
    """
    plugins = registry()
    known: dict[Optimizer, list[Invariance]] = {}
    found = {}
    for name, settings in optimizers.items():
        if settings.get("name") not in plugins.components["optimizers"]:
            continue
        try:
            one: Optimizer = plugins.create("optimizers", {k: v for k, v in settings.items() if k != "search"})
        except OptbenchError:  # of another version, or around one that is not at hand
            continue
        if one.bridge:
            continue
        try:
            if one not in known:
                known[one] = invariances(one)
        except Exception:  # whatever a stranger's optimizer does on a network that is not its run's
            continue
        found[name] = (one, known[one])
    return found


def invariance_table(found: Mapping[str, tuple[Optimizer, list[Invariance]]]) -> Table:
    """A row a candidate, a word a case; where the path is another, how far it is off as a share of the way."""
    columns = [Column(column_of(case), case.capitalize(), told, number=False) for case, told in CASES.items()]
    rows, source = [], []
    for name, (_, cases) in found.items():
        by_name = {case.case: case for case in cases}
        ordered = [by_name[case] for case in CASES]
        cells = [sized(_shown(case), case.difference) for case in ordered]
        rows.append(Row([Cell(plain(name)), *cells], candidate=name))
        words = {column_of(case.case): case.word for case in ordered}
        gaps = {f"{column_of(case.case)}_difference": case.difference for case in ordered}
        source.append({"candidate": name, **words, **gaps})
    return Table("invariances", "Invariances", [CANDIDATE, *columns], rows, pd.DataFrame(source))


def column_of(case: str) -> str:
    return case.replace(" ", "_")


def _shown(one: Invariance) -> str:
    far = one.word not in ("holds", "not claimed")
    return f"{one.word} ({share(one.difference) if one.difference < 10 else 'far'})" if far else one.word


def sentences(found: Mapping[str, tuple[Optimizer, list[Invariance]]]) -> list[str]:
    """One a candidate and word, of what is not as it should be, with the reason that its class gives."""
    told = []
    for name, (one, cases) in found.items():
        for word, text in _WORDS.items():
            those = [case.case for case in cases if case.word == word]
            if those:
                which = listing(those).replace("scaled loss", "a scaled loss")
                told.append(f"{plain(name)} {text.format(which)}{_reason(one, those)}.")
    return told


_WORDS = {
    "changes": "goes another way with {}",
    "rounding": "goes another way with {}, as it does after a rounding error of the start",
    "random": "goes another way with {}, which may be its draws",
    "but for eps": "goes another way with {} until its eps is far below the gradient",
    "but for draws": "draws other numbers with {}, and goes the same way where all coordinates draw the same",
}


def _reason(one: Optimizer, cases: list[str]) -> str:
    """What its class says in `expected_failures`."""
    said: Mapping[str, str] = getattr(one, "expected_failures", {})
    reasons = [said[check] for check in (f"check_{column_of(case)}" for case in cases) if check in said]
    return f": {'; '.join(reasons)}" if reasons else ""
