"""Every optimizer that is offered, beside plain torch: contiguous tensors, fresh gradients, no bridge."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from experiment import bridged_steps, plain_steps, start  # noqa: E402
from optbench_torch import catalog  # noqa: E402
from optbench_torch.habits import WHY  # noqa: E402

from optbench import Deferred, Unavailable  # noqa: E402
from optbench.testing import check_is_a_component  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")  # the foreign libraries' own
OFFERED = list(catalog.optimizers())
#: one method waits ten steps before it moves
STEPS = 12
USABLE = {item.name: item for item in OFFERED if isinstance(item, Deferred)}


def made(name):
    if name.startswith("pytorch-optimizer/"):
        pytest.importorskip("pytorch_optimizer")
    return USABLE[name].make()()


@pytest.mark.parametrize("name", USABLE)
def test_the_bridge_takes_plain_torchs_steps(name):
    optimizer = made(name)
    check_is_a_component(optimizer)
    theirs, ours = plain_steps(optimizer, STEPS), bridged_steps(optimizer, STEPS)
    moved = np.abs(theirs - start()).max()
    assert moved > 0
    assert np.abs(ours - theirs).max() <= 1e-9 * moved


@pytest.mark.parametrize("name", USABLE)
def test_a_saved_run_goes_on_with_the_same_bits(name):
    optimizer = made(name)
    assert bridged_steps(optimizer, 6).tobytes() == bridged_steps(optimizer, 6, resume_at=3).tobytes()


def test_the_table_has_every_class_of_torch():
    names = {n.partition("/")[2] for n in catalog.table() if n.startswith("torch/")}
    here = {c.lower() for c in dir(torch.optim) if isinstance(getattr(torch.optim, c), type)} - {"optimizer"}
    assert {name.replace("-", "") for name in names} >= here
    assert len(names) == 15


def test_the_table_has_every_class_of_pytorch_optimizer():
    library = pytest.importorskip("pytorch_optimizer")
    names = {n.partition("/")[2] for n in catalog.table() if n.startswith("pytorch-optimizer/")}
    assert names >= set(library.get_supported_optimizers()) or library.__version__ != "4.1.0"
    usable = [n for n in USABLE if n.startswith("pytorch-optimizer/")]
    assert len(usable) >= 100
    reasons = [item.reason for item in OFFERED if isinstance(item, Unavailable)]
    assert len(usable) + len(reasons) == len(names)
    assert all(len(reason) > 20 for reason in reasons)


def test_reasons_are_of_what_was_measured():
    """After a new survey a reason may have lost what it explains."""
    table = catalog.table()
    for check, reasons in WHY.items():
        for name in reasons:
            assert check in table[name]["departs"], (name, check)
    said = USABLE["torch/rprop"].make().expected_failures["check_obeys_the_schedule"]
    assert said.startswith("params move at a factor of 0: lr is the length")
