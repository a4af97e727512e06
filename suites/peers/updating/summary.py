"""Updates with a column a network: `python suites/peers/updating/summary.py FILE`, of `updates.py --json FILE`.

Ratios are ours by theirs, with the quartiles of the rounds' own ratios, and our time.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from peers.table import machine_lines, seconds
from peers.updating import CASES
from peers.updating.networks import NETWORKS, layout


def cell(record: dict) -> str:
    if record["status"] not in ("reached", "missed"):
        return str(record["status"])
    ratio = f"{record['value']:.2f} ({record['low']:.2f} to {record['high']:.2f}), {seconds(record['over'])}"
    return ratio if record["status"] == "reached" else f"**{ratio}**"


def table(records: list[dict]) -> list[str]:
    """The lines of the table, in the order of the cases; bold is what missed its reach."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for record in records:
        optimizer, size = record["family"].removeprefix("update-").rsplit("-", 1)
        found.setdefault((optimizer, record["against"]), {})[size] = cell(record)
    order = {name: place for place, name in enumerate(CASES)}
    lines = [f"| update | against | {' | '.join(f'{layout(size).size:,} parameters' for size in NETWORKS)} |"]
    lines.append("|---|---|" + "---|" * len(NETWORKS))
    for (optimizer, against), cells in sorted(found.items(), key=lambda item: order[item[0][0]]):
        lines.append(f"| {optimizer} | {against} | {' | '.join(cells.get(size, '') for size in NETWORKS)} |")
    return lines


if __name__ == "__main__":
    runs = [json.loads(Path(name).read_text()) for name in sys.argv[1:]]
    print("\n".join(table([record for run in runs for record in run["rows"]])))
    print(machine_lines(runs[-1]["date"], runs[-1]["machine"]))
