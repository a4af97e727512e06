"""Targets: what a workload's runs have to reach, computed by a procedure instead of from one lucky run.

procedure   from the runs of tuned baselines to targets, with where they come from
document    into a suite's file, whose comments and layout stay
times       when each run met each of a workload's targets
"""

from optbench.results.targets.procedure import PROCEDURE, Computed, compute, prepared
from optbench.statistics.times import target_times

__all__ = ["PROCEDURE", "Computed", "compute", "prepared", "target_times"]
