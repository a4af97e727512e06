"""The results of one lesson: of a store that may hold those of others, or of a topic that only explains, of which
there are none."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optbench.results.results import Results
from optbench.suite.lessons import Lesson

if TYPE_CHECKING:
    import pandas as pd


class LessonResults(Results):
    """Of the results in a folder those that a lesson asks for."""

    def __init__(self, folder: str | Path, part: Lesson):
        self.part = part
        super().__init__(folder)

    @cached_property
    def _meta(self) -> dict[str, Any]:
        kept = super()._meta
        ran = [
            [work["name"], candidate["name"]]
            for work in self.part["workloads"]
            for candidate in self.part["candidates"]
            if candidate["workloads"] is None or work["name"] in candidate["workloads"]
        ]
        asked = {"pairs": ran, "suite": self.part, "only": True}
        return {**kept, "title": self.part.topic["name"], "suite": self.part, "now": asked, "sealed": None}


class Untold:
    """A lesson that nothing is run for: empty tables."""

    environment: Mapping[str, Any] = {}
    problems: Sequence[str] = ()
    baseline = None
    now: frozenset[tuple[str, str]] = frozenset()
    made_in: Mapping[tuple[str, str], Any] = {}

    def __init__(self, part: Lesson):
        self.suite = part
        self.title = part.topic["name"]
        self.undrawn: list[str] = []

    @cached_property
    def trials(self) -> "pd.DataFrame":
        import pandas as pd

        from optbench.statistics.metrics import TRIAL_COLUMNS

        return pd.DataFrame(columns=list(TRIAL_COLUMNS))

    @property
    def curves(self) -> "pd.DataFrame":
        import pandas as pd

        return pd.DataFrame(columns=["workload", "candidate", "phase"])

    def leaderboard(self) -> "pd.DataFrame":
        import pandas as pd

        return pd.DataFrame()

    def cautions(self) -> "pd.DataFrame":
        import pandas as pd

        return pd.DataFrame()

    def claims(self) -> "pd.DataFrame":
        from optbench.statistics.claims import judge_all

        return judge_all([], self.trials)


def lesson_results(folder: str | Path, part: Lesson) -> "LessonResults | Untold":
    """What a folder's store has of a lesson; of one without workloads nothing, and no store is needed."""
    return LessonResults(folder, part) if part["workloads"] else Untold(part)
