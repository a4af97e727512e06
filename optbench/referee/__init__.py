"""Calibration of the referee itself: does optbench keep its own promises?

    python -m optbench.referee --out FOLDER

writes referee.csv, referee.md and referee.png: how often each procedure that speaks a verdict speaks one where nothing
differs (A/A comparisons: one optimizer under two names), with fixed seeds and while seeds are added, how often equality
is found one margin apart, how often each 95 % interval holds a truth that is known, and how many seeds it takes to see
a speed-up of 10 %. --part measures one of these alone, beside what FOLDER has of the others.

worlds     populations of results: from 4,000 real trainings (trainings.toml), and made up
aa         A/A comparisons
coverage   intervals against known truths
power      a known speed-up
drawing    the table and the figure
estimators how calm measurements of speed are, on the results of a run: --estimators FOLDER
asked      one candidate against many, which correction finds more: --asked
tunings    a suite tuned anew several times, would it say the same: --tunings 5 SUITE
decisive   on which of its workloads candidates are told apart, with the same
plans      what a plan says against what the run then gives: --plans SUITE
stopping   stopping as soon as all is decided: --stopping
"""
