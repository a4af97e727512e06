from optbench.report import figures


def test_outcome_bars_add_up_to_the_trials(few):
    figure = figures.outcome_counts(few.trials)
    widths = sum(p.get_width() for p in figure.axes[0].patches)
    assert widths == (few.trials["phase"] == "final").sum()
