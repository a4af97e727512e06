"""What a run will be able to tell, and how long it takes here, before it is made.

The noise is that of stored runs: of the reference that comes with optbench, of a folder, or of a pilot. It is used
where a workload is defined there as it is here; of other workloads nothing is foretold, and the plan says so.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from optbench.contract.errors import OptbenchError
from optbench.registry.registry import Registry
from optbench.results.results import Results
from optbench.results.rounds import aim_of, at
from optbench.results.sealing import BEST, about_of, draw
from optbench.results.unlike import unlike
from optbench.running.estimate import priors
from optbench.running.prices import YARDSTICK, Place, mean_ratios, ratios
from optbench.statistics.numerals import listing, percent
from optbench.statistics.telling import ALL, comparisons, least_table
from optbench.statistics.until import Kind, measured
from optbench.suite import Suite, Workload
from optbench.trials.seeds import MOST_SEEDS
from optbench.tuning import planned, work

if TYPE_CHECKING:
    import pandas as pd

    from optbench.statistics.pairs import Paired

#: seeds of a pilot: the fewest that a sign-flip test on one workload can say anything with
PILOT = 6
#: seconds that a run takes for imports and for timing the cost of steps; and that each trial takes besides training
START, TRIAL = 5.0, 2e-3
#: a step of so many times Adam's is worth a note
DEAR = 1.5
COLUMNS = ("workload", "trials", "minutes", "noise_time", "least_time", "noise_result", "least_result")


@dataclass(frozen=True)
class RunPlan:
    """What `optbench.plan` gives.

    table         one row a workload, and "all", where sealed variants count, too: trials; minutes on this machine,
                  predicted within a factor of two or so (NaN: not known); the standard deviation of a paired difference
                  of logarithms of times, and of final results; the least differences that are told with 80 % power, a
                  share of the time and a difference of results (infinite: none; NaN: no noise to tell it from)
    seeds         fresh seeds of each candidate on each workload
    comparisons   of each of the two questions, which words are corrected for
    workers       processes that the minutes are for
    steps         by candidate, how many times a step of Adam one of its takes here: the geometric mean over workloads
    source        where the noise is from; None: nowhere
    notes         what a reader has to know
    """

    title: str
    table: "pd.DataFrame"
    seeds: int
    comparisons: int
    workers: int
    steps: Mapping[str, float]
    source: str | None
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """For JSON: NaN and infinity are null."""
        rows = [
            {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in row.items()}
            for row in self.table.to_dict("records")
        ]
        return {
            "title": self.title, "seeds": self.seeds, "comparisons": self.comparisons, "workers": self.workers,
            "steps": dict(self.steps), "source": self.source, "workloads": rows, "notes": list(self.notes),
        }  # fmt: skip

    def lines(self) -> list[str]:
        """What stands below the table, or in place of it."""
        last = {str(k): v for k, v in self.table.iloc[-1].items()}
        told = [
            f"{percent(last[f'least_{kind}'])} {what}"
            for kind, what in (("time", "in speed"), ("result", "in the result"))
            if math.isfinite(last[f"least_{kind}"])
        ]
        head = f"{self.seeds} seeds, {self.comparisons} comparisons a question, {self.workers} workers"
        found = [f"{head}: this run will tell {', '.join(told)} (80 % power)" if told else head]
        return [*found, *self.notes]


def foretold(
    suite: Suite,
    registry: Registry,
    workers: int,
    source: Results | None,
    name: str | None,
    beside: Sequence[str] = (),
    minutes: float | None = None,
) -> RunPlan:
    """The plan of a run of a suite with its seeds, or with as many as fit into `minutes`.

    source, name   stored results that noise is taken from, and what they are called
    beside         candidates of stored results that it is compared with, and that are not run
    """
    import pandas as pd

    drawn = draw(suite, registry).variants if suite.sealed else ()
    rates = priors((*suite.workloads, *drawn), registry)
    dear = ratios(suite, registry, stored_ratios(suite, source))
    notes = []
    if minutes is not None:
        suite, said = _fitting(suite, rates, workers, minutes, dear)
        notes += said
    dump = suite.model_dump(mode="json")
    own = [c.name for c in suite.candidates]
    dump["candidates"] = [*({"name": other} for other in beside if other not in own), *dump["candidates"]]
    aim = aim_of(dump, suite.seeds, own if beside else ()) if len(dump["candidates"]) > 1 else None
    compared = comparisons(aim, [c["name"] for c in dump["candidates"]]) if aim and suite.seeds > 1 else 0
    names = [w.name for w in suite.workloads if w.variant_of is None]
    pairs, said = known_noise(suite, source, name)
    notes += said
    table = least_table(pairs, suite.seeds, compared, only=names)
    least = {(row["workload"], row["question"]): row for row in table.to_dict("records")}
    spent = seconds_of(suite, rates, workers, dear)
    rows: list[tuple[Any, ...]] = []
    for workload in (*names, ALL):
        of = suite.workloads if workload == ALL else [w for w in suite.workloads if w.base == workload]
        part = suite.model_copy(update={"workloads": tuple(of)})
        start = START if workload == ALL else 0.0
        row: list[Any] = [workload, planned(part), (start + sum(spent[w.name] for w in of)) / 60]
        for kind in ("time", "result"):
            known = least.get((workload, kind), {})
            row += [float(known.get(column, math.nan)) for column in ("noise", "least")]
        rows.append(tuple(row))
    if suite.sealed:
        more, seconds, told = _sealed(suite, drawn, {*own, *beside}, rates, workers, dear)
        rows[-1] = (ALL, rows[-1][1] + more, rows[-1][2] + seconds / 60, *rows[-1][3:])
        notes.append(told)
    if not compared:
        notes.append("one candidate alone, or a single seed, tells nothing")
    elif 2.0 ** (1 - suite.seeds * max(len(names), 1)) > 0.05 / compared:
        notes.append("so few pairs cannot decide anything: more seeds")
    whole = pd.DataFrame(rows, columns=list(COLUMNS))
    steps = mean_ratios({place: ratio for place, ratio in dear.items() if place[1] in own})
    notes += step_notes(steps, dear, own if beside else (), own)
    return RunPlan(suite.title, whole, suite.seeds, compared, workers, steps, name, tuple(notes))


def stored_ratios(suite: Suite, source: Results | None) -> dict[Place, float]:
    """What stored results tell of a step of the suite's candidates beside one of Adam, where they timed both."""
    if source is None:
        return {}
    costs = source.costs.set_index(["workload", "candidate"])["seconds_per_step"].to_dict()
    asked = {(at.name, c.name) for w, c in suite.pairs() for at in (w, *suite.variants(w))}
    found = {place: costs[place] / costs.get((place[0], YARDSTICK), math.nan) for place in asked if place in costs}
    return {place: ratio for place, ratio in found.items() if math.isfinite(ratio) and ratio > 0}


