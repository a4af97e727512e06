"""Seeds of confirmations: no search and no final run uses them, and no two studies share any."""

import pytest

from optbench.trials.confirmation import MOST_CONFIRMATIONS, confirming, confirming_seeds
from optbench.trials.seeds import MOST_SEEDS, final_seeds, tuning_seed


def test_no_other_run_and_no_other_study_uses_them():
    studies = [set(confirming_seeds(study, MOST_CONFIRMATIONS)) for study in range(1000)]
    together = set().union(*studies)
    assert len(together) == sum(map(len, studies))
    assert not together & {tuning_seed(study) for study in range(1000)}
    assert not together & set(final_seeds(MOST_SEEDS))
    assert all(map(confirming, together))
    assert not any(map(confirming, [tuning_seed(999), *final_seeds(MOST_SEEDS)]))


def test_more_of_them_keep_the_first():
    assert list(confirming_seeds(3, 5))[:2] == list(confirming_seeds(3, 2))
    assert list(confirming_seeds(0, 0)) == []


@pytest.mark.parametrize("count", [-1, MOST_CONFIRMATIONS + 1])
def test_not_so_many(count):
    with pytest.raises(ValueError, match=r"in \[0, 1000\]"):
        confirming_seeds(0, count)
