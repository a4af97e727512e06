"""Each built-in optimizer and what it is measured beside: torch, else pytorch_optimizer, else optax.

Settings are our defaults, and the peer's are set to the same method as far as it goes.
"""

from dataclasses import dataclass
from typing import Any

from optbench.builtin import optimizers as own
from optbench.contract.components import Optimizer
from peers.updating.peers import Peer, library, of_torch, optax, torch

BETAS = (0.9, 0.999)
#: of Adam against torch's fused update, which goes through everything once
FUSED = {"8k": 1.0, "235k": 1.0, "1m": 1.3}


@dataclass(frozen=True)
class Case:
    """Our optimizer and a peer.

    others   further peers
    fused    the peer's name and settings, where it has a fused update too
    curved   gradients depend on the parameters, since the method looks elsewhere
    same     both come to the same parameters
    period   of updates that do more than others, such as the roots of Shampoo's matrices: a turn has whole periods
    rounds   at most so many, where an update takes long
    """

    ours: Optimizer
    peer: Peer
    others: tuple[Peer, ...] = ()
    fused: tuple[str, dict[str, Any]] | None = None
    curved: bool = False
    same: bool = True
    period: int = 1
    rounds: int = 1000

    def peers(self, size: str) -> tuple[Peer, ...]:
        if self.fused is None:
            return self.peer, *self.others
        name, settings = self.fused
        return self.peer, torch(name, fused=FUSED[size], **settings)


def both(ours: Optimizer, name: str, **settings: Any) -> Case:
    """torch's default and its fused update."""
    return Case(ours, torch(name, **settings), fused=(name, settings))


def muon(tensors: Any, closure: Any) -> Any:
    """torch's for hidden matrices, AdamW for the rest: biases, and the last layer's weights."""
    import torch

    hidden = [t for t in tensors if t.ndim == 2 and t is not tensors[-2]]
    rest = [t for t in tensors if all(t is not other for other in hidden)]
    steps = [
        torch.optim.Muon(hidden, lr=0.02, weight_decay=0.0).step,
        torch.optim.AdamW(rest, lr=0.003, betas=(0.9, 0.95), eps=1e-10, weight_decay=0.0).step,
    ]
    return lambda: [step() for step in steps]


def wide_muon(tensors: Any, closure: Any) -> Any:
    """The same in our float32: torch's iterates in bfloat16, which some processors multiply four times as fast."""
    import torch

    step, narrow = muon(tensors, closure), torch.Tensor.bfloat16

    def wide() -> None:
        torch.Tensor.bfloat16 = torch.Tensor.clone
        try:
            step()
        finally:
            torch.Tensor.bfloat16 = narrow

    return wide


def lookahead(tensors: Any, closure: Any) -> Any:
    import torch
    from pytorch_optimizer import Lookahead

    return Lookahead(torch.optim.Adam(tensors, lr=0.001), k=5, alpha=0.5).step


def sam(tensors: Any, closure: Any) -> Any:
    import torch
    from pytorch_optimizer import SAM

    peer = SAM(tensors, torch.optim.SGD, rho=0.05, lr=0.01, momentum=0.9)
    return lambda: peer.step(closure)


def sophia(tensors: Any, closure: Any) -> Any:
    """With the estimate by two gradients, as ours: its own needs the graph of the gradient."""
    import torch
    from pytorch_optimizer import SophiaH

    peer, number = SophiaH(tensors, lr=0.001 * 100, p=0.01, weight_decay=0.0), 0

    def estimate() -> list[torch.Tensor]:
        signs = [torch.randint(0, 2, t.shape).mul_(2).sub_(1).to(t.dtype) for t in tensors]
        grads = [t.grad.clone() for t in tensors]
        torch._foreach_add_(tensors, signs, alpha=1e-3)
        closure()
        there = [t.grad.clone() for t in tensors]
        torch._foreach_add_(tensors, signs, alpha=-2e-3)
        closure()
        for tensor, sign, ahead, grad in zip(tensors, signs, there, grads, strict=True):
            ahead.sub_(tensor.grad).mul_(sign).mul_(500)
            tensor.grad.copy_(grad)
        torch._foreach_add_(tensors, signs, alpha=1e-3)
        return there

    def step() -> None:
        nonlocal number
        with torch.no_grad():
            peer.step(hessian=estimate() if number % 10 == 0 else None)
        number += 1

    return step


def averaged(ema: bool) -> Any:
    """torch's running averages of the parameters: exponential, or equal."""

    def made(tensors: Any) -> Any:
        from torch import nn
        from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

        model = nn.ParameterList(tensors)
        # A tensor with a gradient becomes a parameter of the same memory, which the optimizer moves.
        average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.99) if ema else None)
        return lambda: average.update_parameters(model)

    return made


def latest(tensors: Any) -> Any:
    """The mean of the last six weights, as the copies that a user of torch would keep."""
    import torch

    kept: list[Any] = []

    def average() -> Any:
        with torch.no_grad():
            kept.append([t.clone() for t in tensors])
            del kept[:-6]
            mean = [t.clone() for t in kept[0]]
            for other in kept[1:]:
                torch._foreach_add_(mean, other)
            torch._foreach_div_(mean, len(kept))
        return mean

    return average


def clip_norm(tensors: Any) -> None:
    from torch.nn.utils import clip_grad_norm_

    clip_grad_norm_(tensors, 1.0)


def clip_value(tensors: Any) -> None:
    from torch.nn.utils import clip_grad_value_

    clip_grad_value_(tensors, 0.1)


