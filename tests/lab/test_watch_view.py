"""A watched training in the terminal."""

import io
import re
from types import SimpleNamespace

import pytest
from rich.console import Console

from optbench.contract.context import Measurement
from optbench.lab.watch_view import (
    NOTICE,
    Lines,
    Screen,
    charts,
    line,
    log_values,
    panels,
    points,
    round_values,
)

NAN = float("nan")


def measurement(step, **more):
    values = {
        "step": step, "epoch": step / 10, "gradients": step, "seconds": 0.1 * step, "rate": 0.01,
        "train_loss": 2.0 / (step + 1), "train_metric": 0.5, "validation_loss": 3.0 / (step + 1),
        "validation_metric": 0.4, "gradient_norm": 1.0 if step else NAN,
    }  # fmt: skip
    return Measurement(**{**values, **more})


HISTORY = [measurement(step) for step in range(0, 100, 5)]
FUNCTION = [measurement(s, train_metric=NAN, validation_loss=NAN, validation_metric=NAN) for s in range(0, 100, 5)]


def bare(text):
    return re.sub(r"\x1b\[[\d;]*m", "", text)


@pytest.mark.parametrize(("width", "height"), [(79, 20), (119, 28), (72, 16)])
def test_charts_fill_their_place_and_nothing_covers_the_data(width, height):
    text = charts(HISTORY, [], "accuracy", width, height, 100)
    rows = bare(text).rstrip("\n").split("\n")
    assert len(rows) <= height
    assert max(map(len, rows)) <= width
    for name in ("loss", "accuracy", "rate", "gradient norm"):
        assert name in bare(text)
    # names stand in titles; a box within a chart would have a second corner in its row
    assert max(row.count("┌") for row in rows) == 2
    assert bare(text).count("── train") == bare(text).count("── validation") == 2


def test_charts_leave_the_terminals_own_background():
    text = charts(HISTORY, [{"step": 40, "set": {}}], "accuracy", 79, 20, 100)
    assert not re.search(r"\x1b\[(?:[\d;]*;)?(?:48;|4\d(?:;\d+)*m|10[0-7])", text)
    assert "38;5;" in text


def test_a_change_is_a_line_in_every_chart():
    without = bare(charts(HISTORY, [], "accuracy", 79, 20, 100))
    with_one = bare(charts(HISTORY, [{"step": 40, "set": {}}], "accuracy", 79, 20, 100))
    assert without.count("┊") == 0
    assert max(row.count("┊") for row in with_one.split("\n")) == 2


def test_axes_reach_to_the_end_of_the_budget():
    rows = bare(charts(HISTORY[:2], [], "accuracy", 119, 28, 4000)).split("\n")
    assert any(re.search(r"0\s+1000\s+2000\s+3000", row) for row in rows)


def test_a_function_has_no_empty_chart():
    assert [p.title for p in panels(FUNCTION, "metric")] == ["loss", "rate", "gradient norm"]
    text = bare(charts(FUNCTION, [], "metric", 79, 20, 100))
    assert "metric" not in text
    assert "validation" not in text
    assert "nan" not in line(FUNCTION[3], "metric")
    assert "epoch" not in line(FUNCTION[3], "metric")


def test_numbers_that_cannot_be_drawn_are_left_out():
    broken = [measurement(0, train_loss=0.0), measurement(5, train_loss=NAN), measurement(10, train_loss=float("inf"))]
    assert points(broken, "train_loss", True) == []
    charts(broken, [], "accuracy", 79, 20, 10)
    charts(broken[:1], [], "accuracy", 79, 20, 1)


def test_a_long_history_is_thinned_but_its_last_point_stays():
    history = [measurement(step) for step in range(5000)]
    found = points(history, "train_loss", True)
    assert len(found) < 200
    assert (found[0][0], found[-1][0]) == (0, 4999)


def test_ticks_are_round():
    assert round_values(0, 320, 4) == [0, 100, 200, 300]
    assert round_values(0.13, 0.98, 3) == pytest.approx([0.5])
    assert round_values(0, 1, 1) == [0, 1]
    assert [round(10**v, 6) for v in log_values(-2.2, 0.2)] == [0.01, 0.1, 1]
    assert [round(10**v, 6) for v in log_values(-1.1, 0.1)] == [0.1, 0.2, 0.5, 1]
    assert list(log_values(-8, 8))


# --------------------------------------------------------------------------------------------------- the views


def session(history, number=50, steps=100, run=None, changes=()):
    training = SimpleNamespace(number=number, budget=SimpleNamespace(steps=steps))
    return SimpleNamespace(history=history, training=training, run=run, changes=list(changes))


def test_lines_are_written_once_each():
    written = []
    view = Lines("accuracy", written.append)
    with view:
        view(session(HISTORY[:2]))
        view(session(HISTORY[:3]))
        view.stopping()
    assert [text.split(",")[0] for text in written] == ["step 0", "step 5", "step 10", NOTICE]
    assert "validation accuracy 0.4000, rate 0.01, gradient norm 1" in written[1]


def terminal(width, height):
    return Console(file=io.StringIO(), force_terminal=True, width=width, height=height, color_system="256")


@pytest.mark.parametrize(("width", "height"), [(80, 24), (200, 60), (30, 10)])
def test_the_screen_stays_within_the_terminal(width, height):
    console = terminal(width, height)
    shown = list(console.render_lines(Screen("accuracy", console).picture(session(HISTORY), 100), pad=False))
    assert len(shown) <= height - 1
    text = ["".join(segment.text for segment in row) for row in shown]
    assert max(map(len, text)) <= width
    assert ("┌" in "".join(text)) == (height >= 24)
    assert "gradient norm 1" in " ".join(" ".join(text[-4:]).split())


def test_the_screen_is_redrawn_now_and_then_and_at_the_end():
    console = terminal(80, 24)
    drawn = []
    with Screen("accuracy", console) as screen:
        screen.picture = lambda s, steps: drawn.append(s.training.number) or ""
        screen(session([], 0))
        for number in range(1, 50):
            screen(session(HISTORY, number))
        screen(session(HISTORY, 100))
        screen(session(HISTORY, 60, run=object()))
    assert drawn[0] == 1
    assert drawn[-2:] == [100, 60]
    assert len(drawn) < 10


def test_the_first_ctrl_c_is_answered_also_in_the_midst_of_drawing():
    console = terminal(80, 24)
    with Screen("accuracy", console) as screen:
        screen.stopping()
    assert console.file.getvalue().count(NOTICE) == 1
    console = terminal(80, 24)
    with Screen("accuracy", console) as screen:
        screen.picture = lambda s, steps: screen.stopping() or ""
        screen(session(HISTORY, 1))
    assert console.file.getvalue().count(NOTICE) == 1
