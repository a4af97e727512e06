"""What the bridge offers, without an import of torch, and what it says of what it cannot offer."""

import subprocess
import sys

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from foreign import LAYOUT, Recorder, at_work  # noqa: E402
from optbench_torch import catalog, library  # noqa: E402
from optbench_torch.spec import FLAGS, Spec  # noqa: E402

from optbench import ComponentError, Deferred, OptbenchError, Unavailable  # noqa: E402
from optbench.testing import registry_of  # noqa: E402


def test_registration_imports_nothing():
    code = (
        "import sys, optbench_torch\n"
        "from optbench.testing import registry_of\n"
        "offered = registry_of(optbench_torch, built_ins=False).components['optimizers'].values()\n"
        "made = [entry.component.hyperparameters() for entry in offered]\n"
        "print(len(made), [m for m in ('torch', 'pytorch_optimizer') if m in sys.modules])"
    )
    code = f"import sys; sys.path[:0] = {sys.path!r}\n{code}"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    count, imported = answer.stdout.split(" ", 1)
    assert imported.strip() == "[]"
    assert int(count) >= 15


def test_what_is_not_installed_is_said(monkeypatch):
    monkeypatch.setattr(library, "folder", lambda name: None if name == "pytorch_optimizer" else library.Path("/"))
    found = {item.name: item for item in catalog.optimizers()}
    assert isinstance(found["pytorch-optimizer/lion"], Unavailable)
    assert "pip install 'optbench-torch[pytorch-optimizer]'" in found["pytorch-optimizer/lion"].reason
    assert "does not have it" in found["torch/muon"].reason
    monkeypatch.undo()
    assert isinstance(next(catalog.optimizers()), Deferred)


def test_an_optimizers_bare_name_is_near_that_of_the_library_that_has_it():
    pytest.importorskip("pytorch_optimizer")
    import optbench_torch

    offered = registry_of(optbench_torch)
    assert "lion" not in offered.components["optimizers"]
    with pytest.raises(OptbenchError, match=r"there is no optimizer 'lion'; did you mean 'pytorch-optimizer/lion'\?"):
        offered.entry("optimizers", "lion")


def test_an_older_constructor_without_an_argument_is_a_settings_error():
    cls = catalog.component("test/old", Spec("torch.optim:SGD", {"lr": 0.1, "sharpness": 1.0}), "torch", "A test.")
    with pytest.raises(ComponentError, match=r"test/old: .*sharpness"):
        cls().init(np.zeros(LAYOUT.size), LAYOUT)


def test_the_bridges_own_cost_is_measured():
    for flags in ({"flat"}, set(), {"copy"}, {"closure"}):
        optimizer, params, _, _, _ = at_work(Recorder, flags=frozenset(flags))
        assert 1e-7 < optimizer.bridge_seconds(params, LAYOUT) < 0.1


def test_one_thread():
    library.torch_module()
    assert torch.get_num_threads() == 1


def test_what_a_checkpoint_cannot_hold_is_an_error():
    optimizer, _, _, state, _ = at_work(Recorder)
    torch_optimizer = state["torch"].optimizers[0]
    torch_optimizer.state[state["torch"].tensors[0]]["odd"] = object()
    with pytest.raises(OptbenchError, match="its state holds a object"):
        optimizer.save(state)


def test_the_flags_are_explained():
    used = {flag for record in catalog.table().values() for flag in record.get("flags", ())}
    assert used <= set(FLAGS)
