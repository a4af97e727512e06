"""Rulesets: whether candidates are tuned, or compete as they are.

    tuned         each candidate is tuned on each workload, all on the suite's budget
    tuning-free   nothing is searched: a candidate has the same settings on every workload, those that the suite states
                  and else its components' defaults

The second is what AlgoPerf calls self-tuning (Dahl et al. 2023): a method that needs no tuning is worth something that
a comparison of tuned ones cannot show, and must not be beaten there by another's search. So it is a ruleset of the
whole suite: candidates on defaults and tuned ones are never in one ranking.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from optbench.suite.base import tables

if TYPE_CHECKING:
    from optbench.suite.candidate import Candidate

Ruleset = Literal["tuned", "tuning-free"]
RULESETS: tuple[Ruleset, ...] = ("tuned", "tuning-free")


def as_it_is(candidate: "Candidate") -> "Candidate":
    """The candidate with nothing to search."""
    from optbench.suite.candidate import CandidateTuning

    changed: dict[str, Any] = {"tuning": CandidateTuning()}
    for field in ("optimizer", "schedule", "initializer"):
        table = getattr(candidate, field)
        if table is not None:
            changed[field] = {**table, "search": {}}
    for field in ("normalizers", "regularizers"):
        tables = getattr(candidate, field)
        if tables is not None:
            changed[field] = [{**table, "search": {}} for table in tables]
    if isinstance(candidate.batch_size, Mapping):
        changed["batch_size"] = None
    return candidate.model_copy(update=changed)


def search_problems(raw: Mapping[str, Any]) -> Iterator[str]:
    """What a tuning-free suite may not say: a method of tuning, or what is to be searched."""
    if raw.get("ruleset") != "tuning-free":
        return
    why = 'the ruleset is "tuning-free": nothing is searched'
    tuning = raw.get("tuning")
    if isinstance(tuning, Mapping) and tuning.get("method", "none") != "none":
        yield f"tuning.method: {why}, got {tuning['method']!r}"
    for number, table in tables(raw, "candidates"):
        where = f'candidates[{number}] "{table.get("name")}"'
        own = table.get("tuning")
        if isinstance(own, Mapping) and own.get("method") not in (None, "none"):
            yield f"{where}: tuning.method: {why}, got {own['method']!r}"
        for field, value in table.items():
            values = value if isinstance(value, (list, tuple)) else [value]
            if any(isinstance(v, Mapping) and v.get("search") for v in values):
                yield f"{where}: {field}: search: {why}"
        if isinstance(table.get("batch_size"), Mapping):
            yield f"{where}: batch_size: {why}, give a number"
