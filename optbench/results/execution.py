"""A suite is run into a folder's store, beside stored results where it shall stand beside them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from optbench.registry.guests import recall, united
from optbench.registry.registry import Registry
from optbench.results import archives, reference
from optbench.results.rounds import Until, remember_pace, run_rounds
from optbench.results.sealing import seal
from optbench.results.spending import Spending, run_minutes
from optbench.running.calibration import measure_costs
from optbench.running.engine import Engine
from optbench.running.estimate import estimate_for
from optbench.running.journal import Journal, describe
from optbench.running.resuming import Retry, earlier, resume
from optbench.running.runner import Runner
from optbench.running.standing import Standing, pairs_of, standing
from optbench.store.environment import environment
from optbench.store.runs import Limits
from optbench.store.store import STORE, Store
from optbench.suite import Suite
from optbench.tuning import guests, planned


def execute(
    suite: Suite,
    name: str,
    pool: Engine,
    folder: Path,
    plugins: Registry,
    log: Journal,
    timeout: float | None,
    held: Mapping[str, str],
    beside: "tuple[reference.Plan, Store] | None" = None,
    wanted: Retry | None = None,
    strict: bool = False,
    full: Suite | None = None,
    only: bool = False,
    until: Until | Spending | None = None,
) -> None:
    """Run the suite into the folder's store, which this process has the lock of, and time its candidates.

    held     what the datasets hold: see `contents`
    beside   a reference's results that are copied in, and what of them
    wanted   which failed runs are to be made again
    strict   refuse to go on where the environment is another than that of the kept trials
    full     what `suite` is a part of; None: it is whole
    only     tables and pages show this run's part alone
    until    rounds of seeds, or as many as fit, instead of the suite's number
    """
    full = suite if full is None else full
    if until:
        suite = suite.model_copy(update={"seeds": until.first})
    for problem in plugins.problems:
        log.say(f"warning: {problem}")
    known = len(plugins.problems)
    record = environment(plugins)
    for line in describe(record):
        log.note(line)
    with Store(folder / STORE, create=True, waiting=lambda text: log.say(f"warning: {text}")) as store:
        store.made_in(record)
        reference.leave(store)
        recall(plugins, store.get("guests") or [])
        before = earlier(store)
        machine = "" if getattr(pool, "address", "") else record["machine"]
        retry = replace(wanted or Retry(), limits=Limits(timeout, pool.limit), machine=machine)
        again = resume(store, before, suite, plugins, held, retry, record, strict, log.say)
        stands = Standing(suite) if beside else standing(store, before, full, suite, plugins, held)
        for text in stands.lines():
            log.say(text)
        asked = suite.model_dump(mode="json")
        with store.together():
            store.set("title", suite.title)
            store.set("name", name)
            store.set("suite", beside[0].suite if beside else stands.stored())
            store.set("named", stands.named)
            store.set("sealed", None)
            store.set("guests", united(store.get("guests") or [], guests(stands.suite, plugins)))
            store.set("now", {"pairs": pairs_of(suite), "suite": asked, "only": only} if stands.pairs else None)
            store.clear_plan(keep=stands.pairs)
        timed = None
        if beside:
            plan, source = beside
            count = reference.bring(plan, source, store)
            log.say(f"beside {count} stored trials of {', '.join(plan.others)} (--against {plan.name})")
            for text in plan.notes:
                log.say(f"warning: {text}")
            timed = {*plan.own, plan.baseline}
        with log.inner, pool:
            estimate = estimate_for(suite, plugins)
            log.expect(planned(suite), estimate, pool.workers)
            runner = Runner(suite, pool, store, plugins, log, timeout, held, again)
            if isinstance(until, Spending):
                run_minutes(runner, store, until, log, estimate)
            elif until:
                run_rounds(runner, store, until, log, estimate)
            else:
                store.set("until", None)
                runner.execute()
            remember_pace(store, suite, estimate, pool.workers)
            if suite.sealed:
                seal(store, runner, plugins, log)
        log.trained()
        kept = store.get("suite")["workloads"]
        measure_costs(store, plugins, log, timed, [table["name"] for table in kept if table.get("sealed")])
        for problem in plugins.problems[known:]:
            log.say(f"warning: {problem}")
        store.set("problems", [str(problem) for problem in plugins.problems])


@contextmanager
def beside_reference(
    against: str | Path,
    name: str,
    full: Suite,
    chosen: Suite,
    plugins: Registry,
    held: Mapping[str, str],
    limits: tuple[int, float | None] | None = None,
) -> "Iterator[tuple[reference.Plan, Store]]":
    """What a run of `chosen` takes from the results that `against` names; see `optbench.results.reference`.

    Where seeds are added in rounds (`limits`), the stored results have as many as they have.
    """
    works = [w.name for w in chosen.workloads]
    with archives.opened(against, name, works) as path, Store(path, readonly=True) as source:
        there = (source.get("suite") or {}).get("seeds")
        if limits and isinstance(there, int):
            chosen = chosen.model_copy(update={"seeds": there})
        yield reference.plan(str(against), source, full, chosen, plugins, held), source
