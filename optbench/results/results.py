"""What a run of a suite gave: tidy tables from its store. `optbench.load(folder)` makes one."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optbench.contract.arguments import choice, path, text, texts
from optbench.contract.errors import OptbenchError
from optbench.contract.shown import Shown
from optbench.store.schema import guard
from optbench.store.store import STORE, Store

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from optbench.results.outlook import Outlook
    from optbench.statistics import Level, Standing
    from optbench.store.machines import Scaled

#: what is known of a run, and of what type each is, where it is there
META: dict[str, type] = {
    "suite": dict, "environment": dict, "problems": list, "title": str, "bridges": dict, "reference": dict, "now": dict,
    "until": dict, "pace": dict, "guests": list, "sealed": dict,
}  # fmt: skip


class Results(Shown):
    """The results in a folder that `run` wrote, or in a store's file.

    Tables are built when they are first asked for, and kept; a run that goes on is seen by new `Results`.
    """

    def __init__(self, folder: str | Path):
        self.folder = path("folder", folder, "the path of a run's folder")
        self.path = self.folder if self.folder.is_file() else self.folder / STORE
        if not self.path.exists():
            raise OptbenchError(
                f"{self.folder}: there are no results here (no {STORE}); `optbench run` makes them"
            )
        #: figures that the page lacks, with the reason, where it was drawn for this object
        self.undrawn: list[str] = []
        self._open().close()  # refused now, if ever

    def __repr__(self) -> str:
        return f"Results({str(self.folder)!r})"

    @property
    def plot(self) -> Any:
        """The report's pictures as matplotlib figures: `results.plot.learning_curves()`; its text names them."""
        return import_module("optbench.report.plots").Plots(self)

    def _open(self) -> Store:
        return Store(self.path, readonly=True)

    @contextmanager
    def _reading(self) -> Iterator[Store]:
        """The store, for tables: what they find wrong in its rows is damage, too."""
        try:
            with guard(self.path), self._open() as store:
                yield store
        except OptbenchError as error:
            if str(self.path) in str(error):
                raise
            raise OptbenchError(f"{self.path}: {error}") from None

    # ------------------------------------------------------------------------------------------------ what was run

    @cached_property
    def _meta(self) -> dict[str, Any]:
        with self._reading() as store:
            found = {name: store.get(name) for name in META}
            for name, kind in META.items():
                if not isinstance(found[name], kind | None):
                    raise TypeError(f"{name} is a {type(found[name]).__name__}")
            if found["until"]:
                from optbench.results.outlook import checked

                checked(found["until"])
            if (found["now"] or {}).get("only"):
                found["suite"] = found["now"]["suite"]
            suite = found["suite"] or {}
            for name in ("workloads", "candidates", "claims"):
                if not all(isinstance(table, dict) for table in suite.get(name) or ()):
                    raise TypeError(f"the suite's {name} are no tables")
        return found

    @property
    def suite(self) -> dict[str, Any]:
        """The suite as run, with every default filled in."""
        return self._meta["suite"] or {}

    @property
    def environment(self) -> dict[str, Any]:
        """Versions, processor, BLAS, commit."""
        return self._meta["environment"] or {}

    @property
    def problems(self) -> list[str]:
        """What was wrong with plugins."""
        return self._meta["problems"] or []

    @property
    def guests(self) -> list[dict[str, Any]]:
        """The components that were handed in as classes or files: {"kind", "name", "code" (its fingerprint), "place"
        (the file that it was read from), "digest" (of that), "text" (its source), …}."""
        return self._meta["guests"] or []

    @property
    def bridges(self) -> dict[str, dict[str, dict[str, Any]]]:
        """{workload: {candidate: {"library", "seconds"}}} of candidates whose arithmetic is a foreign library's.

        `seconds` of each step are spent by the bridge to it; they are part of `costs`.
        """
        return self._meta["bridges"] or {}

    @property
    def reference(self) -> dict[str, Any]:
        """Of a run beside stored results: {"name", "candidates", "baseline", "notes", "environment"}; else empty."""
        return self._meta["reference"] or {}

    @property
    def until(self) -> dict[str, Any]:
        """Of a run that added seeds until all was decided its looks and answers; else empty.

        {"looks", "order", "focus", "equal", "minutes", "seeds", "stopped", "answers", "replanned"}: see
        `optbench.results.rounds.begun`.
        """
        return self._meta["until"] or {}

    @cached_property
    def now(self) -> set[tuple[str, str]]:
        """(workload, candidate) that the last run asked for, where more stands here from before; else empty."""
        return {(str(workload), str(candidate)) for workload, candidate in (self._meta["now"] or {}).get("pairs", ())}

    @property
    def only(self) -> bool:
        """Whether tables have what the last run asked for alone."""
        return bool((self._meta["now"] or {}).get("only"))

    def _shown(self, table: "pd.DataFrame") -> "pd.DataFrame":
        if not self.only:
            return table
        pairs = zip(table["workload"], table["candidate"], strict=True)
        return table[[pair in self.now for pair in pairs]].reset_index(drop=True)

    @cached_property
    def made_in(self) -> dict[tuple[str, str], list[dict[str, Any]]]:
        """Of each (workload, candidate) that tables have the environments that its trials were made in."""
        with self._reading() as store:
            return {
                pair: list(map(store.settings, numbers))
                for pair, numbers in store.environments_of().items()
                if not self.only or pair in self.now
            }

    @cached_property
    def environments(self) -> list[tuple[dict[str, Any], int]]:
        """(environment, number of trials made in it): more than one of a run that was gone on with elsewhere."""
        with self._open() as store:
            return store.environments()

    @cached_property
    def scaled(self) -> "list[Scaled]":
        """Costs that were measured on another machine, with the factors that they were multiplied by."""
        with self._open() as store:
            return store.scaled()

    @property
    def title(self) -> str:
        return self._meta["title"] or self.suite.get("title", "")

    @property
    def baseline(self) -> str | None:
        """The candidate that others are compared with: the suite's, else its first one that is not in focus."""
        candidates = [c["name"] for c in self.suite.get("candidates", []) if c["name"] not in self.focus]
        return self.suite.get("baseline") or (candidates[0] if candidates else None)

    @property
    def focus(self) -> list[str]:
        """The candidates that the run is about; see `focus` of a suite."""
        return list(self.suite.get("focus") or ())

    @property
    def margins(self) -> dict[str, float]:
        """Within which candidates are equal: {"time": a share, "result": a difference}."""
        return dict(self.suite.get("equal") or {})

    # ------------------------------------------------------------------------------------------------------ tables

    @cached_property
    def trials(self) -> "pd.DataFrame":
        """One row a finished trial of a candidate; see `optbench.statistics.tables`.

        Times to target are infinite where the target was missed, NaN where there is none. Final values are NaN for
        runs without a result.
        """
        from optbench.statistics.tables import trial_frame

        with self._reading() as store:
            return self._shown(trial_frame(store))

    @cached_property
    def curves(self) -> "pd.DataFrame":
        """One row a measurement: workload, candidate, phase, study, number, seed, key and what was measured."""
        return self.measurements()

    def measurements(self, phase: str | None = None) -> "pd.DataFrame":
        """`curves` of one phase ("tune" or "final") alone, not kept in memory."""
        from optbench.statistics.tables import curve_frame

        if phase is not None:
            choice("phase", phase, ("tune", "final"))
        with self._reading() as store:
            return self._shown(curve_frame(store, phase))

    @cached_property
    def costs(self) -> "pd.DataFrame":
        """Calibrated seconds of a step: workload, candidate, seconds_per_step, low, high, samples."""
        from optbench.statistics.tables import cost_frame

        with self._reading() as store:
            return self._shown(cost_frame(store))

    def arrays(self, key: str) -> "dict[str, np.ndarray]":
        """What the run of a trial recorded besides numbers, by name."""
        text("key", key, "a trial's key")
        with self._open() as store:
            return store.arrays(key)

    # ---------------------------------------------------------------------------------------------------- verdicts

    def leaderboard(self) -> "pd.DataFrame":
        """One row a candidate, best first; what the terminal shows. See `optbench.statistics.leaderboard`."""
        return self._leaderboard.copy()

    @cached_property
    def _leaderboard(self) -> "pd.DataFrame":
        from optbench.statistics import leaderboard

        return leaderboard(self.trials, self.baseline)

    def verdict(self, focus: Sequence[str] | None = None) -> "Standing":
        """How fast and how well, in data and in `sentences()`. See `optbench.statistics.verdict`.

        focus   whom it is about, default: as the run says (`focus`); none of them compares every pair
        """
        if focus is None:
            return self._verdict
        return self._standing(texts("focus", focus, "names of candidates"))

    @cached_property
    def _verdict(self) -> "Standing":
        return self._standing(self.focus)

    def _standing(self, focus: Sequence[str]) -> "Standing":
        from optbench.statistics import scope, verdict
        from optbench.statistics.decided import as_decided

        about = scope(self.suite) if self.suite else None
        found = verdict(self.trials, self.baseline, focus=focus, margins=self.margins, scope=about)
        return as_decided(found, self._answers, self.level) if self.until else found

    @cached_property
    def level(self) -> "Level":
        """At what level words and intervals hold: at 5 %, or, of a run that added seeds until all was decided, at that
        of its last look. See `optbench.statistics.level`."""
        from optbench.statistics.level import level_of

        return level_of(self.until)

    def answers(self) -> "pd.DataFrame":
        """One row a question of a run that added seeds until all was decided: its word and its effect, corrected for
        stopping. See `optbench.statistics.until.answers_table`; empty of other runs."""
        return self._answers.copy()

    @cached_property
    def _answers(self) -> "pd.DataFrame":
        from optbench.results.outlook import answers_of

        with self._reading():
            return answers_of(self)

    def outlook(self) -> "Outlook":
        """What this run can tell, and what `--until decided` would take. See `optbench.results.outlook`."""
        return self._outlook

    @cached_property
    def _outlook(self) -> "Outlook":
        from optbench.results.outlook import outlook

        with self._reading():
            return outlook(self)

    def workload_table(self) -> "pd.DataFrame":
        """One row a workload and candidate. See `optbench.statistics.workload_table`."""
        from optbench.statistics import workload_table

        return workload_table(self.trials)

    def target_times(self) -> "pd.DataFrame":
        """One row a final run and target: the main and `further` ones. See `optbench.results.targets.target_times`."""
        from optbench.statistics.times import target_times

        return target_times(self.suite, self.trials, self.measurements("final"))

    def interactions(self, workload: str | None = None) -> "pd.DataFrame":
        """One row an effect of crossed components, on all workloads or one. See `optbench.statistics.interactions`."""
        from optbench.statistics.interactions import interactions

        if workload is not None:
            choice("workload", workload, [w["name"] for w in self.suite.get("workloads", [])])
        return interactions(self.suite, self.trials, workload, self.level)

    def variants(self) -> "pd.DataFrame":
        """One row a held-out variant and candidate: how settings carry over. See `optbench.statistics.carry_over`."""
        from optbench.statistics import carry_over

        named = self.trials[~self.trials["workload"].isin(self._sealed_names)]
        return carry_over(named)

    def sealed(self) -> "pd.DataFrame":
        """One row a comparison on sealed variants beside their bases: whether a lead carries over. Empty of a run
        without them. See `optbench.statistics.sealed.carried`."""
        return self._carried.copy()

    def sealed_each(self) -> "pd.DataFrame":
        """The same variant by variant, without words. See `optbench.statistics.sealed.carried_each`."""
        from optbench.statistics.sealed import carried_each

        return carried_each(*self._sealed_runs)

    @property
    def sealing(self) -> dict[str, Any]:
        """Of a run with sealed variants: {"fingerprint", "candidates": whom they were drawn for, "others": who trained
        there beside them, "variants": [{"workload", "variant_of", "words"}]}; else empty."""
        said = self._meta["sealed"] or {}
        tables = [table for table in self.suite.get("workloads", ()) if table.get("sealed")]
        variants = [{"workload": w["name"], "variant_of": w["variant_of"], "words": w["title"]} for w in tables]
        return {**said, "variants": variants} if said and variants else {}

    @property
    def _sealed_names(self) -> list[str]:
        return [one["workload"] for one in self.sealing.get("variants", ())]

    @cached_property
    def _carried(self) -> "pd.DataFrame":
        from optbench.statistics.sealed import carried

        return carried(*self._sealed_runs)

    @cached_property
    def _sealed_runs(self) -> tuple[Any, ...]:
        """What `carried` takes."""
        about = self.sealing
        curves = self.measurements("final") if about else None
        names = (about.get("candidates", ()), about.get("others", ()))
        return self.trials, curves, *names, self._sealed_names, self.level.difference

    def cautions(self) -> "pd.DataFrame":
        """One row a warning about the comparison: kind, workload, candidate, message."""
        return self._cautions.copy()

    @cached_property
    def _cautions(self) -> "pd.DataFrame":
        from optbench.registry.registry import registry
        from optbench.statistics.cautions import cautions, declared_cases

        cases = declared_cases(self.suite, registry())
        return cautions(self.suite, self.trials, self._verdict, cases, self.level)

    def claims(self) -> "pd.DataFrame":
        """One row a claim of the suite, with its verdict. See `optbench.statistics.claims.judge`."""
        return self._claims.copy()

    @cached_property
    def _claims(self) -> "pd.DataFrame":
        from optbench.statistics.claims import judge_all

        return judge_all(self.suite.get("claims", []), self.trials, self.margins, self.level)
