"""Seeds of confirmations: the finalists of a search are trained on them, too, before one is selected.

They lie above the seeds of every search, as those lie above every seed that is reported. They are not in `seeds`, whose
code is part of each trial's key: these choose which trials there are, and change none.
"""

#: above `TUNING_SEED` and the number of any study
CONFIRMING_SEED = 100_000
#: of each finalist of a study
MOST_CONFIRMATIONS = 1000


def confirming_seeds(study: int, count: int) -> range:
    """The further seeds of a study (0, 1, …), the same for all candidates, so that confirmations are paired, too."""
    if not 0 <= count <= MOST_CONFIRMATIONS:
        raise ValueError(f"confirmations must be in [0, {MOST_CONFIRMATIONS}], got {count}")
    first = CONFIRMING_SEED + MOST_CONFIRMATIONS * study
    return range(first, first + count)


def confirming(seed: int) -> bool:
    """Whether a trial with this seed confirms a setting that a search has tried."""
    return seed >= CONFIRMING_SEED
