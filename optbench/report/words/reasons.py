"""Why a claim is undecided, and what else to know of it, in the language that is spoken.

`optbench.statistics.claims` says it in English with its numbers filled in, and tables hold that; here each is known by
its shape.
"""

import re
from functools import cache

from optbench.language import ENGLISH, N_, spoken
from optbench.language import gettext as _

#: what several are parted by
BETWEEN = "; "
SHAPES = (
    N_("the interval holds both outcomes"),
    N_("the interval holds 0, so the data fit both outcomes"),
    N_("the data leave it open"),
    N_("a single pair of runs shows no spread"),
    N_("the interval crosses the margin of {margin}"),
    N_("the candidates do not differ in any pair"),
    N_("a sign-flip test does not agree with the interval"),
    N_("{pairs} pairs are too few for a sign-flip test at {level}, which needs {least}"),
    N_("their times are equal within {share}"),
    N_("together supported, but refuted on {workloads}"),
    N_("together refuted, but supported on {workloads}"),
    N_("no workload has final runs of both candidates"),
    N_("nothing says whether lower or higher {metric} is better"),
    N_("{count} of {runs} runs on {workload} missed the target"),
    N_("{count} runs missed the target"),
    N_("no look was taken yet"),
    N_("{candidate} has no final run on {workload}"),
    N_("no run recorded {metric}"),
    N_("no seed on {workload} has a value of {metric} for both candidates"),
    N_("{workload} has no target"),
    N_("no run of either candidate reached the target of {workload}"),
    N_("pairs are studies, each the mean of its seeds"),
)


def said(reason: str) -> str:
    """Reasons, each in the language that is spoken; one of no known shape stays as it is."""
    return reason if spoken() == ENGLISH else _("; ").join(_one(part) for part in reason.split(BETWEEN))


def _one(reason: str) -> str:
    for shape, pattern in _patterns():
        if found := pattern.fullmatch(reason):
            return _(shape).format(**found.groupdict())
    return _(reason)


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    return [(s, re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+)", re.escape(s)))) for s in SHAPES]
