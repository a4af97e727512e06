"""The verdicts of a suite's claims, a section a topic."""

from functools import partial

import pandas as pd

from optbench.language import gettext as _
from optbench.report import figures
from optbench.report.parts import Picture, Section
from optbench.report.tables.claims import claims as claims_table


def claim_sections(claims: pd.DataFrame) -> list[Section]:
    """A section a topic, in the claims' order."""
    parts = []
    topics = (
        claims["topic"].fillna("").astype(str) if "topic" in claims else pd.Series("", index=claims.index)
    )
    for number, topic in enumerate(dict.fromkeys(topics)):
        rows = claims[topics == topic]
        name = "claims" if number == 0 else f"claims-{number + 1}"
        title = _("Claims: {topic}").format(topic=topic) if topic else _("Claims")
        parts.append(
            Section(
                name,
                title,
                _(
                    "The paired effect over seeds with its 95 % interval; to the right of 0 it is as claimed. Each row "
                    "is measured by half of its interval's width: the farther to the right, the clearer. A claim of "
                    "equality holds where the interval lies within the grey band."
                ),
                [
                    Picture(
                        name,
                        _("Effects of the claims with 95 % intervals and verdicts; the table below has the numbers."),
                        "",
                        partial(figures.claims_forest, rows),
                    )
                ],
                tables=[claims_table(rows, name, title)],
                group="Claims",
                gist=counted(rows),
            )
        )
    return parts


def counted(claims: pd.DataFrame) -> str:
    """3 supported, 1 undecided."""
    counts = claims["verdict"].value_counts()
    words = [word for word in ("supported", "refuted", "undecided") if word in counts]
    return _(", ").join(_("{count} {verdict}").format(count=counts[w], verdict=_(w)) for w in words)
