"""What `optbench list` shows in a terminal of 80 columns."""

import io

from rich.console import Console

from optbench.registry.listing import listing, listing_table


def test_no_word_is_broken_over_lines_at_80_columns():
    found = listing(["optimizers", "schedules", "datasets"])
    out = io.StringIO()
    console = Console(file=out, width=80)
    for table in listing_table(found):
        console.print(table)
    words = set(out.getvalue().split())
    for kind, items in found.items():
        for item in items:
            assert item["name"] in words, kind
            for name, value in item["hyperparameters"].items():
                told = f"{name}={value['default']}".split()[0]
                assert told in words or f"{told}," in words, told
    assert max(map(len, out.getvalue().splitlines())) <= 80
