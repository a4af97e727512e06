"""Attention and blocks of transformers against torch's own modules, forward and backward, in float64."""

import numpy as np
import pytest

from optbench.builtin.networks.transformer import Transformer
from optbench.contract.architecture import Extras, Inputs
from optbench.nn.attention import SelfAttention
from optbench.nn.dense import Dense
from optbench.nn.embedding import Embedding
from optbench.nn.losses import SequenceCrossEntropy
from optbench.nn.network import Network
from optbench.testing.gradcheck import difference, fill

torch = pytest.importorskip("torch")

pytestmark = pytest.mark.oracle

TOLERANCE = 1e-10
TIMES, UNITS, BATCH = 7, 8, 5
INPUTS = Inputs((TIMES,), TIMES, 9)


def trained(layers, factor=1.0):
    """A graph after a step; queries and keys are `factor` times as large as they are elsewhere."""
    network, rng = Network(layers, (TIMES,), SequenceCrossEntropy), np.random.default_rng(4)
    params = rng.normal(size=(1, network.layout.size)) * 0.5
    for tensor in network.layout:
        if tensor.name.endswith("qkv"):
            params[0, tensor.slice].reshape(tensor.shape)[:, : 2 * UNITS] *= factor
    graph = network.bind(params, np.zeros_like(params), network.initial_state(1, params.dtype), BATCH)
    fill(graph, rng, INPUTS)
    with np.errstate(over="ignore", invalid="ignore"):
        graph.forward()
        graph.backward()
    return graph


def module_and_gradients(module, names, graph, run, last):
    """Our outputs of layer `last` and its parameters' gradients against those of the module on the first's outputs."""
    shape = BATCH, TIMES, UNITS
    tensors, grads = ({n: t[0] for n, t in a.items()} for a in (wires_of(graph, "params"), wires_of(graph, "grads")))
    state = {theirs: torch.tensor(tensors[ours].T.copy()) for theirs, ours in names.items()}
    module.load_state_dict(state)
    x = torch.tensor(np.array(graph.outputs[0][0]).reshape(shape))
    y = run(module, x)
    assert difference(graph.outputs[last][0].reshape(shape), y.detach().numpy()) < TOLERANCE
    y.backward(torch.tensor(np.array(graph.ops[last].wires.dy[0]).reshape(shape)))
    for theirs, ours in names.items():
        found = dict(module.named_parameters())[theirs].grad.numpy().T
        assert difference(grads[ours], found) < TOLERANCE, theirs


def wires_of(graph, which):
    layout = graph.network.layout
    return layout.views(getattr(graph, which))


MHA = {"in_proj_weight": "qkv", "in_proj_bias": "qkv_bias", "out_proj.weight": "weight", "out_proj.bias": "bias"}


@pytest.mark.parametrize("factor", [1.0, 30.0], ids=["", "scores that overflow"])
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("heads", [1, 2, 4])
def test_multihead_attention(heads, causal, factor):
    graph = trained([Embedding(9, UNITS), SelfAttention(heads, causal), Dense(3)], factor)
    module = torch.nn.MultiheadAttention(UNITS, heads, batch_first=True, dtype=torch.float64)
    mask = torch.ones(TIMES, TIMES, dtype=torch.bool).triu(1) if causal else None
    names = {theirs: f"1.selfattention.{ours}" for theirs, ours in MHA.items()}
    module_and_gradients(module, names, graph, lambda m, x: m(x, x, x, attn_mask=mask, need_weights=False)[0], 1)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("norm", ["pre", "post"])
def test_transformer_encoder_layer(norm, causal):
    kind = Transformer(1, UNITS, 2, 3, "gelu", norm)
    blocks = kind.blocks(TIMES, Extras(), causal)
    blocks = blocks[:-1] if norm == "pre" else blocks  # torch leaves the norm behind the last block to its user
    graph = trained([Embedding(9, UNITS), *blocks, Dense(3)])
    module = torch.nn.TransformerEncoderLayer(
        UNITS, 2, 3 * UNITS, 0.0, "gelu", batch_first=True, norm_first=norm == "pre", dtype=torch.float64
    )
    mask = torch.ones(TIMES, TIMES, dtype=torch.bool).triu(1) if causal else None
    # Within the residual blocks a normalizer comes first, or none.
    first, second = (1, 2) if norm == "pre" else (1, 3)
    at = 1 if norm == "pre" else 0
    names = {f"self_attn.{t}": f"{first}.residual.body.{at}.selfattention.{o}" for t, o in MHA.items()}
    for theirs, number in (("linear1", at), ("linear2", at + 2)):
        names |= {f"{theirs}.{p}": f"{second}.residual.body.{number}.dense.{p}" for p in ("weight", "bias")}
    for theirs, block in (("norm1", first), ("norm2", second)):
        place = f"{block}.residual.body.0.layernorm" if norm == "pre" else f"{block + 1}.layernorm"
        names |= {f"{theirs}.weight": f"{place}.scale", f"{theirs}.bias": f"{place}.shift"}
    module_and_gradients(module, names, graph, lambda m, x: m(x, src_mask=mask), len(blocks))
