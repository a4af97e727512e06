"""Many runs' numbers at once are what a loop over the runs finds."""

from hypothesis import given
from hypothesis import strategies as st

from optbench.contract.context import Measurement
from optbench.statistics.blocks import decode, first_met
from optbench.statistics.metrics import TARGETS
from optbench.store.packing import pack
from optbench.trials.trial import Run


def measurement(step, accuracy=0.5, loss=1.0):
    return Measurement(
        step, step / 10, 2 * step, step / 100, 0.1, loss + 1, accuracy + 0.1, loss, accuracy, 1.0
    )


values = st.one_of(st.floats(), st.sampled_from([0.0, 0.5, 1.0]))


@given(
    st.lists(
        st.tuples(
            st.lists(st.tuples(values, values), max_size=5),
            st.none() | st.tuples(st.sampled_from(sorted(TARGETS)), st.sampled_from([0.0, 0.5, 1.0])),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_first_met_is_what_a_loop_finds(cases):
    runs = [Run("done", tuple(measurement(i, *v) for i, v in enumerate(points))) for points, _ in cases]
    rows = [pack(run) for run in runs]
    block = decode((row[2], row[3], row[6], row[7]) for row in rows)
    found = first_met(block, [target for _, target in cases])
    for run, (_, target), first in zip(runs, cases, found, strict=True):
        expected = -1
        for i, m in enumerate(run.measurements):
            if target is None:
                break
            value = getattr(m, TARGETS[target[0]])
            if value <= target[1] if "loss" in target[0] else value >= target[1]:
                expected = i
                break
        assert first == expected
