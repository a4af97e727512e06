"""What the claims of a suite of controls say of the installation that judged them."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from optbench.report.words.numbers import interval, unit
from optbench.report.words.verdict import claims_verdict


def controls_verdict(claims: pd.DataFrame) -> tuple[str, list[str]]:
    """(headline, sentences): whether what is known to be true is told, and nothing told that is false.

    A refuted claim contradicts a known truth. An undecided one of equality is silence where nothing is to be found, as
    it should be, and one of a difference says that this run could not see it.
    """
    if not len(claims):
        return "No control was judged.", []
    rows = [{str(name): value for name, value in row.items()} for row in claims.to_dict("records")]
    silence = [row for row in rows if row["expect"] == "equivalence"]
    known = [row for row in rows if row["expect"] != "equivalence"]
    told, false = (of(known, "supported"), of(rows, "refuted"))
    sentences = []
    if known:
        sentences.append(f"It tells {len(told)} of {len(known)} differences that are known to be there.")
    if silence:
        kept = len(silence) - len(of(silence, "refuted"))
        equal = len(of(silence, "supported"))
        sentences.append(
            f"It finds nothing in {kept} of {len(silence)} comparisons where there is nothing to find, "
            f"and calls {equal} of them equal."
        )
    sentences += [f"Contradicted: {_said(row)}." for row in false]
    sentences += [f"Not told: {_said(row)}." for row in of(rows, "undecided")]
    if false:
        headline = f"The controls fail: {len(false)} of {len(rows)} known truths " + (
            "is contradicted." if len(false) == 1 else "are contradicted."
        )
    elif len(told) < len(known):
        missing = f"{len(known) - len(told)} of {len(known)} differences"
        headline = f"No known truth is contradicted, but {missing} are not told."
    else:
        headline = "The controls hold: this installation tells what is true, and is silent where there is nothing."
    return headline, sentences


def claims_headline(suite: Mapping[str, Any], claims: pd.DataFrame) -> tuple[str, list[str]]:
    """(headline, sentences) of a suite that only makes claims: controls judge the installation, others the claims."""
    return controls_verdict(claims) if suite.get("controls") else claims_verdict(claims)


def contradicted(claims: pd.DataFrame) -> bool:
    """Whether a known truth is called false."""
    return bool(len(claims)) and bool((claims["verdict"] == "refuted").any())


def of(rows: list[dict[str, Any]], word: str) -> list[dict[str, Any]]:
    """The rows with this verdict."""
    return [row for row in rows if row["verdict"] == word]


def _said(row: Mapping[str, Any]) -> str:
    """A claim with its effect, or why there is none."""
    if pd.isna(row["effect"]):
        return f"{row['statement']} ({row['reason']})"
    return f"{row['statement']} ({interval(row, 'effect', 'low', 'high')}{unit(row)}, as claimed above 0)" if (
        row["expect"] != "equivalence"
    ) else f"{row['statement']} ({interval(row, 'effect', 'low', 'high')}{unit(row)}, margin {row['margin']:g})"