LIBRARY = ("torch", "pytorch_optimizer")
HEAVY = {"lr": 0.01, "momentum": 0.9}
CASES = {
    "sgd": both(own.SGD(), "SGD", lr=0.1),
    "asgd": Case(own.ASGD(start=0.0), torch("ASGD", lr=0.1, lambd=0.0, alpha=0.0, t0=0.0)),
    "momentum": both(own.Momentum(), "SGD", lr=0.1 * (1 - 0.9), momentum=0.9),
    "heavy-ball": both(own.HeavyBall(), "SGD", **HEAVY),
    "nesterov": both(own.Nesterov(), "SGD", **HEAVY, nesterov=True),
    "lars": Case(own.LARS(), library("LARS", lr=0.1, trust_coefficient=0.02, weight_decay=1e-4)),
    "schedule-free-sgd": Case(own.ScheduleFreeSGD(), library("ScheduleFreeSGD", lr=1.0)),
    "signum": Case(own.Signum(), library("SignSGD", lr=0.001)),
    # d0: steps that are long enough to compare in float32; curved: there is a solution, and d stays finite.
    "d-adapt-sgd": Case(own.DAdaptSGD(start=0.01), library("DAdaptSGD", d0=0.01), curved=True),
    "adagrad": both(own.AdaGrad(), "Adagrad", lr=0.01),
    "rmsprop": Case(own.RMSprop(), torch("RMSprop", lr=0.01)),
    "rmsprop-inside": Case(
        own.RMSpropInside(), optax("rmsprop", learning_rate=0.001, decay=0.9, eps=1e-8, eps_in_sqrt=True)
    ),
    "adadelta": Case(own.Adadelta(), torch("Adadelta", lr=1.0)),
    "adam": both(own.Adam(), "Adam", lr=0.001),
    "adamw": both(own.AdamW(), "AdamW", lr=0.001),
    "amsgrad": both(own.AMSGrad(), "Adam", lr=0.001, amsgrad=True),
    "adamax": Case(own.Adamax(), torch("Adamax", lr=0.002)),
    "nadam": Case(own.NAdam(), torch("NAdam", lr=0.002)),
    "nadamw": Case(own.NAdamW(), torch("NAdam", lr=0.002, weight_decay=0.01, decoupled_weight_decay=True)),
    "radam": Case(own.RAdam(), torch("RAdam", lr=0.001)),
    "adabelief": Case(own.AdaBelief(), library("AdaBelief", lr=0.001, betas=BETAS)),
    "adan": Case(own.Adan(), library("Adan", lr=0.001, weight_decay=0.02)),
    "ademamix": Case(
        own.AdEMAMix(warmup=0.0, reach=1e9), library("AdEMAMix", lr=0.001, weight_decay=0.01, weight_decouple=True)
    ),
    "mars": Case(own.MARS(), library("MARS", lr=0.003, weight_decay=0.01, optimize_1d=True), same=False),
    "amos": Case(own.Amos(), library("Amos", lr=0.01), same=False),
    "lamb": Case(
        own.LAMB(), library("Lamb", lr=0.01, weight_decay=0.01, weight_decouple=False, max_grad_norm=0.0), same=False
    ),
    "schedule-free-adamw": Case(own.ScheduleFreeAdamW(), library("ScheduleFreeAdamW", lr=0.0025)),
    "d-adapt-adam": Case(own.DAdaptAdam(), library("DAdaptAdam", bias_correction=True), curved=True),
    "prodigy": Case(own.Prodigy(), library("Prodigy"), curved=True),
    "adafactor": Case(own.Adafactor(), torch("Adafactor", eps=(1e-8, 1e-3))),
    "muon": Case(
        own.Muon(),
        of_torch("torch Muon, and AdamW for the rest", muon),
        others=(of_torch("the same in float32", wide_muon),),
        same=False,
        rounds=41,
    ),
    "shampoo": Case(
        own.Shampoo(beta=0.0, largest=1000),
        library("Shampoo", lr=0.1, matrix_eps=1e-4, preconditioning_compute_steps=10),
        same=False,
        period=10,
        rounds=11,
    ),
    "caspr": Case(
        own.CASPR(beta=0.0, largest=1000),
        library("Shampoo", lr=0.1, matrix_eps=1e-4, preconditioning_compute_steps=10),
        same=False,
        period=10,
        rounds=11,
    ),
    "soap": Case(own.SOAP(largest=1000), library("SOAP"), same=False, period=10, rounds=11),
    "kron": Case(own.Kron(largest=1000), library("Kron"), same=False, period=10, rounds=11),
    "sophia": Case(
        own.Sophia(decay=0.0),
        of_torch("pytorch_optimizer SophiaH", sophia, LIBRARY),
        curved=True,
        same=False,
        period=10,
    ),
    "lbfgs": Case(
        own.LBFGS(),
        torch("LBFGS", closure=True, lr=1.0, max_iter=1, max_eval=26, history_size=10, line_search_fn="strong_wolfe"),
        curved=True,
        same=False,
    ),
    "clip-value": Case(own.ClipValue(), torch("SGD", before=clip_value, **HEAVY)),
    "clip-norm": Case(own.ClipNorm(), torch("SGD", before=clip_norm, **HEAVY)),
    "ema": Case(own.EMA(), torch("Adam", after=averaged(True), lr=0.001)),
    "swa": Case(own.SWA(start=0.0), torch("SGD", after=averaged(False), lr=0.1 * (1 - 0.9), momentum=0.9)),
    "lawa": Case(own.LAWA(every=1e-9), torch("Adam", after=latest, lr=0.001)),
    "lookahead": Case(own.Lookahead(), of_torch("pytorch_optimizer Lookahead", lookahead, LIBRARY), period=5),
    "cautious": Case(own.Cautious(), library("AdEMAMix", lr=0.001, alpha=0.0, cautious=True)),
    "sam": Case(own.SAM(), of_torch("pytorch_optimizer SAM", sam, LIBRARY), curved=True),
}
