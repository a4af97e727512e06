"""Network kinds with every hidden normalizer and dropout against torch's autograd in float64."""

import numpy as np
import pytest

from optbench.builtin.networks.autoencoder import Autoencoder
from optbench.builtin.networks.dlrm import DLRM
from optbench.builtin.networks.fourier_mlp import FourierMLP
from optbench.builtin.networks.ft_transformer import FTTransformer
from optbench.builtin.networks.graph import GCN, GIN
from optbench.builtin.networks.matrix_factorization import MatrixFactorization
from optbench.builtin.networks.mlp import MLP
from optbench.builtin.networks.mlp_mixer import MLPMixer
from optbench.builtin.networks.recurrent import RNN, GRUNetwork, LSTMNetwork
from optbench.builtin.networks.residual_mlp import ResidualMLP
from optbench.builtin.networks.resnet import ResNet
from optbench.builtin.networks.siren import Siren
from optbench.builtin.networks.transformer import Transformer
from optbench.builtin.networks.vae import VAE
from optbench.builtin.networks.vit import VisionTransformer
from optbench.builtin.regularizers.dropout import DropoutRegularizer
from optbench.contract.architecture import Extras, Inputs
from optbench.contract.components import HiddenNormalizer
from optbench.contract.dataset import UNCOUNTED
from optbench.contract.edges import Edges
from optbench.nn.activations import ACTIVATIONS
from optbench.nn.attention import SelfAttention, weights_prefix
from optbench.nn.batch_norm import BatchNorm
from optbench.nn.category_embedding import CategoryEmbedding
from optbench.nn.convolution import Convolution
from optbench.nn.dense import Dense
from optbench.nn.dropout import Dropout
from optbench.nn.embedding import Embedding
from optbench.nn.factorization import Factorization
from optbench.nn.feature_tokenizer import FeatureTokenizer
from optbench.nn.flatten import Flatten
from optbench.nn.fourier import FourierFeatures
from optbench.nn.graph_convolution import GraphConvolution
from optbench.nn.group_norm import GroupNorm
from optbench.nn.gru import GRU
from optbench.nn.held import prefix
from optbench.nn.latent import GaussianLatent
from optbench.nn.layer_norm import LayerNorm
from optbench.nn.losses import SequenceCrossEntropy, SoftmaxCrossEntropy
from optbench.nn.lstm import LSTM
from optbench.nn.neighbour_sum import NeighbourSum
from optbench.nn.network import Network
from optbench.nn.pairwise_products import PairwiseProducts
from optbench.nn.positions import MeanOverPositions, Patches, Places, SwapPositions
from optbench.nn.recurrent import Recurrent
from optbench.nn.residual import Residual
from optbench.nn.rms_norm import RMSNorm
from optbench.nn.sine import Sine
from optbench.nn.strided import GlobalAveragePooling, Projection, StridedConvolution
from optbench.nn.tanh_recurrence import TanhRecurrence
from optbench.nn.tied import Tied
from optbench.registry.registry import registry
from optbench.testing.gradcheck import difference, fill

torch = pytest.importorskip("torch")
F = torch.nn.functional

pytestmark = pytest.mark.oracle

