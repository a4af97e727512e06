"""Our orders beside published ones: `python suites/validity/card.py FOLDER [--into docs/validity.md] [--csv FILE]`.

FOLDER is a run of any suite, its store, archives of it, or the reference results of a suite, as in reference/quick.
Kendall's tau-b on the methods in common, by time to the targets and by the final result, on each workload and in all,
with an interval over our workloads and seeds (or studies) and the p of permutations; and ratios of times beside
published ones.
Fewer than four methods in common are named, without a tau. What is compared, and how names were matched, stands in
published.toml.
"""

import argparse
import csv
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from optbench.contract.errors import OptbenchError
from optbench.results.archives import load
from optbench.results.results import Results
from optbench.statistics.bootstrap import expanded_interval
from optbench.statistics.pairs import seed_pairs
from validity.orders import FEWEST, Ours, Tau, kendall, log_ratios, mean, ours, replicates, spread
from validity.published import Order, Published, Ratio, published

BEGIN, END = "<!-- the card: suites/validity/card.py -->", "<!-- end of the card -->"
QUANTITIES = ("time", "final")
ALL = "all"
SEED = 20261127


@dataclass(frozen=True)
class Row:
    """One comparison: of `published` with our `quantity` on `workload`, or on all of a kind.

    kind    "order" (`value` is tau-b) or "ratio" (of times)
    note    why there is no value; of orders, how far tau goes with other submissions; of ratios, the published range
    """

    kind: str
    published: str
    quantity: str
    workload: str
    methods: str
    value: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    p: float = float("nan")
    word: str = ""
    note: str = ""


def of_order(order: Order, found: Ours, quantity: str, rng: np.random.Generator) -> list[Row]:
    """In all, then on each workload."""
    methods = list(order.submissions(found.complete))
    told = " ".join(methods)
    if len(methods) < FEWEST:
        note = f"{len(methods)} methods in common, {FEWEST} are asked for"
        return [Row("order", order.name, quantity, ALL, told, note=note)]
    choices = order.choices(methods)
    costs = np.array(choices[0])
    rows = [_row(order, kendall(found.of(methods), costs, rng), quantity, ALL)]
    if len(choices) > 1:
        low, high = spread(found.of(methods), choices)
        rows[0] = Row(**{**vars(rows[0]), "note": f"{low:.2f} to {high:.2f} with other submissions of these methods"})
    for name in found.workloads:
        rows.append(_row(order, kendall(found.of(methods, [name]), costs, rng, workloads=False), quantity, name))
    return rows


def _row(order: Order, tau: Tau, quantity: str, workload: str) -> Row:
    methods = " ".join(tau.methods)
    return Row("order", order.name, quantity, workload, methods, tau.tau, tau.low, tau.high, tau.p, tau.word)


def of_ratio(ratio: Ratio, results: Results, rng: np.random.Generator) -> list[Row]:
    """In all, on our networks that are like theirs, then on each workload."""
    pairs = seed_pairs(results.trials, "steps")
    told = f"{ratio.ours} {ratio.against}"
    missing = [name for name in (ratio.ours, ratio.against) if name not in pairs.candidates]
    if missing:
        return [Row("ratio", ratio.name, "time", ALL, told, note=f"not run: {', '.join(missing)}")]
    logs = log_ratios(pairs, ratio.ours, ratio.against)
    ran = (~np.isnan(logs[0])).any(axis=1)
    kinds = {w["name"]: (w.get("network") or {}).get("kind") for w in results.suite["workloads"]}
    at = {name: i for i, name in enumerate(pairs.workloads) if ran[i]}
    like = [i for name, i in at.items() if kinds.get(name) in ratio.like]
    groups = {ALL: list(at.values())}
    if like:
        groups[", ".join(ratio.like)] = like
    groups |= {name: [i] for name, i in at.items()}
    rows = []
    for name, chosen in groups.items():
        if not chosen:
            rows.append(Row("ratio", ratio.name, "time", name, told, note="no workload with a target that both ran on"))
            continue
        part = logs[:, chosen]
        drawn = replicates(part, rng, workloads=len(chosen) > 1)[:, 0]
        # the units that were drawn: workloads, or the seeds or studies of the only one
        size = len(chosen) if len(chosen) > 1 else np.count_nonzero(~np.isnan(part))
        low, high = (float(np.exp(end)) for end in expanded_interval(drawn, np.array([size])))
        value = float(np.exp(mean(mean(part))[0]))
        ends = " to ".join(dict.fromkeys(f"{end:.2f}" for end in ratio.ends))
        word = compared(low, high, ratio)
        rows.append(Row("ratio", ratio.name, "time", name, told, value, low, high, word=word, note=ends))
    return rows


def compared(low: float, high: float, ratio: Ratio) -> str:
    """Our interval beside the published range."""
    least, most = ratio.ends
    if np.isnan(low):
        return ""
    if low <= most and high >= least:
        return "not told apart"
    if high < least:
        return "faster than published"
    return "slower than published, and than 1" if low > 1 else "slower than published"


def card(results: Results, data: Published) -> list[Row]:
    """All comparisons of a run with what is published."""
    rows: list[Row] = []
    timed = bool(results.trials["target_metric"].notna().any())
    quantities = [name for name in QUANTITIES if name == "final" or timed]
    found = {name: ours(results.trials, name) for name in quantities}
    for order in data.orders:
        for quantity in quantities:
            rows += of_order(order, found[quantity], quantity, np.random.default_rng(SEED))
    for ratio in data.ratios if timed else ():
        rows += of_ratio(ratio, results, np.random.default_rng(SEED))
    return rows


