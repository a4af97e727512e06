"""What `optbench data` says."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from optbench.contract.dataset import Dataset
from optbench.lab.holdings import Holdings
from optbench.report.words.toml import inline
from optbench.training.preparation import prepare
from optbench.training.split import Split

#: images side by side, and their greatest width, in a terminal
IMAGES, COLUMNS = 5, 14
SHADES = " .:-=+*#%@"
EXAMPLES = 3


def data_lines(held: Holdings, dataset: Dataset) -> Iterator[str]:
    """Line by line: what it is, what it holds, some examples, and how a suite names it."""
    yield f"{held.name}: {held.source}"
    total = sum(held.examples.values())
    shares = ", ".join(f"{count:,} for {name}" for name, count in held.examples.items())
    yield f"  {'nodes' if held.task == 'nodes' else 'examples':<11} {total:,} ({shares})"
    yield f"  inputs      {_inputs(held)}"
    yield f"  task        {held.task}: loss {held.loss}, metric {held.metric}"
    if held.classes:
        most = list(held.classes.items())
        shown = ", ".join(f"{name} {count:,}" for name, count in most[:10])
        yield f"  classes     {len(most)}: {shown}{', …' if len(most) > 10 else ''}"
    if held.target:
        yield f"  target      {_span(held.target)}"
    for number, feature in enumerate(held.features):
        yield f"  {'features' if not number else '':<11} {feature['name']:<16} {_span(feature)}"
    if held.features and (rest := held.shape[0] - len(held.features)) > 0:
        yield f"  {'':<11} and {rest} more"
    for name, text in held.provenance.items():
        yield f"  {name:<11} {text}"
    yield f"  content     {held.sha256}"
    yield ""
    yield from _examples(held, dataset)
    yield ""
    yield f"in a suite: dataset = {inline({'name': held.name, **_given(dataset)})}"


def _inputs(held: Holdings) -> str:
    if held.vocabulary:
        return f"{held.shape[0]} tokens of a vocabulary of {held.vocabulary:,}"
    if held.categories:
        rest = held.shape[0] - len(held.categories)
        return f"{len(held.categories)} categories (of {', '.join(map(str, held.categories))}) and {rest} values"
    if held.task == "nodes":
        return f"a graph of {held.shape[0]} nodes with {held.shape[1]} features each"
    if len(held.shape) == 3:
        return f"images of {held.shape[0]} x {held.shape[1]}, {held.shape[2]} channels"
    return f"{held.shape[0]} features" if len(held.shape) == 1 else f"arrays of shape {held.shape}"


def _span(values: dict[str, Any]) -> str:
    return f"{values['least']:.4g} to {values['greatest']:.4g}, mean {values['mean']:.4g}"


def _given(dataset: Dataset) -> dict[str, Any]:
    """Settings that are not the defaults; a task that was inferred is said."""
    defaults = {name: spec.default for name, spec in dataset.hyperparameters().items()}
    plain = {name: tuple(v) if isinstance(v, list) else v for name, v in dataset.settings().items()}
    return {name: list(v) if isinstance(v, tuple) else v for name, v in plain.items() if v != defaults.get(name)}


def _examples(held: Holdings, dataset: Dataset) -> Iterator[str]:
    data = prepare(dataset, Split(), dtype=np.float64)
    x, y = data.x_train, data.y_train
    if data.task == "nodes":
        rows = np.flatnonzero(y[0] >= 0)[:EXAMPLES]
        x, y = x[0][rows], y[0][rows][:, None]
    if len(held.shape) == 3:
        yield from _images(x[:IMAGES].mean(axis=-1))
        return
    for row, target in zip(x[:EXAMPLES], y[:EXAMPLES], strict=True):
        values = " ".join(f"{v:.4g}" for v in row.reshape(-1)[:8])
        more = " …" if row.size > 8 else ""
        wanted = target.argmax() if data.task == "classification" else " ".join(f"{v:.4g}" for v in target[:8])
        yield f"  {values}{more}  ->  {wanted}{' …' if target.size > 8 and data.task != 'classification' else ''}"


def _images(images: np.ndarray) -> Iterator[str]:
    """Grey levels as characters, images side by side; large ones are thinned."""
    step = max(1, -(-images.shape[2] // COLUMNS))
    small = images[:, ::step, ::step]
    low, high = float(small.min()), float(small.max())
    shades = ((small - low) / max(high - low, 1e-12) * (len(SHADES) - 1)).round().astype(int)
    for line in range(shades.shape[1]):
        yield "  " + "  ".join("".join(SHADES[v] for v in image[line]) for image in shades)
