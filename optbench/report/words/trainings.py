"""Watched trainings in words: how one stands, and what must be known of several before they are compared."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from optbench.lab.adjust import BUDGET, plain
from optbench.lab.watched import Watched

#: of a workload's table: what may differ without its being another problem
BESIDE = frozenset((*BUDGET, "title", "description", "family", "shows", "seeds", "validate_every"))


def headline(training: Watched) -> str:
    """How it stands, in one sentence."""
    step = f"step {training.step:,}" + (f" of {training.budget:,}" if training.budget else "")
    return {
        "done": f"Trained for {training.step:,} steps.",
        "stopped": f"Stopped early at {step}.",
        "diverged": f"Diverged at {step}.",
        "interrupted": f"Stopped at {step}.",
        "": f"Not at its end: still training, or cut off. Shown up to {step}.",
    }.get(training.outcome, f"Failed at {step}.")


def remarks(trainings: Mapping[str, Watched], panels: Mapping[str, Collection[str]]) -> list[str]:
    """What must be known of trainings that stand beside each other: what differs besides settings, how each ended.

    panels   {quantity: the names of those that have a curve of it}: who lacks one is told
    """
    return [*_problems(trainings), *_chance(trainings), *_ends(trainings), *_absent(trainings, panels)]


def _problems(trainings: Mapping[str, Watched]) -> Iterator[str]:
    """Workloads, their definitions and their data."""
    of = {name: t.workload for name, t in trainings.items()}
    if len(set(of.values())) > 1:
        told = ", ".join(f"{name}: {workload}" for name, workload in of.items())
        yield f"These are trainings of different workloads ({told}): their losses are not of one scale."
    for workload in dict.fromkeys(of.values()):
        group = {name: t for name, t in trainings.items() if of[name] == workload}
        tables = [{k: v for k, v in plain(t.trial.workload).items() if k not in BESIDE} for t in group.values()]
        fields = list(dict.fromkeys(key for table in tables for key in table))
        differing = [key for key in fields if any(table.get(key) != tables[0].get(key) for table in tables)]
        if differing:
            yield f"Workload {workload} is not defined alike in {_listed(list(group))}: {_listed(differing)} differ."
        data = {name: _data(t) for name, t in group.items()}
        if len({told for told in data.values() if told}) > 1:
            yield f"The data of workload {workload} are not the same in {_listed(list(group))}."


def _data(training: Watched) -> str:
    """Fingerprints of its data."""
    return " ".join(str(v) for part, v in sorted(training.trial.sources.items()) if part.startswith("data:"))


def _chance(trainings: Mapping[str, Watched]) -> Iterator[str]:
    seeds = {name: t.trial.seed for name, t in trainings.items()}
    if len(set(seeds.values())) > 1:
        told = ", ".join(f"{name}: {seed}" for name, seed in seeds.items())
        yield f"The seeds differ ({told}): part of what is seen is chance."
    else:
        yield "One seed is one draw of chance: optbench run compares over many."


def _ends(trainings: Mapping[str, Watched]) -> Iterator[str]:
    """Who did not train to the end of its budget."""
    for name, training in trainings.items():
        if training.outcome == "":
            yield (
                f"{name} is not at its end: still training, or cut off. Its checkpoint is {_age(training.age)} old and "
                f"of step {training.step_saved:,}."
            )
        elif training.outcome != "done":
            why = f" {training.message[:1].upper()}{training.message[1:]}." if training.message else ""
            yield f"{name}: {headline(training)}{why}"


def _age(seconds: float) -> str:
    for size, unit in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"


def _absent(trainings: Mapping[str, Watched], panels: Mapping[str, Collection[str]]) -> Iterator[str]:
    """Who is in which panel not."""
    lacking: dict[tuple[str, ...], list[str]] = {}
    for title, present in panels.items():
        without = tuple(name for name in trainings if name not in present)
        if without:
            lacking.setdefault(without, []).append(title)
    for names, titles in lacking.items():
        has = "has" if len(names) == 1 else "have"
        yield f"{_listed(list(names))} {has} no record of: {', '.join(titles)}."
    shapes = {
        tuple(n for n, role in zip(t.norms.names, t.norms.roles, strict=True) if role == "weight")
        for t in trainings.values()
        if t.norms.steps
    }
    if len(shapes) > 1:
        yield "The networks differ: their weight tensors stand beside each other by place alone."


def _listed(names: Sequence[Any]) -> str:
    *first, last = [str(name) for name in names]
    return f"{', '.join(first)} and {last}" if first else last