# ----------------------------------------------------------------------------------------------------------- Markdown


def number(row: Row) -> str:
    """A value with its interval."""
    if np.isnan(row.value):
        return row.note or "-"
    interval = "" if np.isnan(row.low) else f" [{row.low:.2f}, {row.high:.2f}]"
    return f"{row.value:.2f}{interval}"


def table(head: list[str], rows: list[list[str]]) -> list[str]:
    return ["| " + " | ".join(line) + " |" for line in (head, ["---"] * len(head), *rows)] + [""]


def markdown(rows: list[Row], results: Results, data: Published) -> str:
    """The card: orders in all, ratios, orders by workload, names."""
    trials = results.trials[results.trials["phase"] == "final"]
    counts = [f"{trials[what].nunique()} {what}s" for what in ("candidate", "workload")]
    title = results.title or "a run"
    lines = [f"Of {title}: {', '.join(counts)}.", ""]
    orders, ratios = ([row for row in rows if row.kind == kind] for kind in ("order", "ratio"))
    names: list[str] = list(trials["workload"].unique())
    titles = {order.name: order.title for order in data.orders} | {ratio.name: ratio.title for ratio in data.ratios}
    head = ["published order", "ours by", "methods", "tau-b, 95 % interval", "p", "word", "other submissions"]
    whole = [row for row in orders if row.workload == ALL]
    body = [
        [
            titles[row.published], row.quantity, row.methods.replace(" ", ", ") or "none", number(row),
            "" if np.isnan(row.p) else f"{row.p:.2g}", row.word, "" if np.isnan(row.value) else row.note,
        ]
        for row in whole
    ]  # fmt: skip
    lines += table(head, body)
    lines += ["Ratios of steps to the targets, below 1 is faster:", ""]
    head = ["published ratio", "ours on", "ours, 95 % interval", "published", "word"]
    body = [
        [titles[row.published], row.workload, number(row), row.note if not np.isnan(row.value) else "", row.word]
        for row in ratios
        if row.workload not in names
    ]
    lines += table(head, body)
    # two sources of the same two methods have the same numbers of ours
    pairs = list(dict.fromkeys(row.methods for row in ratios if row.workload in names))
    if pairs:
        cells = {(row.workload, row.methods): number(row) for row in ratios}
        head = ["workload", *(pair.replace(" ", " / ") for pair in pairs)]
        lines += ["Ratios by workload, intervals over seeds or studies alone:", ""]
        lines += table(head, [[name, *(cells.get((name, pair), "-") for pair in pairs)] for name in names])
    columns = [(row.published, row.quantity) for row in whole if not np.isnan(row.value)]
    if columns:
        lines += ["Orders by workload, intervals over seeds or studies alone:", ""]
        taus = {(row.workload, row.published, row.quantity): number(row) for row in orders}
        head = ["workload", *(f"{titles[order]}: {quantity}" for order, quantity in columns)]
        lines += table(head, [[name, *(taus.get((name, *column), "-") for column in columns)] for name in names])
    return "\n".join(lines + matched(results, data))


def matched(results: Results, data: Published) -> list[str]:
    """Which published names stand for which of ours, and what differs."""
    ran = set(results.trials["candidate"])
    lines = []
    for order in data.orders:
        lines += [f"{order.title}: {order.compared}. Score: {order.metric}. {order.source}.", ""]
        rows = []
        for entry in order.entries:
            stands = "none" if entry.ours is None else entry.ours if entry.ours in ran else f"{entry.ours}, not run"
            rows.append([entry.published, f"{entry.score:.3f}", stands, entry.difference])
        lines += table(["published", "score", "ours", "difference"], rows)
        lines += [*(f"- {caveat}" for caveat in order.caveats), ""]
    for ratio in data.ratios:
        told = f"{ratio.title}: {ratio.ratio:.2f}"
        lines += [f"{told} ({ratio.range}). {ratio.source}." if ratio.range else f"{told}. {ratio.source}.", ""]
        lines += [*(f"- {caveat}" for caveat in ratio.caveats), ""]
    return lines


def put(text: str, file: Path, begin: str = BEGIN, end: str = END) -> None:
    """Into a page, between marks; OptbenchError where it has none."""
    if not file.is_file():
        raise OptbenchError(f"--into {file}: there is no such page")
    page = file.read_text(encoding="utf-8")
    head, found, rest = page.partition(begin)
    _, closed, tail = rest.partition(end)
    if not found or not closed:
        raise OptbenchError(f"--into {file}: no marks {begin} and {end} that the text would stand between")
    file.write_text(f"{head}{begin}\n\n{text.strip()}\n\n{end}{tail}", encoding="utf-8")


def save(rows: list[Row], file: Path) -> None:
    """One line a comparison; empty where there is no number."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(Row.__dataclass_fields__), lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow({key: plain(value) for key, value in vars(row).items()})


def plain(value: Any) -> Any:
    return value if not isinstance(value, float) else "" if np.isnan(value) else f"{value:.6g}"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="a run's folder, its store, archives of it, or reference/SUITE")
    parser.add_argument("--into", type=Path, help="put the card into this page, between its marks")
    parser.add_argument("--csv", type=Path, help="write one line a comparison to this file")
    given = parser.parse_args(arguments)
    try:
        results, data = load(given.folder), published()
        rows = card(results, data)
        text = markdown(rows, results, data)
        if given.into:
            put(text, given.into)
        else:
            print(text)
        if given.csv:
            save(rows, given.csv)
    except OptbenchError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
