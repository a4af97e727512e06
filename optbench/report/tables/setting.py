"""What each workload is: a row of it in words, for who has not read the suite."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from optbench.report.tables.table import Cell, Column, Row, Table
from optbench.report.words.numbers import number, plain

COLUMNS = (
    Column("workload", "Workload", number=False),
    Column("family", "Family", number=False),
    Column("shows", "What it is there to show", number=False),
    Column("data", "Data", number=False),
    Column("network", "Network", number=False),
    Column("budget", "Budget", "Of every trial, and examples a step", number=False),
    Column("target", "Hardest target", "Of how many", number=False),
    Column("origin", "Where it comes from", "How targets were found, and when", number=False),
)


def setting(suite: Mapping[str, Any]) -> Table:
    """A row a workload of a suite as run; a column that nothing is said in is left out."""
    origins = suite.get("provenance") or {}
    said = [words(w, origins.get(w.get("variant_of") or w["name"]) or {}) for w in suite["workloads"]]
    columns = [c for c in COLUMNS if any(one[c.name] for one in said)]
    rows = [Row([Cell(plain(one[c.name])) for c in columns], workload=one["workload"]) for one in said]
    return Table("setting", "The workloads", columns, rows, pd.DataFrame(said), swatches=False)


def words(workload: Mapping[str, Any], origin: Mapping[str, Any]) -> dict[str, str]:
    """A text for each of COLUMNS; empty where there is nothing to say."""
    kind = next((k for k in ("function", "problem") if workload.get(k)), "dataset")
    budget = [f"{workload[unit]} {unit}" for unit in ("epochs", "steps") if workload.get(unit)]
    size = workload.get("batch_size") if kind == "dataset" else None
    budget += ["full batch" if size == "full" else f"{size} a step"] if size else []
    target = workload.get("target") or {}
    levels = len(target.get("ladder") or [0])
    return {
        "workload": str(workload["name"]),
        "family": str(workload.get("family") or ""),
        "shows": str(workload.get("shows") or ""),
        "data": component(workload.get(kind)),
        "network": component(workload.get("network")),
        "budget": ", ".join(budget),
        "target": target_words(target) + (f", of {levels}" if levels > 1 else "") if target else "",
        "origin": ", ".join(filter(None, (str(origin.get("procedure") or ""), str(origin.get("date") or "")))),
    }


def target_words(target: Mapping[str, Any]) -> str:
    return f"{str(target['metric']).replace('_', ' ')} {number(float(target['value']))}"


def component(settings: Mapping[str, Any] | None) -> str:
    """A component in a few words: its name, that within it, and its settings (numbers, names, lists)."""
    if not settings:
        return ""
    inner = settings.get("inner")
    told = [
        f"{key} {'-'.join(map(str, value)) if isinstance(value, (list, tuple)) else value}"
        for key, value in settings.items()
        if key not in ("kind", "name", "inner")
        and value not in ((), [], "", None)
        and not isinstance(value, (bool, Mapping))
    ]
    name = str(settings.get("kind") or settings["name"])
    if isinstance(inner, Mapping):
        name += f" of {component(inner)}"
    return f"{name} ({', '.join(told)})" if told else name
