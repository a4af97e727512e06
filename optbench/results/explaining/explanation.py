"""`optbench.explain`: of the difference between two candidates, what the rate does, what beta, what the code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from optbench.contract import arguments
from optbench.contract.shown import Shown
from optbench.registry.registry import registry
from optbench.results.explaining.asked import Asked, asked
from optbench.results.explaining.steps import ORDERS, Between, steps_between, told_settings
from optbench.results.explaining.trained import train
from optbench.results.explaining.words import sentences
from optbench.results.results import Results
from optbench.running.engine import Engine
from optbench.running.engine import engine as engine_named
from optbench.running.folder import prepare_folder
from optbench.running.progress import Watcher, default_watcher
from optbench.statistics.waterfall import Chain, losses, waterfall
from optbench.suite import Suite
from optbench.trials.seeds import MOST_SEEDS

if TYPE_CHECKING:
    import pandas as pd

#: within the folder of the run that is explained
FOLDER = "explain"


@dataclass(frozen=True)
class Explanation(Shown):
    """What `explain` found. Tables are pandas frames.

    a, b       names of the two candidates
    source     the run or suite that they are from
    folder     where the trials are kept
    steps      what was exchanged, in order: (name, note)
    orders     in which the steps were taken: "forward", "reverse"
    table      a row a metric ("steps" to target, "final" result), workload and step; see
               `optbench.statistics.waterfall.waterfall`
    settings   a row a workload, study and setting that differs: workload, study, step, setting, a, b
    losses     a row a state and workload where runs missed a target or failed: candidate, workload, runs, missed,
               failed, outcomes
    trials     the table of the states' trials, as `Results.trials`
    notes      what a reader has to know
    """

    a: str
    b: str
    source: str
    folder: Path
    steps: tuple[tuple[str, str], ...]
    orders: tuple[str, ...]
    table: "pd.DataFrame"
    settings: "pd.DataFrame"
    losses: "pd.DataFrame"
    trials: "pd.DataFrame"
    notes: tuple[str, ...] = ()

    def sentences(self) -> list[str]:
        """Of the 31 % that b is faster than a, the rate explains so much; of the result likewise; what was missed."""
        workloads = self.trials["workload"].nunique()
        return sentences(self.a, self.b, self.table, self.losses, workloads)

    def plot(self, metric: str = "steps") -> Any:
        """The waterfall of "steps" or "final" as a matplotlib figure."""
        arguments.choice("metric", metric, ("steps", "final"))
        draw = import_module("optbench.report.figures.waterfall").waterfall
        return draw(self.table, metric, self.a, self.b)

    def to_dict(self) -> dict[str, Any]:
        """For JSON: tables as lists of rows, numbers that are not finite as null."""
        tables = {name: getattr(self, name) for name in ("table", "settings", "losses")}
        return {
            "a": self.a, "b": self.b, "source": self.source, "folder": str(self.folder),
            "steps": [{"step": name, "note": note} for name, note in self.steps], "orders": list(self.orders),
            "sentences": self.sentences(), "notes": list(self.notes),
            **{name: [_plain(row) for row in table.to_dict("records")] for name, table in tables.items()},
        }  # fmt: skip


def explain(
    source: str | Path | Suite | Results,
    a: Any,
    b: Any,
    engine: str | Engine = "local",
    out: str | Path | None = None,
    *,
    workloads: Sequence[str] | None = None,
    seeds: int | None = None,
    orders: str = "both",
    components: Sequence[Any] = (),
    timeout: float | None = None,
    watcher: Watcher | None = None,
) -> Explanation:
    """From one candidate to another in steps, each with its share of the difference. Nothing is tuned.

    source      the folder of a run, an archive, "reference" or `Results`: the candidates have the settings that were
                selected for them; or a suite, its name or TOML file: they are as they are, untuned
    a, b        names of candidates; of a suite also whatever `optbench.run` takes as one
    engine      "serial", "local" (a process a core), "local:N", or an engine
    out         folder for the trials between; default: explain/A-to-B in the run's folder, of others in results
    workloads   these alone; default: all of the run
    seeds       fresh seeds of each state; default: as many as the run has, or the suite asks for
    orders      "both": the steps are taken forward and in reverse, and a step's effect is the mean; or one of them
    components  those that were handed in to the run: classes, or files such as "./mine.py:Lion"; files that are where
                they were, and as they were, need not be given
    timeout     seconds that a trial may take
    watcher     is told what happens; default: a bar in a notebook's cell, elsewhere nobody

    Stored runs of a and b are used as they are, as long as their code is as it was; finished trials are not run again.
    Raises `OptbenchError` for anything the user can mend.
    """
    if not isinstance(source, (Suite, Results)):
        path = arguments.path("source", source, "a run's folder, an archive, Results, a suite's name or a Suite")
        source = source if isinstance(source, str) else path
    if workloads is not None:
        workloads = arguments.texts("workloads", workloads, "names of workloads") or None
    arguments.choice("orders", orders, ORDERS)
    seeds = None if seeds is None else arguments.whole("seeds", seeds, 1, MOST_SEEDS)
    timeout = None if timeout is None else arguments.seconds("timeout", timeout)
    watcher = default_watcher() if watcher is None else arguments.made("watcher", watcher, Watcher, "a Watcher()")
    if not isinstance(engine, str) and not all(hasattr(engine, name) for name in ("submit", "expect", "workers")):
        raise arguments.wrong("engine", "'serial', 'local:N', 'dask:ADDRESS' or an engine", engine)
    place = None if out is None else arguments.path("out", out)
    plugins = registry()
    handed_in = arguments.listed("components", components, "a list of classes, or of files such as './mine.py:Lion'")
    with asked(source, a, b, workloads, plugins, handed_in) as question:
        between = steps_between(question.a, question.b, list(question.places.values()), plugins)
        pool = engine_named(engine) if isinstance(engine, str) else engine
        where = engine if isinstance(engine, str) else type(engine).__name__
        chains = chains_of(between, orders)
        folder = prepare_folder(place or _folder(source, question))
        states = list(dict.fromkeys(taken for chain in _taken(between, orders) for taken in chain))
        number = question.seeds if seeds is None else seeds
        trials, notes = train(question, between, states, number, pool, folder, plugins, watcher, timeout, where)
        return _explained(question, between, chains, trials, [*question.notes, *notes], folder)


def chains_of(between: Between, orders: str) -> list[Chain]:
    """The orders in which the steps are taken; of a single step there is one."""
    return [
        Chain(order, between.order(order), tuple(map(between.named, taken)))
        for order, taken in zip(_orders(between, orders), _taken(between, orders), strict=True)
    ]


def _orders(between: Between, orders: str) -> tuple[str, ...]:
    if len(between.steps) == 1:
        return ("forward",)
    return ("forward", "reverse") if orders == "both" else (orders,)


def _taken(between: Between, orders: str) -> list[tuple[frozenset[str], ...]]:
    return [between.states(order) for order in _orders(between, orders)]


def _folder(source: Any, question: Asked) -> Path:
    """explain/A-to-B in a run's folder; elsewhere results/NAME-explain/A-to-B."""
    name = f"{question.a}-to-{question.b}".replace("/", "-").replace(" ", "-")
    path = source.folder if isinstance(source, Results) else source
    if question.store is not None and Path(path).is_dir():
        return Path(path) / FOLDER / name
    stem = Path(question.name).name.partition(".")[0]
    return Path("results") / f"{stem}-{FOLDER}" / name


def _explained(
    question: Asked, between: Between, chains: Sequence[Chain], trials: "pd.DataFrame", notes: list[str], folder: Path
) -> Explanation:
    import pandas as pd

    table = waterfall(trials, chains)
    if not (table["metric"] == "steps").any():
        notes = [*notes, "no workload has a target: nothing can be said of speed"]
    rows = [
        row
        for (workload, study), pair in question.places.items()
        for row in told_settings(between, {"workload": workload, "study": study}, *pair)
    ]
    settings = pd.DataFrame(rows, columns=["workload", "study", "step", "setting", "a", "b"])
    return Explanation(
        question.a, question.b, question.name, folder, tuple((s.name, s.note) for s in between.steps),
        tuple(chain.name for chain in chains), table, settings, losses(trials), trials, tuple(notes),
    )  # fmt: skip


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    found = {}
    for name, value in row.items():
        value = value.item() if isinstance(value, np.generic) else value
        found[str(name)] = None if isinstance(value, float) and not np.isfinite(value) else value
    return found
