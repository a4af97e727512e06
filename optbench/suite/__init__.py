"""Suites: TOML files that name workloads and candidates, read into frozen models.

A suite is pure data: `optbench.tuning` makes trials of it, `optbench.running.runner` runs them.
"""

from optbench.suite.candidate import Candidate, CandidateTuning, Tuning
from optbench.suite.claim import METRICS, Claim
from optbench.suite.document import Suite
from optbench.suite.files import load, parse, source, validate
from optbench.suite.provenance import Provenance
from optbench.suite.topic import Topic
from optbench.suite.workload import (
    SplitSettings,
    Target,
    Workload,
    metric_of,
    target_metrics,
    task_of,
)

__all__ = [
    "METRICS",
    "Candidate",
    "CandidateTuning",
    "Claim",
    "Provenance",
    "SplitSettings",
    "Suite",
    "Target",
    "Topic",
    "Tuning",
    "Workload",
    "load",
    "metric_of",
    "parse",
    "source",
    "target_metrics",
    "task_of",
    "validate",
]
