"""Results whose suite and claims have their texts in the language that is spoken."""

from functools import cached_property
from typing import Any

import pandas as pd

from optbench.language import ENGLISH, spoken
from optbench.language import gettext as _
from optbench.language.suites import source, translated


def told_by(results: Any) -> Any:
    """The results as the page tells them; in English as they are."""
    return results if spoken() == ENGLISH else Spoken(results)


class Spoken:
    """`results`, but for the texts of its suite, title and claims; `recorded` is the suite as it was run."""

    def __init__(self, results: Any):
        self._results = results

    def __getattr__(self, name: str) -> Any:
        return getattr(self._results, name)

    @property
    def recorded(self) -> dict[str, Any]:
        return dict(self._results.suite)

    @cached_property
    def suite(self) -> dict[str, Any]:
        return translated(self._results.suite)

    @cached_property
    def title(self) -> str:
        title = self._results.title or ""
        return _(title)

    def claims(self) -> pd.DataFrame:
        found: pd.DataFrame = self._results.claims()
        if not len(found):
            return found
        said = {name: found[name].map(_) for name in ("statement", "topic") if name in found}
        return found.assign(**said, source=found["source"].fillna("").map(source))
