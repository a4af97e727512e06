"""Many runs' numbers at once are what a loop over the runs finds."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from optbench.contract.context import Measurement
from optbench.statistics.blocks import crossed, decode
from optbench.statistics.metrics import TARGETS
from optbench.store.packing import pack
from optbench.trials.crossing import crossings
from optbench.trials.trial import Run

#: a problem's own
OWN = ("validation_miss_by:lower:mm", "train_gain:higher")


def measurement(step, accuracy=0.5, loss=1.0):
    return Measurement(
        step, step / 10, 2 * step, step / 100, 0.1, loss + 1, accuracy + 0.1, loss, accuracy, 1.0
    )


values = st.one_of(st.floats(), st.sampled_from([0.0, 0.5, 1.0]), st.floats(0.01, 2.0))
levels = st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]) | st.floats(0.01, 1.5), min_size=1, max_size=3)


@given(
    st.lists(
        st.tuples(
            st.lists(st.tuples(values, values), max_size=6),
            st.none() | st.tuples(st.sampled_from([*TARGETS, *OWN]), levels.map(tuple)),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_crossings_are_those_of_each_run_by_itself(cases):
    runs = [Run("done", tuple(measurement(i, *v) for i, v in enumerate(points))) for points, _ in cases]
    rows = [pack(run) for run in runs]
    block = decode((row[2], row[3], row[6], row[7]) for row in rows)
    found = crossed(block, [target for _, target in cases])
    for i, (run, (_, target)) in enumerate(zip(runs, cases, strict=True)):
        rungs = () if target is None else target[1]
        for name, times in found.items():
            assert np.isnan(times[i, len(rungs) :]).all()
            at = np.array([getattr(m, name) for m in run.measurements], dtype=float)
            if rungs:
                split, what = target[0].split("_", 1)
                field = f"{split}_{'loss' if what == 'loss' else 'metric'}"
                seen = np.array([getattr(m, field) for m in run.measurements])
                expected = crossings(at, seen, np.array(rungs), what in ("loss", "miss_by:lower:mm"))
                one = {"step": 1.0, "gradients": 2.0, "epoch": 0.1}[name]
                np.testing.assert_allclose(times[i, : len(rungs)], np.maximum(expected, one if len(at) > 1 else 1.0))


def test_a_time_lies_between_two_measurements_and_is_at_least_a_step():
    run = Run("done", tuple(measurement(s, loss=v) for s, v in ((0, 1.0), (10, 0.1), (20, 0.01))))
    row = pack(run)
    block = decode([(row[2], row[3], row[6], row[7])])
    # by factors of ten in ten steps: the root of a tenth in five
    found = crossed(block, [("validation_loss", (2.0, 10**-0.5, 0.1, 10**-1.5, 0.001))])
    np.testing.assert_allclose(found["step"], [[1.0, 5.0, 10.0, 15.0, np.inf]])
    np.testing.assert_allclose(found["gradients"], [[2.0, 10.0, 20.0, 30.0, np.inf]])
    np.testing.assert_allclose(found["epoch"], [[0.1, 0.5, 1.0, 1.5, np.inf]])
