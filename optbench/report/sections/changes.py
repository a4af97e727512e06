"""What changed since another run."""

from optbench.report.parts import Section
from optbench.report.tables.changes import judged, listed
from optbench.report.words.changes import headline
from optbench.report.words.numbers import plain
from optbench.results.comparison import Comparison


def changes_section(found: Comparison) -> Section:
    """The comparison on the page of `after`."""
    notes = [*found.notes]
    for word, sets in (("Added", found.added), ("Missing", found.missing)):
        notes += [f"{word} {kind}: {', '.join(names)}." for kind, names in sets.items() if names]
    sheets = [judged(found)]
    for name, title, frame in (
        ("changed-settings", "Settings that were selected differently", found.settings),
        ("changed-outcomes", "Outcomes whose numbers changed", found.outcomes),
        ("changed-environment", "What differs in the environments", found.environments),
    ):
        if len(frame):
            sheets.append(listed(name, title, frame))
    return Section(
        "changes",
        "What changed",
        f"This run beside {plain(found.before)}, trials paired by seed. Steps and seconds are multiples of what they "
        "were there, below 1 is faster; final results are differences on a scale from 0 to 1, above 0 is better. "
        "Intervals are 95 %, words follow Holm's correction over the whole table; equal is within the suite's margins. "
        "The cost of a step is told without a word.",
        tables=sheets,
        notes=notes,
        group="Comparison",
        gist=headline(found),
    )
