"""A table of real categories is the one that its authors describe."""

import numpy as np

from optbench.builtin.datasets.auto_mpg import AutoMpg


def test_cars_have_their_cylinders_years_and_origins():
    data = AutoMpg().load(np.random.default_rng(0))
    assert data.categories == (5, 13, 3)
    # of 3, 4, 5, 6 and 8 cylinders; 245 American, 68 European, 79 Japanese cars
    assert np.bincount(data.x[:, 0].astype(int)).tolist() == [4, 199, 3, 83, 103]
    assert np.bincount(data.x[:, 2].astype(int)).tolist() == [245, 68, 79]
    assert (data.y.min(), data.y.max()) == (9.0, 46.6)
    # the Chevrolet Chevelle Malibu of 1970: 8 cylinders
    assert data.x[0].tolist() == [4, 0, 0, 307, 130, 3504, 12]
    assert data.y[0] == 18