TOLERANCE = 1e-10
NORMALIZERS = [
    name
    for name, entry in registry().components["normalizers"].items()
    if issubclass(entry.component, HiddenNormalizer)
]
TREE = Edges(6, np.array([[0, 1], [2, 1], [1, 3], [3, 4], [5, 4]]))
LONG = Edges(90, np.random.default_rng(1).integers(45, size=(60, 2)) + [0, 45])
KINDS = {
    "autoencoder": (Autoencoder((8,), 4, "tanh"), Inputs((7,))),
    "vae": (VAE((8,), 2, 0.7, "tanh"), Inputs((7,))),
    "residual mlp": (ResidualMLP(8, 3, "gelu"), Inputs((7,))),
    "residual mlp of images": (ResidualMLP(8, 2), Inputs((3, 2, 2))),
    "rnn": (RNN(8), Inputs((5, 4))),
    "gru": (GRUNetwork(8), Inputs((5, 3, 2))),
    "lstm": (LSTMNetwork(8), Inputs((5, 3, 2))),
    "rnn of tokens": (RNN(8, 6), Inputs((5,), vocabulary=9)),
    "rnn at every time": (RNN(8), Inputs((5, 4), 5)),
    "gru language model": (GRUNetwork(8, 6), Inputs((5,), 5, 4)),
    "lstm language model": (LSTMNetwork(8, 6), Inputs((5,), 5, 4)),
    "mlp of a table": (MLP((8,), "tanh"), Inputs((5,), categories=(4, 3))),
    "matrix factorization": (MatrixFactorization(4), Inputs((2,), categories=(4, 3))),
    "dlrm": (DLRM(8, (8,), (8, 16), activation="tanh"), Inputs((5,), categories=(4, 3, 5))),
    "dlrm of vectors": (DLRM(8, (8,), (8,), "cat"), Inputs((5,), categories=(4, 3, 5))),
    "dlrm without values": (DLRM(8, (8,), (8,), activation="gelu"), Inputs((3,), categories=(4, 3, 5))),
    "gcn": (GCN(8, 3, "tanh"), Inputs((6, 4), 6, edges=TREE)),
    "gcn of a sparse graph": (GCN(8), Inputs((90, 11), 90, edges=LONG)),
    "gin of one graph": (GIN(8, 1), Inputs((90, 3), 90, edges=LONG)),
    "gcn of graphs": (GCN(8, 2, "tanh"), Inputs((6, 3 + 6), graphs=True)),
    "gcn of graphs, product first": (GCN(8, 2), Inputs((6, 20 + 6), 6, graphs=True)),
    "gin": (GIN(8, 2, "gelu"), Inputs((6, 3 + 6), graphs=True)),
    "gin at every node": (GIN(8), Inputs((6, 3 + 6), 6, graphs=True)),
    "resnet": (ResNet((8, 16), 1, "tanh"), Inputs((5, 4, 2))),
    "resnet of two blocks": (ResNet((8, 8), 2), Inputs((4, 4, 1))),
    "siren": (Siren((8, 8), 5.0), Inputs((2,))),
    "fourier mlp": (FourierMLP(6, 1.0, 3, (8,), "sine"), Inputs((2,))),
    "fourier mlp of images": (FourierMLP(6, 1.0, 3, (8,)), Inputs((3, 2, 2))),
    "transformer": (Transformer(2, 8, 2, 2), Inputs((5,), 5, 4)),
    "transformer, normalized behind": (Transformer(2, 8, 4, 2, "relu", "post"), Inputs((5,), 5, 4)),
    "transformer with a tied head": (Transformer(1, 8, 2, 2, tied=True), Inputs((5,), 5, 4)),
    "transformer of sequences": (Transformer(1, 8, 2, 2, "gelu"), Inputs((5,), vocabulary=9)),
    "vit": (VisionTransformer(1, 8, 2, 2, patch=2), Inputs((4, 6, 2))),
    "mlp mixer": (MLPMixer(2, 2, 8, 8, 16), Inputs((4, 8, 2))),
    "ft-transformer": (FTTransformer(1, 8, 2, 2), Inputs((6,))),
    "ft-transformer of categories": (FTTransformer(1, 8, 2, 2), Inputs((6,), categories=(4, 3))),
    "ft-transformer of categories alone": (FTTransformer(1, 8, 2, 2), Inputs((2,), categories=(4, 3))),
}


def per_channel(p, x):
    return p.view(1, -1, *[1] * (x.ndim - 2))


#: our gates in the order of torch's rows
ORDER = {TanhRecurrence: [0], GRU: [0, 1, 2], LSTM: [1, 2, 3, 0]}


def recurrent(layer, x, own, times):
    """torch's own RNN, GRU or LSTM with our parameters, on (batch, channels, time, ...) or (batch x time, channels)."""
    if x.ndim == 2:
        x = x.unflatten(0, (-1, times)).transpose(1, 2)
    sequences = x.transpose(1, 2).flatten(2).transpose(0, 1)
    module = {TanhRecurrence: torch.nn.RNN, GRU: torch.nn.GRU, LSTM: torch.nn.LSTM}[type(layer)](
        sequences.shape[-1], layer.units, dtype=torch.float64
    )

    def rows(columns):
        gates = columns.reshape(*columns.shape[:-1], layer.gates, layer.units)[..., ORDER[type(layer)], :]
        return gates.flatten(-2).movedim(-1, 0)

    inner = torch.zeros(layer.gates * layer.units, dtype=torch.float64)
    if isinstance(layer, GRU):
        inner = torch.cat([inner[: 2 * layer.units], own["inner_bias"]])
    tensors = {"weight_ih_l0": rows(own["input"]), "weight_hh_l0": rows(own["hidden"])}
    tensors |= {"bias_ih_l0": rows(own["bias"]), "bias_hh_l0": inner}
    states = torch.func.functional_call(module, tensors, (sequences,))[0]
    return states.transpose(0, 1).flatten(0, 1) if layer.every else states[-1]


