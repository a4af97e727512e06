"""Why one candidate does better than another: from its settings to the other's in steps, each trained and weighed.

asked         what is to be explained: the settings of both on each workload, from a run or from a suite
steps         what they differ in, in order; the settings of each state between them
trained       the states trained on fresh seeds, what is finished taken over
explanation   what came of it, as tables and sentences
words         the sentences
"""
