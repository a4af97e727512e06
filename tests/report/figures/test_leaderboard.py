import numpy as np
import pandas as pd

from optbench.report import figures


def _array_line(line):
    line.set_xdata(np.asarray(line.get_xdata()))
    return line


def test_leaderboard_draws_value_and_interval():
    board = pd.DataFrame({"score": [0.8], "score_low": [0.7], "score_high": [0.95]}, index=["adam"])
    lines = [line.get_xdata().tolist() for line in map(_array_line, figures.leaderboard(board).axes[0].lines)]
    assert lines == [[0.7, 0.95], [0.8]]
