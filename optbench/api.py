"""`optbench.run`, `optbench.plan` and `optbench.load`: what the command line calls, for notebooks and scripts."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from optbench.contract import arguments
from optbench.contract.errors import OptbenchError
from optbench.lab.own import with_data
from optbench.lab.watched import Watched, holds_training, read
from optbench.language import chosen as speech
from optbench.registry.registry import Registry, registry
from optbench.results import archives
from optbench.results.execution import beside_reference, execute
from optbench.results.foretelling import PILOT, RunPlan, foretold
from optbench.results.results import Results
from optbench.results.seeding import limits_of, seeding
from optbench.running.contents import contents
from optbench.running.engine import Engine
from optbench.running.engine import engine as engine_named
from optbench.running.folder import prepare_folder, set_aside
from optbench.running.journal import Journal, holder
from optbench.running.lock import RunLock
from optbench.running.progress import Watcher, default_watcher
from optbench.running.resuming import Retry
from optbench.running.standing import not_at_hand
from optbench.store.store import STORE
from optbench.suite import Suite
from optbench.suite import load as load_suite
from optbench.suite.handed import handed
from optbench.suite.sealed import MOST_SEALED
from optbench.training.memory import parse as parse_memory
from optbench.tuning import require


def run(
    suite: str | Path | Suite,
    engine: str | Engine = "local",
    out: str | Path | None = None,
    *,
    seeds: int | None = None,
    until: str | None = None,
    minutes: float | None = None,
    seeds_at_most: int | None = None,
    trials: int | None = None,
    candidates: Sequence[Any] | None = None,
    workloads: Sequence[str] | None = None,
    fresh: bool = False,
    report: bool = True,
    timeout: float | None = None,
    memory: str | int | None = None,
    watcher: Watcher | None = None,
    against: str | Path | None = None,
    ruleset: str | None = None,
    retry: str | None = None,
    strict_environment: bool = False,
    only: bool = False,
    focus: Sequence[str] | None = None,
    data: Any = None,
    target: str | None = None,
    sealed: int | None = None,
    language: str | None = None,
) -> Results:
    """Run a suite and return its results; what `out` already holds is not run again.

    suite       a suite's name, the path of a TOML file, or a `Suite`
    engine      "serial", "local" (a process a core), "local:N", or an engine
    out         folder for the store, the report and its figures; default results/NAME
    seeds, trials, candidates, workloads
                override or limit the suite. A candidate is one of the suite's by its name, a registered optimizer, a
                file ("./mine.py:Lion", or "./mine.py" where it has one component), a component class, which is tuned
                in the ranges that it declares, or an instance, which is taken as it is; a class of another library
                (`torch.optim.Muon`) where its plugin is installed. Any other kind of component stands in the place of
                the baseline's. The suite's baseline takes part, or is brought from `against`
    focus       the candidates that the run is about; default: the suite's `focus`, and candidates that are not its own
    data        instead of the suite's workloads, one on these data: a file (.csv, .parquet, .npz), arrays (x, y), a
                pandas DataFrame, a dataset such as get("csv", path=…), or a problem of one's own; results go to
                results/NAME-DATA
    target      of a table: the column to be predicted
    until       "decided": seeds are added, the same for all candidates, at planned looks until every question is
                answered; see `optbench.statistics.until`. With it, `minutes` of training after which no further round
                begins (the first is always run), and `seeds_at_most` (default 100)
    minutes     without `until`: as many seeds as fit into so many minutes of training, all tuning and two seeds in any
                case, and `seeds_at_most`; how many is chosen once, when the tuning has shown what they take
    fresh       start anew: the folder's store is set aside as store.old.sqlite
    report      write report.html, its figures (SVG) and tables
    timeout     seconds a trial may take
    memory      what a worker process may take, such as "2GB", or bytes; default: an equal share, or 2 GB
    watcher     is told what happens; default: a bar in a notebook's cell, elsewhere nobody
    against     stored results that stand beside this run: "reference" (those that come with optbench), a folder, or an
                archive that `optbench pack` made
    retry       run failed trials again: "failed" for all of them, or "timeout", "crashed", "error"; without it only
                those whose limit, machine or missing package is another now
    strict_environment
                refuse to resume where versions, BLAS or processor are not those of the kept trials
    only        tables and pages show what this run asks for alone; without it, the other candidates and workloads of
                the suite that `out` holds from before stand beside it, marked
    sealed      so many variants of the workloads are drawn from the fingerprint of the candidates in focus, for which
                nobody can have tuned; there these run, the baseline and the best few others, with the settings that
                were selected on the base: does a lead carry over? Default: the suite's `sealed`
    language    of the report, such as "zh"; default: that of OPTBENCH_LANGUAGE, else English
    ruleset     "tuning-free": every candidate as it is, nothing searched (then the folder is results/NAME-tuning-free)

    Raises `OptbenchError` for anything the user can mend.
    """
    if not isinstance(suite, (str, Suite)):
        suite = arguments.path("suite", suite, "a suite's name, the path of a TOML file, or a Suite")
    if not isinstance(engine, str) and not all(hasattr(engine, name) for name in ("submit", "expect", "workers")):
        raise arguments.wrong("engine", "'serial', 'local:N', 'dask:ADDRESS' or an engine", engine)
    for argument, value in (("out", out), ("against", against)):
        if value is not None:
            arguments.path(argument, value)
    fresh, report = arguments.flag("fresh", fresh), arguments.flag("report", report)
    strict_environment, only = arguments.flag("strict_environment", strict_environment), arguments.flag("only", only)
    retry = None if retry is None else arguments.text("retry", retry)
    spoken = speech(language)
    timeout = None if timeout is None else arguments.seconds("timeout", timeout)
    watcher = default_watcher() if watcher is None else arguments.made("watcher", watcher, Watcher, "a Watcher()")
    plugins = registry()
    full, name = _suite_on(suite, data, target, out, plugins)
    full = _sealing(full, sealed)
    try:
        chosen = full.limited(
            candidates=None if candidates is None else handed(candidates, full, plugins),
            workloads=workloads,
            seeds=seeds,
            trials=trials,
            ruleset=ruleset,
            registry=plugins,
            focus=focus,
            with_baseline=not against,
        )
    except OptbenchError:
        there = Path(out) if out is not None else Path("results") / name
        names = candidates if isinstance(candidates, Sequence) else ()
        if told := not_at_hand(there, [name for name in names if isinstance(name, str)]):
            raise OptbenchError(told) from None
        raise
    if against and focus is None and not chosen.focus and len(chosen.candidates) < len(full.candidates):
        chosen = chosen.model_copy(update={"focus": tuple(c.name for c in chosen.candidates)})
    limits = limits_of(until, minutes, seeds_at_most, seeds)
    require(chosen)
    wanted = Retry(asked=retry)
    limit = None if memory is None else parse_memory(memory)
    pool = engine_named(engine, limit) if isinstance(engine, str) else engine
    # Not among tuned ones: one folder shows candidates that were treated alike.
    place = name if chosen.ruleset == full.ruleset else f"{name}-{chosen.ruleset}"
    folder = prepare_folder(Path(out) if out is not None else Path("results") / place)
    where = engine if isinstance(engine, str) else type(engine).__name__
    lock = RunLock(folder, lambda: holder(folder), watcher.say)
    with lock, Journal(folder, watcher, where, chosen.title) as log:
        if fresh:
            set_aside(folder)
        log.stage("reading the data")
        held = contents(chosen, plugins)
        with ExitStack() as stack:
            stored = beside_reference(against, name, full, chosen, plugins, held, limits) if against else None
            beside = stack.enter_context(stored) if stored else None
            looks = seeding(chosen, beside, until is not None, limits) if limits else None
            strict = strict_environment
            execute(chosen, name, pool, folder, plugins, log, timeout, held, beside, wanted, strict, full, only, looks)
        results = Results(folder)
        if report:
            log.stage("drawing the report")
            from optbench.report import write
            from optbench.report.pictures.fonts import boxed

            if note := boxed(results.suite):
                log.say(f"note: {note}")
            write(
                results, folder, failed=results.undrawn.append, language=spoken,
                note=lambda text: log.say(f"note: {text}"),
            )  # fmt: skip
            for text in results.undrawn:
                log.say(f"warning: {text}")
    return results


def _sealing(suite: Suite, sealed: int | None) -> Suite:
    """The suite with so many sealed variants; None: with its own number."""
    if sealed is None:
        return suite
    return suite.model_copy(update={"sealed": arguments.whole("sealed", sealed, 0, MOST_SEALED)})


def plan(
    suite: str | Path | Suite,
    engine: str = "local",
    out: str | Path | None = None,
    *,
    seeds: int | None = None,
    minutes: float | None = None,
    trials: int | None = None,
    candidates: Sequence[Any] | None = None,
    workloads: Sequence[str] | None = None,
    ruleset: str | None = None,
    against: str | Path | None = None,
    source: str | Path | None = None,
    pilot: bool = False,
    watcher: Watcher | None = None,
    data: Any = None,
    target: str | None = None,
    sealed: int | None = None,
) -> RunPlan:
    """What a run of a suite will be able to tell, and how long it takes here.

    Without `pilot` nothing is trained but some steps, 5 s at most, of candidates whose cost is not stored.

    suite, engine, seeds, trials, candidates, workloads, ruleset, against, data, target, sealed   as of `run`
    minutes   instead of seeds: as many as fit
    source    stored results whose noise is taken: "reference", a folder or an archive; default: the suite's reference
              results where there are any
    pilot     run the suite with six seeds first, and take their noise; in `out`, default results/NAME, where the run
              itself then finds them
    watcher   is told what happens in the pilot

    Raises `OptbenchError` for anything the user can mend.
    """
    pilot = arguments.flag("pilot", pilot)
    minutes = None if minutes is None else arguments.seconds("minutes", minutes, "minutes")
    for one, other in (("seeds" if seeds is not None else "", "minutes"), ("pilot" if pilot else "", "source")):
        if one and {"minutes": minutes, "source": source}[other] is not None:
            raise OptbenchError(f"{one} and {other}: give one of them")
    if not isinstance(suite, (str, Suite)):
        suite = arguments.path("suite", suite, "a suite's name, the path of a TOML file, or a Suite")
    plugins = registry()
    full, name = _suite_on(suite, data, target, out, plugins)
    full = _sealing(full, sealed)
    chosen = full.limited(
        plugins,
        candidates=None if candidates is None else handed(candidates, full, plugins),
        workloads=workloads,
        seeds=seeds,
        trials=trials,
        ruleset=ruleset,
        with_baseline=against is None,
    )
    workers = engine_named(engine).workers
    beside: list[str] = []
    works = [w.name for w in chosen.workloads]
    if against is not None:
        with archives.opened(arguments.path("against", against), name, works) as path:
            stored = Results(path).suite
        beside = [c["name"] for c in stored.get("candidates", ())]
        if seeds is None and minutes is None and isinstance(stored.get("seeds"), int):
            chosen = chosen.model_copy(update={"seeds": stored["seeds"]})
    if pilot:
        folder = Path(out) if out is not None else Path("results") / name
        if (folder / STORE).exists():
            raise OptbenchError(f"{folder} has runs already: --from {folder} takes their noise, --out is for another")
        results = run(
            suite, engine, folder, seeds=PILOT, trials=trials, candidates=candidates, workloads=workloads,
            ruleset=ruleset, report=False, watcher=watcher, data=data, target=target, sealed=0,
        )  # fmt: skip
        return foretold(chosen, plugins, workers, results, str(folder), beside, minutes)
    with ExitStack() as stack:
        found, called = None, None
        try:
            where = arguments.path("source", source) if source is not None else Path(archives.REFERENCE)
            found, called = Results(stack.enter_context(archives.opened(where, name, works))), str(where)
        except OptbenchError:
            if source is not None:
                raise
        return foretold(chosen, plugins, workers, found, called, beside, minutes)


def _suite_on(
    suite: str | Path | Suite, data: Any, target: str | None, out: str | Path | None, plugins: Registry
) -> tuple[Suite, str]:
    """The suite, on these data if there are any, and what its folder of results is called."""
    name = suite.stem if isinstance(suite, Path) else Path(suite).stem if isinstance(suite, str) else "suite"
    full = suite if isinstance(suite, Suite) else load_suite(suite, plugins)
    if data is None:
        if target is not None:
            raise OptbenchError("target is a column of data, and no data are given")
        return full, name
    full = with_data(full, data, target, plugins, Path(out) if out is not None else Path("results"))
    return full, f"{name}-{full.workloads[0].name}"


def load(folder: str | Path) -> Results:
    """The results in a folder that `run` wrote, in a store's file or in an archive that `optbench pack` made.

    "reference" are the results that come with optbench. Raises `OptbenchError` where there are none.
    """
    place = arguments.path("folder", folder, "the path of a run's folder or of an archive")
    if holds_training(place):
        raise OptbenchError(
            f"{place} holds a training of `optbench train`: optbench.watched(...), `optbench report` and "
            "`optbench export` read it"
        )
    return archives.load(place)


def watched(folder: str | Path) -> Watched:
    """The training in a folder of `optbench train`: its settings, its measurements, how it stands.

    `.curves` is a pandas frame with a row an evaluation, `.export("csv", "curves.csv")` writes it;
    `optbench.report.write_training` makes its page, and `optbench.report.write_compared` that of several.
    Neither its components nor its data are needed. Raises `OptbenchError` where there is none.
    """
    return read(arguments.path("folder", folder, "the path of the folder of an `optbench train`"))
