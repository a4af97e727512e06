"""Small trials whose outcome is known: some seconds of training."""

from collections.abc import Iterator
from typing import Any

from optbench.contract.errors import OptbenchError
from optbench.lab.doctor.finding import Finding
from optbench.lab.single import trial
from optbench.registry.registry import Registry
from optbench.results.archives import shipped
from optbench.results.reproduction import Reproduction, reproduce
from optbench.running.engine import engine
from optbench.trials.bits import difference
from optbench.trials.trial import Run, Trial

#: the reference whose trials are run again, and how many
SUITE, WORKLOAD, TRIALS = "quick", "digits-mlp", 4
#: by so much may a trial end elsewhere where another BLAS has other last bits: see `results.reproduction.apart`
NEAR = 0.05


def controls(registry: Registry) -> Iterator[Finding]:
    """A candidate against itself, here and in a process of its own; and trials of the reference results again."""
    yield against_itself(trial(registry, WORKLOAD, SUITE, optimizer="adam"))
    try:
        with shipped(SUITE, [WORKLOAD]) as (archive,):
            found = reproduce(archive, TRIALS, engine="serial")
    except OptbenchError as error:
        do = "install optbench again: its reference results cannot be read"
        yield Finding("caution", "reference", str(error), do)
        return
    yield as_stored(found)


def against_itself(one: Trial) -> Finding:
    """The same trial twice in this process and once in another: the same bits, or something is broken."""
    first, *others = (ran(one, name) for name in ("serial", "serial", "local:1"))
    for other, where in zip(others, ("in this process", "in a process of its own"), strict=True):
        if first.outcome != "done" or other.outcome != "done":
            failed = other if first.outcome == "done" else first
            do = "see: optbench train --workload digits-mlp"
            return Finding("fault", "the same again", f"a trial ended {failed.outcome}: {failed.message}", do)
        apart = difference(first, other)
        if apart is not None:
            do = "trust no result of this machine: its memory, processor or linear algebra err; try another NumPy"
            return Finding("fault", "the same again", f"a trial differs from itself {where}: {apart}", do)
    return Finding("ok", "the same again", "adam on digits-mlp has the same bits thrice, also in a process of its own")


def as_stored(found: Reproduction) -> Finding:
    """Trials of the reference: the same bits; where the arithmetic is another's, the same results but for rounding."""
    if found.same:
        return Finding("ok", "reference", found.verdict)
    causes = [row["field"] for row in found.environments.to_dict("records")]
    decisive = [name for name in causes if name in ("blas", "processor", "packages.numpy")] + [*found.changed]
    furthest = float(found.trials["end"].max())
    told = f"{found.verdict}; they end within {furthest:.1%}"
    if decisive and furthest <= NEAR:
        do = f"nothing: {', '.join(decisive)} is not that of the reference, whose steps still compare"
        return Finding("caution", "reference", told, do)
    do = "install optbench and NumPy again: here they compute something else than where the reference was made"
    return Finding("fault", "reference", told, do)


def ran(one: Trial, name: str) -> Run:
    """The run of a trial by an engine."""
    with engine(name) as pool:
        future: Any = pool.submit([one], None)
        run: Run = future.result()[0]
    return run