def attention(layer, x, own, masks, times):
    """With torch's scaled dot-product attention where weights are not dropped, and its softmax where they are."""
    q, k, v = (
        part.unflatten(0, (-1, times)).unflatten(2, (layer.heads, -1)).transpose(1, 2)
        for part in (x @ own["qkv"] + own["qkv_bias"]).chunk(3, dim=1)
    )
    if not layer.dropout:
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=layer.causal)
    else:
        scores = q @ k.transpose(2, 3) / q.shape[-1] ** 0.5
        if layer.causal:
            scores = scores.masked_fill(torch.ones(times, times).triu(1) > 0, -torch.inf)
        weights = scores.softmax(dim=-1)
        for number in range(len(layer.dropout)):
            mask = masks[weights_prefix(number) + "mask"][0].reshape(len(q), layer.heads, times, times)
            weights = weights * torch.tensor(mask.swapaxes(2, 3).copy())
        mixed = weights @ v
    return mixed.transpose(1, 2).flatten(2).flatten(0, 1) @ own["weight"] + own["bias"]
def adjacency(edges):
    a = torch.zeros(edges.nodes, edges.nodes, dtype=torch.float64)
    for first, second in edges.pairs:
        a[first, second] = a[second, first] = 1
    return a


class Peer:
    """What a network does, in torch on (batch, channels, …), with its parameters and its dropout masks."""

    def __init__(self, network, tensors, masks, times):
        self.network, self.tensors, self.masks, self.times = network, tensors, masks, times
        self.added = 0.0

    def __call__(self, x):
        self.given = x
        for number, layer in enumerate(self.network.layers):
            head = f"{number}.{type(layer).__name__.lower()}."
            own = {name.removeprefix(head): t for name, t in self.tensors.items() if name.startswith(head)}
            self.positions = self.network.chain.positions[number]
            x = self.layer(layer, x, own, self.masks[number])
        return x

    def way(self, name, layers, x, own, masks):
        examples = len(x) // self.positions
        for number, layer in enumerate(layers):
            head = prefix(name, number, layer)
            x = self.layer(
                layer, x, *({k.removeprefix(head): v for k, v in d.items() if k.startswith(head)} for d in (own, masks))
            )
            self.positions = len(x) // examples
        return x

    def layer(self, layer, x, own, masks):
        match layer:
            case Residual(body=body, shortcut=shortcut):
                return self.way("body", body, x, own, masks) + self.way("shortcut", shortcut, x, own, masks)
            case Dense():
                return x @ own["weight"] + own["bias"]
            case Convolution():
                return F.conv2d(x, own["weight"].permute(3, 2, 0, 1), own["bias"], padding=1)
            case StridedConvolution():
                return F.conv2d(x, own["weight"].permute(3, 2, 0, 1), own["bias"], padding=1, stride=2)
            case Projection(stride=stride):
                return F.conv2d(x, own["weight"].T[..., None, None], own["bias"], stride=stride)
            case GlobalAveragePooling():
                return x.mean((2, 3))
            case Recurrent():
                return recurrent(layer, x, own, self.times)
            case GraphConvolution(edges=edges) | NeighbourSum(edges=edges):
                count = self.given.shape[2]
                nodes = x.transpose(1, 2) if x.ndim == 3 else x.unflatten(0, (-1, count))
                if edges is None:
                    a, nodes = self.given[:, -count:], nodes[..., :-count] if x.ndim == 3 else nodes
                else:
                    a = adjacency(edges)
                a = a + torch.eye(count, dtype=torch.float64)
                if isinstance(layer, NeighbourSum):
                    return (a @ nodes).flatten(0, 1)
                scale = torch.diag_embed(a.sum(-1) ** -0.5)
                return (scale @ a @ scale @ nodes @ own["weight"] + own["bias"]).flatten(0, 1)
            case Embedding():
                return (F.embedding(x.long(), own["table"]) + own.get("places", 0)).flatten(0, 1)
            case CategoryEmbedding(categories=categories, body=body):
                found = [F.embedding(x[:, k].long(), own[f"table{k}"]) for k in range(len(categories))]
                return torch.cat([*found, self.way("body", body, x[:, len(categories) :], own, masks)], 1)
            case Factorization(units=units):
                i, j = x.long().T
                p, q = (own[name].unflatten(1, (-1, units)) for name in ("row_vectors", "column_vectors"))
                return (p[i] * q[j]).sum(2) + own["row_biases"][i] + own["column_biases"][j] + own["bias"]
            case PairwiseProducts(units=units, keep_last=keep_last):
                a = x.unflatten(1, (-1, units))
                i, j = torch.triu_indices(a.shape[1], a.shape[1], 1)
                products = (a @ a.mT)[:, i, j]
                return torch.cat([products, a[:, -1]], 1) if keep_last else products
            case FeatureTokenizer(categories=categories):
                parts = [F.one_hot(x[:, j].long(), n).double() for j, n in enumerate(categories)]
                tables = own["table"].split(categories) if categories else ()
                found = [(part @ table)[:, None] for part, table in zip(parts, tables, strict=True)]
                if len(categories) < x.shape[1]:
                    found.append(x[:, len(categories) :, None] * own["weight"])
                return (torch.cat(found, 1) + own["bias"]).flatten(0, 1)
            case Tied(embedding=embedding, body=body, outputs=outputs):
                h = self.way("tied", (embedding, *body), x, own, masks)
                return h @ own["tied.0.embedding.table"][:outputs].T
            case SelfAttention():
                return attention(layer, x, own, masks, self.positions)
            case Patches(size=size):
                return F.unfold(x, size, stride=size).transpose(1, 2).flatten(0, 1)
            case Places(count=count):
                return (x.unflatten(0, (-1, count)) + own["places"]).flatten(0, 1)
            case SwapPositions(count=count):
                return x.unflatten(0, (-1, count)).transpose(1, 2).flatten(0, 1)
            case MeanOverPositions():
                return x.unflatten(0, (-1, self.positions)).mean(1)
            case BatchNorm():
                return F.batch_norm(x, None, None, own["scale"], own["shift"], training=True, eps=1e-5)
            case LayerNorm():
                hat = F.layer_norm(x, x.shape[1:], eps=1e-5)
                return hat * per_channel(own["scale"], x) + per_channel(own["shift"], x)
            case GroupNorm():
                return F.group_norm(x, layer.groups, own["scale"], own["shift"], eps=1e-5)
            case RMSNorm():
                return F.rms_norm(x, x.shape[1:], eps=1e-5) * per_channel(own["scale"], x)
            case Dropout():
                return x * torch.tensor(np.moveaxis(masks["mask"][0], -1, 0).copy())
            case FourierFeatures():
                angle = 2 * np.pi * x @ torch.tensor(layer.frequencies(x.shape[1]))
                return torch.cat([angle.cos(), angle.sin()], 1)
            case Sine(omega=omega):
                return torch.sin(omega * x)
            case GaussianLatent(beta=beta):
                mean, log = x.chunk(2, 1)
                normal = torch.distributions.Normal(mean, (log / 2).exp())
                kl = torch.distributions.kl_divergence(normal, torch.distributions.Normal(0.0, 1.0))
                self.added = self.added + beta * kl.sum(1).mean()
                return mean + normal.scale * torch.tensor(masks["noise"][0].T.copy())
            case Flatten():
                return x.flatten(1)
        name = next(n for n, a in ACTIVATIONS.items() if type(layer) is a)
        if name.startswith("gelu"):
            return F.gelu(x, approximate="tanh" if name == "gelu_tanh" else "none")
        return getattr(torch, name)(x)


