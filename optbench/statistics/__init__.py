"""How optbench compares: pure functions of arrays and tables, each with the source of its formula.

arguments      what the public functions are given, checked
tables         from a store's runs to the tables that all else starts from
bootstrap      resampling, percentile, expanded and Student's intervals; medians and their intervals
cells          the trials' table as arrays; how runs without a result count
profiles       performance profiles of times to target and their score
ratios         times as multiples of a fixed baseline's
iqm            interquartile mean, probability of improvement, optimality gap
running_time   expected running time
best_of        the expected best of k tuning trials
budgets        rank against k, and where two candidates change places
scope          whether a sentence is about settings or about a method with its tuning
sensitivity    how carefully a rate must be chosen
score_interval    an interval for the profile's score, which ties make difficult
paired         effects of paired seeds: Student's interval, sign flips
pairs          the trials' table as pairs of seeds; how misses count in them
compare        tests on paired seeds, workload by workload
questions      how fast, and how well: what was asked of whom, with a word each
verdict        the answers to both questions
sentences      the same in words
numerals       numbers as text
improvement    the probability of improvement, with an interval
ladder         targets of a workload from easy to hard
rungs          times to ladders as pairs of seeds
flips          signs flipped at random, of many comparisons at once
equality       equal within a margin; the word on a comparison
many           one against many, corrected for these and no others
versus         comparisons of a candidate with others, or of all pairs, with words
spending       what each look at unfinished data may spend of alpha
level          at what level a word or an interval holds after several looks
looks          the same words while seeds are added, valid however often one looks
stopped        effects after stopping
planning       what a run will be able to tell, and how many seeds that takes
groups         who is told apart from whom, where there is no ranking
contrasts      differences of differences on paired seeds
interactions   main effects and interactions of crossed components
shares         what share a part has of a whole, with Fieller's interval
waterfall      from one candidate to another in steps, each with its share of the difference
ecdf           the share of many targets reached within a budget
ranks          Friedman and the critical difference: many workloads
wilcoxon       Wilcoxon-Holm: pairs of candidates over many workloads, and how many it takes
holm           the correction for many tests
held_out       variants of workloads that tuning never saw: how settings carry over
leaderboard    the leaderboard and the table of workloads
"""

from inspect import isfunction as _isfunction

from optbench.statistics.arguments import checked as _checked
from optbench.statistics.best_of import expected_best, pooled_tuning_curve, tuning_curve
from optbench.statistics.bootstrap import mean_interval, median_interval, medians, t_interval
from optbench.statistics.budgets import budget_changes, budget_ranks
from optbench.statistics.cells import final_values, normalized, with_failures
from optbench.statistics.compare import workload_tests
from optbench.statistics.ecdf import target_ecdf
from optbench.statistics.equality import Equality, equality, log_margin, word
from optbench.statistics.groups import Groups, groups
from optbench.statistics.held_out import carry_over, disqualified
from optbench.statistics.improvement import improvement_interval, improvements
from optbench.statistics.interactions import interactions
from optbench.statistics.iqm import (
    iqm,
    iqm_interval,
    optimality_gap,
    probability_of_improvement,
    stratified_interval,
)
from optbench.statistics.ladder import Curve, ladder
from optbench.statistics.leaderboard import leaderboard, workload_table
from optbench.statistics.level import Level, at_look
from optbench.statistics.looks import Decision, Plan, Progress, decide, rounds
from optbench.statistics.many import MaxT, max_t
from optbench.statistics.paired import Effect, paired_effect, sign_flip
from optbench.statistics.pairs import Paired, seed_pairs
from optbench.statistics.planning import equal_power, least_difference, noise, power, seeds_needed
from optbench.statistics.profiles import profile, score
from optbench.statistics.questions import Question, question
from optbench.statistics.ranks import (
    Friedman,
    average_ranks,
    cliques,
    critical_difference,
    friedman,
)
from optbench.statistics.ratios import ratio_to_baseline
from optbench.statistics.rungs import Ladder, ladder_pairs, workload_ladder
from optbench.statistics.running_time import expected_running_time
from optbench.statistics.scope import Scope, scope
from optbench.statistics.score_interval import score_interval
from optbench.statistics.sensitivity import Sensitivity, sensitivity
from optbench.statistics.stopped import Stopped, after_stopping, estimate
from optbench.statistics.verdict import Standing, verdict
from optbench.statistics.versus import Comparison, all_against_all, versus
from optbench.statistics.wilcoxon import power_statement, wilcoxon_holm, workloads_needed
from optbench.trials.crossing import crossings

__all__ = [
    "Comparison",
    "Curve",
    "Decision",
    "Effect",
    "Equality",
    "Friedman",
    "Groups",
    "Ladder",
    "Level",
    "MaxT",
    "Paired",
    "Plan",
    "Progress",
    "Question",
    "Scope",
    "Sensitivity",
    "Standing",
    "Stopped",
    "after_stopping",
    "all_against_all",
    "at_look",
    "average_ranks",
    "budget_changes",
    "budget_ranks",
    "carry_over",
    "cliques",
    "critical_difference",
    "crossings",
    "decide",
    "disqualified",
    "equal_power",
    "equality",
    "estimate",
    "expected_best",
    "expected_running_time",
    "final_values",
    "friedman",
    "groups",
    "improvement_interval",
    "improvements",
    "interactions",
    "iqm",
    "iqm_interval",
    "ladder",
    "ladder_pairs",
    "leaderboard",
    "least_difference",
    "log_margin",
    "max_t",
    "mean_interval",
    "median_interval",
    "medians",
    "noise",
    "normalized",
    "optimality_gap",
    "paired_effect",
    "pooled_tuning_curve",
    "power",
    "power_statement",
    "probability_of_improvement",
    "profile",
    "question",
    "ratio_to_baseline",
    "rounds",
    "scope",
    "score",
    "score_interval",
    "seed_pairs",
    "seeds_needed",
    "sensitivity",
    "sign_flip",
    "stratified_interval",
    "t_interval",
    "target_ecdf",
    "tuning_curve",
    "verdict",
    "versus",
    "wilcoxon_holm",
    "with_failures",
    "word",
    "workload_ladder",
    "workload_table",
    "workload_tests",
    "workloads_needed",
]

# what strangers give is checked here, at the door: functions of the room call each other without
for _name in __all__:
    if _isfunction(globals()[_name]):
        globals()[_name] = _checked(globals()[_name])