def step_notes(
    steps: Mapping[str, float], dear: Mapping[Place, float], always: Sequence[str], names: Sequence[str]
) -> list[str]:
    """Whose steps cost another number of minutes than Adam's would; `always` of some, of others where it is more."""
    notes = []
    for name in names:
        if name in steps and (name in always or steps[name] >= DEAR):
            of = sorted(ratio for (_, candidate), ratio in dear.items() if candidate == name)
            span = f" ({of[0]:.1f} to {of[-1]:.1f} by workload)" if of[-1] - of[0] >= 0.1 else ""
            notes.append(f"a step of {name} takes {steps[name]:.1f} times one of Adam{span}, which the minutes count")
    if unknown := [name for name in names if name not in steps]:
        notes.append(f"what a step costs is not known of {', '.join(unknown)}, and counts as one of Adam")
    return notes


def _sealed(
    suite: Suite,
    drawn: Sequence[Workload],
    known: Collection[str],
    rates: Mapping[str, float],
    workers: int,
    dear: Mapping[Place, float],
) -> tuple[int, float, str]:
    """Trials and seconds of sealed variants at most, and what is said of them; `known` are all candidates' names.

    A step of the candidates in focus costs what it does on the base, one of the others as Adam's.
    """
    about = [c.name for c in about_of(suite)]
    if not drawn:
        return 0, 0.0, "sealed variants: nothing of these workloads can be varied for these candidates"
    others = min(len(known) - len(about), 1 + BEST)
    trials, seconds = 0, 0.0
    for workload in drawn:
        runs = suite.seeds * suite.studies(suite.workload(workload.base))
        trials += runs * (len(about) + others)
        worth = sum(dear.get((workload.base, name), 1.0) for name in about) + others
        step = (workload.steps or workload.epochs or 0) * rates.get(workload.name, math.nan) / max(workers, 1)
        seconds += runs * ((len(about) + others) * TRIAL + worth * step)
    took = "" if math.isnan(seconds) else f", {seconds / 60:.2g} of the minutes in all"
    told = "; ".join(w.title for w in drawn)
    whom = f"{listing(about)} and {others} others at most"
    return trials, seconds, f"{len(drawn)} sealed variants for {whom}: {trials} trials{took} ({told})"


