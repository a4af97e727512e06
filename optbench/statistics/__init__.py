"""How optbench compares: pure functions of arrays and tables, each with the source of its formula.

bootstrap      resampling, percentile and Student's intervals
cells          the trials' table as arrays; how runs without a result count
profiles       performance profiles of times to target and their score
ratios         times as multiples of a fixed baseline's
iqm            interquartile mean, probability of improvement, optimality gap
running_time   expected running time
best_of        the expected best of k tuning trials
sensitivity    how carefully a rate must be chosen
paired         effects of paired seeds
improvement    the probability of improvement, with an interval
ecdf           the share of many targets reached within a budget
ranks          Friedman, Wilcoxon-Holm, the critical difference: many workloads
held_out       variants of workloads that tuning never saw: how settings carry over
leaderboard    the leaderboard and the table of workloads
"""

from optbench.statistics.best_of import expected_best, tuning_curve
from optbench.statistics.bootstrap import mean_interval, median_interval, medians, t_interval
from optbench.statistics.cells import final_values, normalized, with_failures
from optbench.statistics.ecdf import target_ecdf
from optbench.statistics.held_out import carry_over, disqualified
from optbench.statistics.improvement import improvement_interval, improvements
from optbench.statistics.iqm import iqm, optimality_gap, probability_of_improvement, stratified_interval
from optbench.statistics.leaderboard import leaderboard, workload_table
from optbench.statistics.paired import Effect, paired_effect, sign_flip
from optbench.statistics.profiles import profile, score
from optbench.statistics.ranks import (
    Friedman,
    average_ranks,
    cliques,
    critical_difference,
    friedman,
    power_statement,
    wilcoxon_holm,
    workloads_needed,
)
from optbench.statistics.ratios import ratio_to_baseline
from optbench.statistics.running_time import expected_running_time
from optbench.statistics.sensitivity import Sensitivity, sensitivity

__all__ = [
    "Effect",
    "Friedman",
    "Sensitivity",
    "average_ranks",
    "carry_over",
    "cliques",
    "critical_difference",
    "disqualified",
    "expected_best",
    "expected_running_time",
    "final_values",
    "friedman",
    "improvement_interval",
    "improvements",
    "iqm",
    "leaderboard",
    "mean_interval",
    "median_interval",
    "medians",
    "normalized",
    "optimality_gap",
    "paired_effect",
    "power_statement",
    "probability_of_improvement",
    "profile",
    "ratio_to_baseline",
    "score",
    "sensitivity",
    "sign_flip",
    "stratified_interval",
    "t_interval",
    "target_ecdf",
    "tuning_curve",
    "wilcoxon_holm",
    "with_failures",
    "workload_table",
    "workloads_needed",
]