@pytest.mark.parametrize("normalizer", NORMALIZERS)
@pytest.mark.parametrize("name", list(KINDS))
def test_gradient(name, normalizer):
    kind, inputs = KINDS[name]
    loss = SequenceCrossEntropy if inputs.positions > 1 else SoftmaxCrossEntropy
    rng = np.random.default_rng(2)
    extras = Extras([registry().create("normalizers", {"name": normalizer}), DropoutRegularizer(0.8)])
    network = Network(kind.layers(inputs, 3, extras), inputs.shape, loss)
    params = rng.normal(size=(1, network.layout.size)) * 0.5
    grads = np.zeros_like(params)
    graph = network.bind(params, grads, network.initial_state(1, params.dtype), 7, [rng])
    fill(graph, rng, inputs)
    x = (graph.x[0, ..., :-1] if network.wide else graph.x[0]).copy()
    labels = graph.targets[0].astype(int) if loss.numbers else graph.targets[0] * 7
    graph.forward()
    graph.backward()

    views = network.layout.views(params[0])
    tensors = {key: torch.tensor(v.copy(), requires_grad=True) for key, v in views.items()}
    given = torch.tensor(x if inputs.vocabulary else np.moveaxis(x, -1, 1).copy())
    peer = Peer(network, tensors, graph.memory, inputs.shape[0])
    logits = peer(given)
    wanted = torch.tensor(labels.reshape(-1) if loss.numbers else labels.copy())
    value = F.cross_entropy(logits, wanted, ignore_index=UNCOUNTED if loss.numbers else -100) + peer.added
    value.backward()
    flat = np.concatenate([t.grad.numpy().reshape(-1) for t in tensors.values()])
    assert difference(graph.logits[0], logits.detach().numpy()) < TOLERANCE
    assert graph.value()[0] == pytest.approx(value.item(), rel=TOLERANCE)
    assert difference(grads[0], flat) < TOLERANCE