def known_noise(suite: Suite, source: Results | None, name: str | None) -> "tuple[dict[Kind, Paired], list[str]]":
    """Paired runs of stored results on this suite's workloads, and what of them is not known.

    A workload whose target alone is another has no known noise of times, but one of results.
    """
    ask = "--from FOLDER takes the noise of stored runs, --pilot makes six seeds of each candidate and takes theirs"
    if source is None:
        return {}, [f"nothing is known of the noise of these workloads: {ask}"]
    stored = {w["name"]: w for w in source.suite.get("workloads", ())}
    fits: dict[Kind, list[str]] = {"time": [], "result": []}
    notes = []
    for workload in suite.workloads:
        if workload.variant_of is not None:
            continue
        ours = workload.model_dump(mode="json")
        theirs = stored.get(workload.name)
        why = unlike(theirs, ours) if theirs else "missing"
        if not why:
            fits["time"].append(workload.name)
        if not why or (theirs and not unlike({**theirs, "target": None}, {**ours, "target": None})):
            fits["result"].append(workload.name)
        if why:
            what = "is not there" if why == "missing" else f"has another {why} there"
            notes.append(f"{workload.name} {what}, so that its noise {'of times ' if theirs else ''}is not known")
    candidates = [c["name"] for c in source.suite.get("candidates", ())]
    found: dict[Kind, Paired] = {}
    for kind, works in fits.items():
        pairs = measured(source.trials, [*candidates, *works]) if works else {}
        if kind in pairs:
            found[kind] = pairs[kind]
    if notes:
        notes = [f"noise from {name}: {note}" for note in notes] + [ask]
    return found, notes


def seconds_of(
    suite: Suite, rates: Mapping[str, float], workers: int, dear: Mapping[Place, float] | None = None
) -> dict[str, float]:
    """Seconds of all trials of each workload; NaN where nobody knows.

    rates   seconds per unit of a workload's work, of a candidate that costs as Adam does
    dear    how many times that a candidate costs; once where nobody knows
    """
    dear = dear or {}
    found = {w.name: TRIAL * planned(suite.model_copy(update={"workloads": (w,)})) for w in suite.workloads}
    for place, units in work(suite).items():
        found[place[0]] += units * rates.get(place[0], math.nan) * dear.get(place, 1.0) / max(workers, 1)
    return found


def _fitting(
    suite: Suite, rates: Mapping[str, float], workers: int, minutes: float, dear: Mapping[Place, float]
) -> tuple[Suite, list[str]]:
    """The suite with the most seeds that fit, and a note."""
    one, two = (START + sum(seconds_of(at(suite, n), rates, workers, dear).values()) for n in (1, 2))
    if math.isnan(one):
        raise OptbenchError("--minutes: the cost of some workload is not known here: say --seeds")
    seeds = 1 + math.floor((60 * minutes - one) / (two - one)) if two > one else MOST_SEEDS
    if seeds < 2:
        raise OptbenchError(
            f"--minutes {minutes:g}: two seeds take about {two / 60:.2g} minutes here, tuning included; more minutes, "
            "or fewer workloads, candidates or trials"
        )
    seeds = min(seeds, MOST_SEEDS)
    return at(suite, seeds), [f"{seeds} seeds are the most that fit into {minutes:g} minutes, tuning included"]

