"""What changed between two runs: of two commits, of two versions of a plugin, of two machines.

Runs of one candidate on one workload are paired by study and seed: with the same seed they start from the same weights
and see the same batches. Where all pairs have the same bits nothing changed, and no test is needed. Elsewhere the tests
of `optbench.statistics.compare` speak, on steps to target and on final results, for each workload and for all
workloads of a candidate together; Holm's correction is over all of them, so that two runs that differ by chance
alone are called different in at most 5 % of cases.

The cost of a step is told without a word: seven timings on one machine are no sample of machines.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from optbench.contract import arguments
from optbench.contract.shown import Shown
from optbench.results.archives import opened
from optbench.results.judging import judged_rows
from optbench.results.results import Results
from optbench.results.side_by_side import Pair, environments
from optbench.store.store import Store

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Comparison(Shown):
    """What `compare` found. `before` and `after` name the two; tables are pandas frames.

    table         a row a candidate, workload (or "all") and metric: steps (ratio of after to before, below 1 is
                  quicker), final (difference of normalized results, above 0 is better), seconds (of a step, ratio) and
                  outcomes (trials that failed for a reason other than their arithmetic). verdict: of steps faster,
                  slower, equal or undecided; of final results and outcomes better, worse, equal or undecided (equal
                  with the reason "same bits" where nothing had to be tested); for seconds empty
    bits          a row a candidate and workload: paired trials, how many have the same bits, the first difference and
                  the largest relative one
    settings      selected settings that differ: candidate, workload, study, setting, before, after
    outcomes      numbers of trials by outcome that differ: candidate, workload, outcome, before, after
    environments  what differs in the environments: field, before, after
    added, missing   names of candidates and workloads that only `after` or only `before` has
    notes         what could not be compared, and why
    """

    before: str
    after: str
    table: "pd.DataFrame"
    bits: "pd.DataFrame"
    settings: "pd.DataFrame"
    outcomes: "pd.DataFrame"
    environments: "pd.DataFrame"
    added: dict[str, list[str]] = field(default_factory=dict)
    missing: dict[str, list[str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def count(self, verdict: str) -> int:
        """Rows of `table` with this verdict."""
        arguments.choice("verdict", verdict, ("faster", "slower", "better", "worse", "equal", "undecided"))
        return int((self.table["verdict"] == verdict).sum())

    @property
    def same(self) -> bool:
        """Whether all paired trials have the same bits, and nothing was added or is missing."""
        whole = bool((self.bits["same"] == self.bits["trials"]).all())
        return whole and len(self.bits) > 0 and not any((*self.added.values(), *self.missing.values()))

    def to_dict(self) -> dict[str, Any]:
        """For JSON: tables as lists of rows, numbers that are not finite as null."""
        tables = ("table", "bits", "settings", "outcomes", "environments")
        rows = {name: [_plain(r) for r in getattr(self, name).to_dict("records")] for name in tables}
        return {
            "before": self.before, "after": self.after, "same": self.same, "added": self.added, "missing": self.missing,
            "notes": list(self.notes), **rows,
        }  # fmt: skip


def compare(before: str | Path | Results, after: str | Path | Results) -> Comparison:
    """What changed from one run to another: folders, stores, archives, "reference", or `Results`.

    OptbenchError where one cannot be read, or where they share no candidate on a workload.
    """
    for name, value in (("before", before), ("after", after)):
        if not isinstance(value, Results):
            arguments.path(name, value, "a run's folder, an archive, 'reference' or Results")
    if isinstance(before, Results) and isinstance(after, Results):
        return _compare(before, after)
    if not isinstance(before, Results):
        with opened(before, None if isinstance(after, Results) else suite_name(after)) as path:
            return replace(compare(Results(path), after), before=str(before))
    with opened(after, suite_name(before.path)) as path:  # type: ignore[arg-type]
        return replace(compare(before, Results(path)), after=str(after))


def suite_name(store: str | Path) -> str | None:
    """Which suite's reference results a comparison with "reference" means: the one that was run."""
    if str(store) == "reference" and not Path(store).exists():
        return None
    with opened(store) as path, Store(path, readonly=True) as found:
        name = found.get("name")
        return name if isinstance(name, str) else None


def _compare(a: Results, b: Results) -> Comparison:
    pair = Pair(a, b)
    return Comparison(
        str(a.folder), str(b.folder), judged_rows(pair), pair.bits, pair.settings(), pair.outcomes(),
        environments(a, b), pair.only(b, a), pair.only(a, b), tuple(pair.notes),
    )  # fmt: skip


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    found = {}
    for name, value in row.items():
        value = value.item() if isinstance(value, np.generic) else value
        found[str(name)] = None if isinstance(value, float) and not np.isfinite(value) else value
    return found
