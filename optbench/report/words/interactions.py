"""What crossed components do to each other, in sentences."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from optbench.statistics.compare import MARGINS
from optbench.statistics.numerals import percent, points, with_interval

Row = Mapping[str, Any]

MEASURED = {"steps": "steps to target", "final": "final result"}


def interaction_sentences(effects: pd.DataFrame, suite: Mapping[str, Any], design: str | None = None) -> list[str]:
    """A sentence for each interaction of `optbench.statistics.interactions`: those that are there first, then equal
    ones, then undecided ones.

    design   of this one alone
    """
    margins = {**MARGINS, **(suite.get("equal") or {})}
    rows = [{str(name): value for name, value in row.items()} for row in effects.to_dict("records")]
    within = {key(row, row["at"]): row for row in rows if row["kind"] == "within"}
    told: list[tuple[int, str]] = []
    for row in rows:
        if row["kind"] != "interaction" or design not in (None, row["design"]):
            continue
        margin = f"within {percent(margins['time' if row['unit'] == 'ratio' else 'result'])}"
        sides = [(at, within[key(row, at)]) for at in (row["at"], row["against"]) if key(row, at) in within]
        parts = [f"{at} {effect(found, margin)}" for at, found in sides] or [f"with {row['at']}"]
        alias = f"; this fraction cannot tell it from the effect of {row['aliased']}" if row["aliased"] else ""
        change = f"{row['level']} instead of {row['plain']} ({MEASURED[row['metric']]})"
        place = {"equal": 1, "undecided": 2}.get(row["verdict"], 0)
        told.append((place, f"{change}: {', '.join(parts)}; {more(row, margin)}{alias}."))
    return [text for _, text in sorted(told, key=lambda one: one[0])]


def key(row: Row, at: str) -> tuple[str, ...]:
    """Where the effect of a level within another's level stands."""
    return (row["design"], row["metric"], row["factor"], row["level"], row["within"], at)


def effect(row: Row, margin: str) -> str:
    """1.30 [1.20, 1.40] times faster."""
    word, ratio = row["verdict"], row["unit"] == "ratio"
    if word == "equal":
        return f"equal {margin}"
    if not ratio:
        return f"{points(row['effect'], row['low'], row['high'])} {'(undecided)' if word == 'undecided' else word}"
    size = gain(row, word != "slower")
    return f"{size} times as fast (undecided)" if word == "undecided" else f"{size} times {word}"


def more(row: Row, margin: str) -> str:
    """It helps adam 1.3 [1.2, 1.4] times more than sgd."""
    word, ratio = row["verdict"], row["unit"] == "ratio"
    if word == "equal":
        return f"it does the same to both {margin}"
    if word == "undecided":
        return f"whether it helps {row['at']} more than {row['against']} is undecided"
    size = f"{gain(row, word == 'helps more')} times" if ratio else points(row["effect"], row["low"], row["high"])
    return f"it helps {row['at']} {size} {word.removeprefix('helps ')} than {row['against']}"


def gain(row: Row, faster: bool) -> str:
    """A ratio of times with its interval, as how many times as fast; or as slow."""
    if faster:
        return with_interval(1 / row["effect"], 1 / row["high"], 1 / row["low"])
    return with_interval(row["effect"], row["low"], row["high"])
