"""The transformer on tokens: a language model, and a classifier of sequences."""

from dataclasses import dataclass

from optbench.builtin.networks.blocks import AttentionNetwork
from optbench.contract.architecture import Extras, Inputs
from optbench.contract.hyperparameters import ComponentError, hyper
from optbench.contract.layer import Layer
from optbench.nn.dense import Dense
from optbench.nn.embedding import Embedding
from optbench.nn.positions import MeanOverPositions
from optbench.nn.tied import Tied


@dataclass(frozen=True)
class Transformer(AttentionNetwork):
    """Tokens and learned places are embedded; then blocks, each x + attention(x), x + g(x W + b) V + c; then a product.

    Where every position has a target (a language model), attention is causal, and the product is at every position.
    Where the sequence has one, attention looks both ways, and the product is of the mean over positions. The context is
    as long as the dataset's examples. Layer norm is part of the network, before each part of a block and behind the
    last block (`norm` "pre", GPT-2's), or behind each sum ("post", of the first transformers); a candidate's own
    normalizers take its place. Dropout acts where GPT-2 has it: on embeddings, on the weights of attention, and on what
    each part of a block adds.
    """

    name = "transformer"
    reference = "Vaswani et al. 2017, Attention is all you need; Radford et al. 2019 (GPT-2)"
    reads = ("tokens",)
    every = True

    tied: bool = hyper(False, help="of a language model: the product is with the embedding's table, without a bias")

    def layers(self, inputs: Inputs, outputs: int, extras: Extras) -> list[Layer]:
        embedding = Embedding(inputs.vocabulary, self.width, places=True)
        causal = inputs.positions > 1
        body = self.blocks(inputs.shape[0], extras, causal)
        if causal and self.tied:
            if outputs > inputs.vocabulary:
                raise ComponentError(
                    f"network transformer: tied = true needs a token for each class, but there are {outputs} classes "
                    f"and a vocabulary of {inputs.vocabulary}; leave it out"
                )
            return [Tied(embedding, tuple(body), outputs)]
        return [embedding, *body, *([] if causal else [MeanOverPositions()]), Dense(outputs)]
