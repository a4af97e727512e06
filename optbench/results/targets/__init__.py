"""Targets: what a workload's runs have to reach, computed by a procedure instead of from one lucky run.

procedure   from the runs of tuned baselines to targets, with where they come from
document    into a suite's file, whose comments and layout stay

The command `optbench targets` runs the baselines; when a run met its targets,
`optbench.statistics.times` says.
"""
